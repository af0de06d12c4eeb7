import { type ChildProcess, spawn } from 'node:child_process';
import { getEventListeners, once } from 'node:events';
import { tmpdir } from 'node:os';
import { describe, expect, test, vi } from 'vitest';
import { type ProcessOrder, runProcess } from '../../../src/work/claude/process.ts';
import { isAlive } from '../../support/living.ts';
import { PATIENCE } from '../../support/patience.ts';

const MODULE = new URL('../../../src/work/claude/process.ts', import.meta.url).href;

describe('a process', () => {
  test('gets its input and gives its output, errors and exit status', async () => {
    const { end, stdout } = await runScript(
      'process.stdin.pipe(process.stdout); console.error("hm"); process.exitCode = 4',
      {
        input: 'ping',
      },
    );
    expect(stdout).toBe('ping');
    expect(end).toEqual({ exitCode: 4, signalName: undefined, stopped: undefined, stderr: 'hm\n' });
  });

  test('that a signal ended tells which', async () => {
    const { end } = await runScript('process.kill(process.pid, "SIGKILL")');
    expect(end).toMatchObject({ exitCode: undefined, signalName: 'SIGKILL', stopped: undefined });
  });

  test('that floods stderr is kept by its last words', async () => {
    const { end } = await runScript('process.stderr.write("x".repeat(1e6) + "the end")');
    expect(end.stderr).toHaveLength(64 * 1024);
    expect(end.stderr.endsWith('the end')).toBe(true);
  });

  test('that cannot be started is a named failure', async () => {
    const start = runProcess({ ...order(''), program: tmpdir() });
    await expect(start).rejects.toMatchObject({ name: 'RunError', kind: 'unsupported', cause: { code: 'EACCES' } });
    const long = runProcess({ ...order(''), arguments: ['-e', '', 'x'.repeat(4_000_000)] });
    await expect(long).rejects.toMatchObject({
      name: 'RunError',
      kind: 'not_started',
      message: expect.stringContaining('E2BIG'),
    });
  });

  test('that ignores SIGTERM is killed after the grace', async () => {
    const code = 'process.on("SIGTERM", () => console.log("heard")); setInterval(() => {}, 1000)';
    const { end, stdout } = await runScript(code, { timeoutMs: 1000, killAfterMs: 200 });
    expect(end).toMatchObject({ exitCode: undefined, signalName: 'SIGKILL', stopped: 'timed_out' });
    expect(stdout).toBe('heard\n');
  });

  test('has the environment that it is given, and nothing of ours', async () => {
    const { stdout } = await runScript('console.log(JSON.stringify(process.env))', { environment: { ONLY: 'this' } });
    expect(JSON.parse(stdout)).toEqual({ ONLY: 'this' });
  });

  test('is heard to its last word', async () => {
    const { stdout } = await runScript('process.stdout.write("x".repeat(5_000_000))');
    expect(stdout).toHaveLength(5_000_000);
  });

  test('need not read what it is told', async () => {
    const { end } = await runScript('process.exit(3)', { input: 'x'.repeat(10_000_000) });
    expect(end).toMatchObject({ exitCode: 3, stopped: undefined });
  });

  test('that is stopped before it starts ends at once', async () => {
    const { end } = await runScript('setInterval(() => {}, 1000)', { signal: AbortSignal.abort() });
    expect(end).toMatchObject({ signalName: 'SIGTERM', stopped: 'aborted' });
  });

  test('leaves nothing of itself with us, however it ends', async () => {
    const { signal } = new AbortController();
    const before = process.listenerCount('exit');
    await runScript('', { signal });
    await runScript('setInterval(() => {}, 1000)', { signal, timeoutMs: 500 });
    expect([getEventListeners(signal, 'abort').length, process.listenerCount('exit')]).toEqual([0, before]);
  });

  test('that ends by itself is let go: no signal, and no timer that still waits', async () => {
    const [kill, set, clear] = [
      vi.spyOn(process, 'kill'),
      vi.spyOn(globalThis, 'setTimeout'),
      vi.spyOn(globalThis, 'clearTimeout'),
    ];
    await runScript('console.log("done")', { timeoutMs: 23_456 });
    expect(kill).not.toHaveBeenCalled();
    const limit = set.mock.results[set.mock.calls.findIndex(([, ms]) => ms === 23_456)]?.value;
    const drain = set.mock.results[set.mock.calls.findIndex(([, ms]) => ms === 500)]?.value;
    const cleared = clear.mock.calls.map(([timer]) => timer);
    for (const timer of [limit, drain]) expect(cleared).toContain(timer);
    expect([limit, drain]).not.toContain(undefined);
    vi.restoreAllMocks();
  });

  test('that is stopped is asked first, and its whole group', async () => {
    const kill = vi.spyOn(process, 'kill');
    const { end } = await runScript('setInterval(() => {}, 1000)', { signal: AbortSignal.abort() });
    expect(end.signalName).toBe('SIGTERM');
    const pid = kill.mock.calls[0]?.[0];
    expect(pid).toBeLessThan(0);
    expect(kill.mock.calls).toEqual([
      [pid, 'SIGTERM'],
      [pid, 'SIGKILL'],
    ]);
    kill.mockRestore();
  });

  test('is stopped for one reason, the first', async () => {
    const code = 'process.on("SIGTERM", () => console.log("heard")); setInterval(() => {}, 1000)';
    const controller = new AbortController();
    const limits = { timeoutMs: 1000, killAfterMs: 500 };
    const onStdout = () => controller.abort();
    const end = await runProcess({ ...order(code), ...limits, signal: controller.signal, onStdout });
    expect(end.stopped).toBe('timed_out');
  });

  test('may have no limit', async () => {
    const { end } = await runScript('', { timeoutMs: Number.POSITIVE_INFINITY });
    expect(end.stopped).toBeUndefined();
  });
});

