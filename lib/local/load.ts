import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { AnyDefinition } from '../definition/index.ts';
import { type Issue, MillraceError } from '../errors.ts';
import type { Compiled } from '../plan/compile.ts';
import type { Plan } from '../plan/schema.ts';
import { suggestion } from '../plan/suggest.ts';
import { cachedCompile } from './plan-cache.ts';
import { projectFolder } from './root.ts';

export const isPath = (name: string) => name.includes('/') || name === '.' || name === '..';

/** Where the definition of a pipeline lies that is named, or given as a path to its folder or its `pipeline.ts`. */
export function pipelineFolder(name: string): string {
  if (!isPath(name)) return path.join(projectFolder, 'pipelines', name);
  const given = path.resolve(name);
  return path.basename(given) === 'pipeline.ts' ? path.dirname(given) : given;
}

/** The name of a pipeline that is named, or given as a path: by MR155 that of its folder. Throws MR101 where the path leads to none. */
export async function pipelineNamed(name: string): Promise<string> {
  if (!isPath(name)) return name;
  const folder = pipelineFolder(name);
  const there = await stat(path.join(folder, 'pipeline.ts')).catch(() => undefined);
  if (there?.isFile()) return path.basename(folder);
  throw await noPipeline(name, path.join(folder, 'pipeline.ts'));
}

/** Reads `pipelines/<name>/pipeline.ts` and its SQL files, or those that `name` is a path to, and compiles them. */
export async function loadPipeline(name: string): Promise<Compiled> {
  const folder = pipelineFolder(name);
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
  if (!exists) throw await noPipeline(name, place);
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

/** MR101, with the nearest of the pipelines that there are; `more` are names besides those of `pipelines/`. */
export async function noPipeline(name: string, place: string, more: readonly string[] = []): Promise<MillraceError> {
  const known = await readdir(path.join(projectFolder, 'pipelines'), { withFileTypes: true });
  const names = [...new Set([...known.filter((entry) => entry.isDirectory()).map((entry) => entry.name), ...more])];
  const message = `there is no pipeline "${name}"`;
  return new MillraceError([{ code: 'MR101', path: place, message, hint: suggestion(name, names) }], 2);
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
