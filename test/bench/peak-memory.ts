const HOOK = `import{readFileSync}from'node:fs';import{isMainThread}from'node:worker_threads';isMainThread&&process.on('exit',()=>console.error(/VmHWM.*/.exec(readFileSync('/proc/self/status','utf8'))[0]))`;

/** For the environment of a Node that is to tell at its end, on stderr, how much memory it ever had; nothing without /proc. */
export const TELLS_PEAK: Readonly<Record<string, string>> =
  process.platform === 'linux' ? { NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(HOOK)}` } : {};

/** What such a Node told, in MB; undefined where it told nothing. */
export function peakMbIn(stderr: string): number | undefined {
  const kilobytes = /^VmHWM:\s+(\d+)/m.exec(stderr)?.[1];
  return kilobytes === undefined ? undefined : (Number(kilobytes) * 1024) / 1_000_000;
}
