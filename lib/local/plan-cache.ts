import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { sha256 } from '../plan/canonical-json.ts';
import type { Compiled } from '../plan/compile.ts';
import { projectFolder } from './root.ts';

const folder = path.join(projectFolder, 'node_modules', '.cache', 'millrace');

/**
 * What `compile` gave for the same input and the same compiler. The compiler is pure, so its answer can be kept; loading the SQL
 * parser alone takes longer than all else that a run with nothing to do has to do.
 */
export async function cachedCompile(input: unknown, compile: () => Promise<Compiled>): Promise<Compiled> {
  const file = path.join(folder, `plan-${sha256([input, await compilerSources()]).slice(0, 32)}.json`);
  const known = await readFile(file, 'utf8').catch(() => undefined);
  if (known !== undefined) return JSON.parse(known) as Compiled;
  const compiled = await compile();
  // A cache that cannot be written costs time and nothing else.
  await mkdir(folder, { recursive: true })
    .then(() => writeFile(`${file}.${process.pid}`, JSON.stringify(compiled)))
    .then(() => rename(`${file}.${process.pid}`, file))
    .catch(() => undefined);
  return compiled;
}

async function compilerSources(): Promise<string[]> {
  const folders = ['definition', 'plan'].map((name) => path.join(projectFolder, 'lib', name));
  const files = await Promise.all(
    folders.map(async (name) => (await readdir(name)).sort().map((file) => path.join(name, file))),
  );
  return Promise.all(files.flat().map((file) => readFile(file, 'utf8')));
}
