import type { Model } from '../documents/model.ts';
import { MillraceError } from '../errors.ts';
import { objectiveOf } from '../learning/learning.ts';
import { loadPlan } from '../local/load.ts';
import { liveModel } from '../local/model-files.ts';
import { Root } from '../local/root.ts';
import { readTable } from '../local/table-reader.ts';
import type { Plan, TrainTask, TransformTask } from '../plan/schema.ts';
import { suggestion } from '../plan/suggest.ts';
import { learns, runsSql } from '../plan/task-kinds.ts';
import { faultsOf, tableFaults } from '../scoring/row-faults.ts';
import { predict } from '../scoring/score.ts';
import { keysGiven } from './keys-given.ts';
import { aPipeline, verb } from './options.ts';
import { rowsGiven } from './rows-given.ts';
import { type CommonOptions, columns, counted, type Finish, printJson, type Terminal } from './terminal.ts';

interface Options extends CommonOptions {
  id?: string[];
  features?: string;
  model?: string;
  lenient?: boolean;
}

type Row = Record<string, unknown>;

export const scoreCommand = (terminal: Terminal, finish: Finish) =>
  verb('score', 'score rows with the live model, in TypeScript, as an endpoint would')
    .argument('<pipeline>', aPipeline)
    .option('--id <key...>', 'keys of rows of the feature table; column=value for each column of a longer key')
    .option('--features <file>', 'file with a JSON object, an array or JSON lines; - for stdin')
    .option('--model <name>', 'name of the model, if the pipeline has several')
    .option('--lenient', 'accept any row: a feature that is absent or of another type counts as missing')
    .action(async (name: string, options: Options) => {
      if ((options.id === undefined) === (options.features === undefined)) {
        const message = 'score needs either --id or --features';
        throw new MillraceError(
          [{ code: 'MR134', path: 'millrace score', message, hint: `millrace score ${name} --id C-1042` }],
          2,
        );
      }
      const plan = await loadPlan(name);
      const root = new Root(options.root);
      const task = trainTask(plan, options.model);
      const model = await liveModel(root, plan.pipeline, task.model);
      const rows =
        options.id === undefined ? await rowsGiven(options.features!) : await rowsById(plan, root, task, options.id);
      if (options.lenient !== true) {
        if (options.id === undefined) refuseOthers(model, rows, task);
        else refuseTable(model, rows[0]!, featureTable(plan, task));
      }
      const scored = rows.map((row) => ({ row, predicted: predict(model, row) }));
      const { headings, cells, note, settled } = objectiveOf(model).predicted;
      const about = { model: model.name, version: model.model_version };
      if (options.json) {
        const scores = scored.map(({ row, predicted }) => {
          const key = Object.fromEntries(model.key.map((column) => [column, row[column] ?? null]));
          return { ...key, ...predicted };
        });
        printJson(terminal, { ...about, ...settled(model.metrics), scores });
      } else {
        const body = scored.map(({ row, predicted }) => [
          ...model.key.map((column) => String(row[column] ?? '-')),
          ...cells(predicted),
        ]);
        terminal.out.write(columns([[...model.key, ...headings(model.label)], ...body]));
        terminal.err.write(`model ${about.model} v${about.version}: ${note(model.label, model.metrics)}\n`);
      }
      finish(0);
    });

function trainTask(plan: Plan, model: string | undefined): TrainTask {
  const trains = plan.tasks.filter(learns);
  const found = model === undefined && trains.length === 1 ? trains[0] : trains.find((task) => task.model === model);
  if (found !== undefined) return found;
  const names = trains.map((task) => task.model);
  const message =
    model === undefined
      ? `pipeline "${plan.pipeline}" has ${counted(names.length, 'model')}`
      : `there is no model "${model}"`;
  throw new MillraceError([{ code: 'MR135', path: '--model', message, hint: suggestion(model ?? '', names) }], 2);
}

const featureTable = (plan: Plan, task: TrainTask): TransformTask =>
  plan.tasks.filter(runsSql).find(({ name }) => name === task.features)!;

/** Rows of the feature table with those keys, in the order of the keys. */
async function rowsById(plan: Plan, root: Root, task: TrainTask, ids: readonly string[]): Promise<Row[]> {
  const features = featureTable(plan, task);
  const keys = keysGiven(features.key, ids);
  const table = root.table(plan.pipeline, features.layer, features.name);
  const columns = features.key.flatMap((column) => ['--column', column]);
  const hint = '`millrace status` lists the tables; or pass rows with --features';
  const printed = await readTable('lookup.py', ['--table', table, ...columns, '--', ...keys.flat()], table, hint);
  const found = printed
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { key: string[]; row: Row });
  const there = new Set(found.map(({ key }) => JSON.stringify(key)));
  const missing = keys.filter((key) => !there.has(JSON.stringify(key)));
  if (missing.length > 0) {
    const named = missing.map((key) => features.key.map((column, i) => `${column} ${key[i]}`).join(' and '));
    const types = features.key.map((column) => features.columns.find(({ name }) => name === column)!.type);
    const message = `no row of ${features.name} has ${named.join(', or ')}`;
    const hint = `check the key, which is ${types.join(' and ')}, or pass the row with --features`;
    throw new MillraceError([{ code: 'MR408', path: table, message, hint }]);
  }
  return found.map(({ row }) => row);
}

/** Throws MR137 for rows that do not match the columns that the model was trained on. */
function refuseOthers(model: Model, rows: readonly Row[], task: TrainTask): void {
  const types = new Map(task.inputs.map(({ name, type }) => [name, type]));
  const contract = { types, others: [...types.keys()] };
  const issues = rows.flatMap((row, i) => faultsOf(model, row, contract, `row ${i + 1}`));
  if (issues.length === 0) return;
  // Many rows tend to have the same error.
  throw new MillraceError(issues.slice(0, mostIssues), 2);
}

/** Throws MR137 if the feature table, which matches its own contract, does not match the columns that the model was trained on. */
function refuseTable(model: Model, row: Row, { name, columns }: TransformTask): void {
  const types = new Map(columns.map((column) => [column.name, column.type]));
  const issues = tableFaults(model, Object.keys(row), types, name);
  if (issues.length > 0) throw new MillraceError(issues.slice(0, mostIssues), 2);
}

const mostIssues = 20;
