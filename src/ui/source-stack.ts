import { readFileSync } from 'node:fs';
import { SourceMap, type SourceMapPayload } from 'node:module';
import { fileURLToPath } from 'node:url';

/** A stack trace in which places of the bundle are those of the source that it was made of, where its map is at hand. */
export function stackInSource(stack: string): string {
  return stack.replace(/(file:\/\/\/[^\s()]+):(\d+):(\d+)/g, (place, url: string, line: string, column: string) => {
    try {
      const map = new SourceMap(JSON.parse(readFileSync(`${fileURLToPath(url)}.map`, 'utf8')) as SourceMapPayload);
      const entry = map.findEntry(Number(line) - 1, Number(column) - 1);
      if (!('originalSource' in entry)) return place;
      return `${new URL(entry.originalSource, url).href}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
    } catch {
      return place; // Without a map it is told as it is.
    }
  });
}
