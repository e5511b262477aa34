import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { AnyDefinition } from '../definition/index.ts';
import { type Issue, MillraceError } from '../errors.ts';
import type { Compiled } from '../plan/compile.ts';
import type { Plan } from '../plan/schema.ts';
import { suggestion } from '../plan/suggest.ts';
import { cachedCompile } from './plan-cache.ts';
import { projectFolder } from './root.ts';

/** Reads `pipelines/<name>/pipeline.ts` and its SQL files, or those of the folder that `name` is a path to, and compiles them. */
export async function loadPipeline(name: string): Promise<Compiled> {
  const isPath = name.includes('/') || name === '.' || name === '..';
  const folder = isPath ? path.resolve(name) : path.join(projectFolder, 'pipelines', name);
  const file = path.join(folder, 'pipeline.ts');
  const place = path.relative(process.cwd(), file).startsWith('..') ? file : path.relative(process.cwd(), file);
  const definition = await importDefinition(file, name, place);
  const sqlFiles = await sqlFilesOf(definition, folder);
  const compiled = await cachedCompile([definition, sqlFiles, place], async () => {
    const { compile } = await import('../plan/compile.ts');
    return compile(definition, sqlFiles, place);
  });
  const misnamed = nameIssues(definition.name, path.basename(folder), place);
  return misnamed.length > 0 ? { issues: [...misnamed, ...compiled.issues] } : compiled;
}

/** MR155: by its name a pipeline has its lake and its state, by its folder it is called, so two of one name would share them. */
function nameIssues(name: string, folder: string, place: string): Issue[] {
  if (name === folder) return [];
  const message = `the pipeline in folder "${folder}" is named "${name}": it would run into the lake of that one`;
  return [{ code: 'MR155', path: `${place}  name`, message, hint: `write name: '${folder}', or rename the folder` }];
}

/** The plan, or all that is wrong with the definition as one error. */
export async function loadPlan(name: string): Promise<Plan> {
  const { plan, issues } = await loadPipeline(name);
  if (plan === undefined) throw new MillraceError(issues);
  return plan;
}

async function importDefinition(file: string, name: string, place: string): Promise<AnyDefinition> {
  const exists = await readFile(file).then(
    () => true,
    () => false,
  );
  if (!exists) {
    const known = await readdir(path.join(projectFolder, 'pipelines'), { withFileTypes: true });
    const names = known.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
    const message = `there is no pipeline "${name}"`;
    throw new MillraceError([{ code: 'MR101', path: place, message, hint: suggestion(name, names) }], 2);
  }
  try {
    const module = (await import(pathToFileURL(file).href)) as { default?: unknown };
    if (isDefinition(module.default)) return module.default;
  } catch (error) {
    const message = `the definition cannot be loaded: ${(error as Error).message.split('\n')[0]}`;
    throw new MillraceError([{ code: 'MR101', path: place, message, hint: 'run `npx tsc --noEmit`' }]);
  }
  const hint = 'write `export default definePipeline({ ... })`';
  throw new MillraceError([{ code: 'MR101', path: place, message: 'the file exports no definition', hint }]);
}

/** A loader gives a file without a default export its other exports, or nothing, as one. */
const isDefinition = (value: unknown): value is AnyDefinition =>
  typeof value === 'object' && value !== null && ['name', 'sources', 'tables'].some((part) => part in value);

async function sqlFilesOf(definition: AnyDefinition, folder: string): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const table of Object.values(definition.tables ?? {})) {
    const text = await readFile(path.join(folder, table.sql), 'utf8').catch(() => undefined);
    if (text !== undefined) files[table.sql] = text;
  }
  return files;
}
