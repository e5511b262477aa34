import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { AnyDefinition } from '../definition/index.ts';
import { type Issue, MillraceError } from '../errors.ts';
import type { Compiled } from '../plan/compile.ts';
import type { Plan } from '../plan/schema.ts';
import { suggestion } from '../plan/suggest.ts';
import { modules } from './import-module.ts';
import { cachedCompile } from './plan-cache.ts';
import { projectFolder } from './root.ts';

export const isPath = (name: string) => name.includes('/') || name === '.' || name === '..';

/** The folder of a pipeline's definition, from its name, or from a path to its folder or its `pipeline.ts`. */
export function pipelineFolder(name: string): string {
  if (!isPath(name)) return path.join(projectFolder, 'pipelines', name);
  const given = path.resolve(name);
  return path.basename(given) === 'pipeline.ts' ? path.dirname(given) : given;
}

/** The name of a pipeline, from its name or a path; by MR155 it is the folder's name. Throws MR101 if the path leads to no pipeline. */
export async function pipelineNamed(name: string): Promise<string> {
  if (!isPath(name)) return name;
  const folder = pipelineFolder(name);
  const there = await stat(path.join(folder, 'pipeline.ts')).catch(() => undefined);
  if (there?.isFile()) return path.basename(folder);
  throw await noPipeline(name, path.join(folder, 'pipeline.ts'));
}

/** Reads `pipelines/<name>/pipeline.ts`, or the definition at the path `name`, with its SQL files, and compiles it. */
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

/** MR155: commands use the folder's name, but lake and state use the pipeline's name, so two pipelines with one name would share them. */
function nameIssues(name: string, folder: string, place: string): Issue[] {
  if (name === folder) return [];
  const message = `the pipeline in folder "${folder}" is named "${name}": it would use the lake of pipeline "${name}"`;
  return [{ code: 'MR155', path: `${place}  name`, message, hint: `write name: '${folder}', or rename the folder` }];
}

/** The plan; throws one error with all issues of the definition. */
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
    const module: { default?: unknown } = await modules.load(file);
    if (isDefinition(module.default)) return module.default;
  } catch (error) {
    const message = `the definition cannot be loaded: ${(error as Error).message.split('\n')[0]}`;
    throw new MillraceError([{ code: 'MR101', path: place, message, hint: 'run `npx tsc --noEmit`' }]);
  }
  const hint = 'write `export default definePipeline({ ... })`';
  throw new MillraceError([{ code: 'MR101', path: place, message: 'the file exports no definition', hint }]);
}

/** MR101 with the nearest existing name; `more`: names in addition to those in `pipelines/`. */
export async function noPipeline(name: string, place: string, more: readonly string[] = []): Promise<MillraceError> {
  const known = await readdir(path.join(projectFolder, 'pipelines'), { withFileTypes: true });
  const names = [...new Set([...known.filter((entry) => entry.isDirectory()).map((entry) => entry.name), ...more])];
  const message = `there is no pipeline "${name}"`;
  return new MillraceError([{ code: 'MR101', path: place, message, hint: suggestion(name, names) }], 2);
}

/** A loader may return the other exports, or nothing, as the default export of a file that has none. */
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
