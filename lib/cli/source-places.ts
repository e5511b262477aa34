import { readFile } from 'node:fs/promises';
import { SourceMap } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** A stack trace whose places in bundled files are those of their sources. */
export async function withSourcePlaces(trace: string): Promise<string> {
  const maps = new Map<string, SourceMap | undefined>();
  for (const [, file = ''] of trace.matchAll(place)) if (!maps.has(file)) maps.set(file, await mapOf(file));
  return trace.replace(place, (text, file: string, line: string, column: string) => {
    const found = maps.get(file)?.findEntry(Number(line) - 1, Number(column) - 1);
    if (found === undefined || !('originalSource' in found)) return text;
    const source = path.resolve(path.dirname(fileURLToPath(file)), found.originalSource);
    return `${source}:${found.originalLine + 1}:${found.originalColumn + 1}`;
  });
}

const place = /(file:\/\/[^\s()]+\.mjs):(\d+):(\d+)/g;

/** The map beside a file; undefined if it has none. */
const mapOf = (file: string): Promise<SourceMap | undefined> =>
  readFile(`${fileURLToPath(file)}.map`, 'utf8').then(
    (text) => new SourceMap(JSON.parse(text)),
    () => undefined,
  );