describe('what a process started', () => {
  const HANGS = 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000); process.send?.("ready")';
  const start = (stdio: string) =>
    `const child = require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(HANGS)}], {
      stdio: ${stdio},
    });`;
  const isGone = (pid: number) => vi.waitFor(() => expect(isAlive(pid)).toBe(false), PATIENCE);

  test('does not keep us waiting when it holds the output open, and goes', async () => {
    const { end, stdout } = await runScript(`${start("'inherit'")} console.log(child.pid); process.exit(0)`);
    expect(end).toMatchObject({ exitCode: 0, stopped: undefined });
    await isGone(Number(stdout));
  });

  test('goes with it when it is stopped, even if it does not listen', async () => {
    const controller = new AbortController();
    const code = `${start("['ignore', 'ignore', 'ignore', 'ipc']")} child.once('message', () => console.log(child.pid))`;
    let stdout = '';
    const end = await runProcess({
      ...order(code),
      signal: controller.signal,
      onStdout: (chunk) => {
        stdout += Buffer.from(chunk).toString();
        controller.abort();
      },
    });
    expect(end).toMatchObject({ signalName: 'SIGTERM', stopped: 'aborted' });
    await isGone(Number(stdout));
  });
});

describe('this process', () => {
  test('hears of its end once for all its children, as long as there is one', async () => {
    const before = process.listeners('exit');
    const added = () => process.listeners('exit').filter((listener) => !before.includes(listener));
    const first = runScript('setTimeout(() => {}, 300)');
    const second = runScript('setInterval(() => {}, 1000)');
    await vi.waitFor(() => expect(added()).toHaveLength(1), PATIENCE);
    const [leave] = added();
    expect(await first).toMatchObject({ end: { exitCode: 0 } });
    expect(added()).toEqual([leave]);
    leave?.(0);
    expect(await second).toMatchObject({ end: { signalName: 'SIGKILL', stopped: undefined } });
    expect(added()).toEqual([]);
  });

  test('takes its children along when it leaves', async () => {
    const parent = runParent({ onPid: 'process.exit(0)' });
    const child = await childOf(parent);
    await once(parent, 'exit');
    await vi.waitFor(() => expect(isAlive(child)).toBe(false), PATIENCE);
  });

  test('decides itself what SIGINT means', async () => {
    const parent = runParent({ first: `process.once('SIGINT', () => controller.abort())` });
    const child = await childOf(parent);
    parent.kill('SIGINT');
    expect(await once(parent, 'exit')).toEqual([5, null]);
    await vi.waitFor(() => expect(isAlive(child)).toBe(false), PATIENCE);
  });
});

function order(code: string): ProcessOrder {
  return {
    program: process.execPath,
    arguments: ['-e', code],
    workDir: tmpdir(),
    environment: {},
    input: '',
    timeoutMs: 20_000,
    signal: new AbortController().signal,
    onStdout: () => {},
  };
}

async function runScript(code: string, changes: Partial<ProcessOrder> = {}) {
  let stdout = '';
  const onStdout = (chunk: Uint8Array) => {
    stdout += Buffer.from(chunk).toString();
  };
  const end = await runProcess({ ...order(code), ...changes, onStdout });
  return { end, stdout };
}

/** A program that runs a child which hangs, tells the child's number, and exits with 5 when the run was stopped. */
function runParent({ first = '', onPid = '' }): ChildProcess {
  const child = 'process.stdout.write(String(process.pid)); setInterval(() => {}, 1000)';
  const code = `
    const { runProcess } = await import(${JSON.stringify(MODULE)});
    const controller = new AbortController();
    ${first};
    const onStdout = (pid) => { process.stdout.write(pid); ${onPid} };
    const end = await runProcess({
      program: process.execPath, arguments: ['-e', ${JSON.stringify(child)}], workDir: ${JSON.stringify(tmpdir())},
      environment: {}, input: '', timeoutMs: 20000, signal: controller.signal, onStdout,
    });
    process.exit(end.stopped === 'aborted' ? 5 : 6);`;
  return spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

async function childOf(parent: ChildProcess): Promise<number> {
  if (parent.stdout === null) throw new Error('the parent has no stdout');
  const [pid] = await once(parent.stdout, 'data');
  return Number(pid);
}
