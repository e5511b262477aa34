import { access, mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { type Issue, MillraceError } from '../errors.ts';
import { sha256 } from '../plan/canonical-json.ts';
import { type Decisions, decide, type Listing, type ParameterValues } from '../plan/diff.ts';
import type { Plan } from '../plan/schema.ts';
import type { PipelineState } from '../plan/state.ts';
import { suggestion } from '../plan/suggest.ts';
import { listInputs } from './inputs.ts';
import { livePromotion } from './quality-files.ts';
import type { Root } from './root.ts';
import { readState } from './state-file.ts';

export interface Prepared {
  state: PipelineState;
  listing: Listing;
  parameters: ParameterValues;
  decisions: Decisions;
}

/** All that is known before anything runs: state, inputs, parameter values, and what follows from them. */
export async function prepare(
  plan: Plan,
  root: Root,
  options: { data?: string | undefined; parameters?: ParameterValues },
): Promise<Prepared> {
  const parameters = parameterValues(plan, options.parameters ?? {});
  await mkdir(root.cache(), { recursive: true });
  const folder = options.data ?? root.data(plan.pipeline);
  await requireFolder(folder, plan.pipeline, options.data === undefined);
  const [state, { listing, issues }] = await Promise.all([
    readState(root, plan.pipeline).then((known) => withoutLostTables(known, plan, root)),
    listInputs(plan, path.resolve(folder), path.join(root.cache(), 'hashes.json')),
  ]);
  if (issues.length > 0) throw new MillraceError(issues);
  return {
    state,
    listing,
    parameters,
    decisions: decide(plan, state, listing, parameters, await liveModels(plan, root)),
  };
}

/** A table that was deleted by hand was never built, whatever the state says. */
async function withoutLostTables(state: PipelineState, plan: Plan, root: Root): Promise<PipelineState> {
  const tasks = { ...state.tasks };
  for (const task of plan.tasks) {
    const layer = task.kind === 'train' ? undefined : task.kind === 'predict' ? 'gold' : task.layer;
    const place =
      layer === undefined
        ? path.join(root.model(plan.pipeline, task.kind === 'train' ? task.model : ''), `v${tasks[task.name]?.version}`)
        : path.join(root.table(plan.pipeline, layer, task.name), '_delta_log');
    if (!(await exists(place))) delete tasks[task.name];
  }
  return { ...state, tasks };
}

async function liveModels(plan: Plan, root: Root): Promise<Set<string>> {
  const live = new Set<string>();
  for (const task of plan.tasks) {
    if (task.kind === 'train' && (await livePromotion(root, plan.pipeline, task.model))) live.add(task.model);
  }
  return live;
}

async function requireFolder(folder: string, pipeline: string, isDefault: boolean): Promise<void> {
  if (await exists(folder)) return;
  const hint = isDefault
    ? `run \`millrace generate ${pipeline}\`, or name a folder with --data`
    : 'check the path after --data';
  throw new MillraceError([{ code: 'MR201', path: folder, message: 'the data folder does not exist', hint }]);
}

/** Defaults, overridden by what was given. Issues: MR130 no such parameter, MR131 a value of another type. */
function parameterValues(plan: Plan, given: ParameterValues): ParameterValues {
  const issues: Issue[] = [];
  const known = plan.parameters.map((parameter) => parameter.name);
  for (const name of Object.keys(given).filter((name) => !known.includes(name))) {
    issues.push({
      code: 'MR130',
      path: `--param ${name}`,
      message: `pipeline "${plan.pipeline}" has no parameter "${name}"`,
      hint: suggestion(name, known),
    });
  }
  const values: Record<string, string | number> = {};
  for (const { name, type, default: fallback } of plan.parameters) {
    const value = given[name] ?? fallback;
    const numeric = type === 'double' || type === 'bigint';
    const parsed = numeric ? Number(value) : String(value);
    const valid =
      type === 'date'
        ? /^\d{4}-\d{2}-\d{2}$/.test(String(value)) && !Number.isNaN(Date.parse(String(value)))
        : type === 'bigint'
          ? Number.isSafeInteger(parsed)
          : !numeric || Number.isFinite(parsed);
    if (!valid) {
      const hint = type === 'date' ? 'write it as 2025-06-30' : 'write a number';
      issues.push({ code: 'MR131', path: `--param ${name}`, message: `"${value}" is not a ${type}`, hint });
    }
    values[name] = parsed;
  }
  if (issues.length > 0) throw new MillraceError(issues, 2);
  return values;
}

/** What the generator says a perfect model would reach, where the data are generated. */
export async function bayesAuc(folder: string): Promise<number | undefined> {
  const text = await readFile(path.join(folder, 'generator.json'), 'utf8').catch(() => '{}');
  const value = (JSON.parse(text) as { bayes_auc?: unknown }).bayes_auc;
  return typeof value === 'number' ? value : undefined;
}

/** Where it is remembered that the engine has accepted the SQL of this very plan. */
export function checkedMark(root: Root, plan: Plan): string {
  return path.join(root.cache(), `checked-${sha256(plan).slice(0, 16)}`);
}

export const exists = (file: string) =>
  access(file).then(
    () => true,
    () => false,
  );
