import { readFileSync } from 'node:fs';
import { SourceMap, type SourceMapPayload } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** A place in a file, as Node writes it: with the path of a CommonJS module, with the URL of another one. */
const PLACE = /((?:file:\/\/)?(?:\/|[A-Z]:\\)[^()\n]+\.c?js):(\d+):(\d+)/g;

/** A stack trace in which places of the bundle are those of the source that it was made of, where its map is at hand. */
export function stackInSource(stack: string): string {
  return stack.replace(PLACE, (place, module: string, line: string, column: string) => {
    try {
      const file = module.startsWith('file:') ? fileURLToPath(module) : module;
      const map = new SourceMap(JSON.parse(readFileSync(`${file}.map`, 'utf8')) as SourceMapPayload);
      const entry = map.findEntry(Number(line) - 1, Number(column) - 1);
      if (!('originalSource' in entry)) return place;
      const source = new URL(entry.originalSource, pathToFileURL(file)).href;
      return `${source}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
    } catch {
      return place; // Without a map it is told as it is.
    }
  });
}
