import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { x } from 'tinyexec';
import { predict } from '../../lambdas/shared/model.ts';
import { MillraceError } from '../errors.ts';
import { loadPlan } from '../local/load.ts';
import { liveModel } from '../local/model-files.ts';
import { pythonOf } from '../local/python.ts';
import { projectFolder, Root } from '../local/root.ts';
import type { Plan, TrainTask, TransformTask } from '../plan/schema.ts';
import { suggestion } from '../plan/suggest.ts';
import { verb } from './options.ts';
import { type CommonOptions, columns, type Finish, printJson, type Terminal } from './terminal.ts';

interface Options extends CommonOptions {
  id?: string[];
  features?: string;
  model?: string;
}

type Row = Record<string, unknown>;

export const scoreCommand = (terminal: Terminal, finish: Finish) =>
  verb('score', 'score rows with the live model, in TypeScript, as an endpoint would')
    .argument('<pipeline>', 'a folder in pipelines/, or a path')
    .option('--id <key...>', 'keys of rows of the feature table')
    .option('--features <file>', 'rows as a JSON object, array or JSON lines; - for stdin')
    .option('--model <name>', 'which model, where the pipeline has several')
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
        options.id === undefined ? await rowsOf(options.features!) : await rowsById(plan, root, task, options.id);
      const scored = rows.map((row) => {
        const { score, predicted } = predict(model, row);
        const key = Object.fromEntries(model.key.map((column) => [column, row[column] ?? null]));
        return { ...key, score, predicted };
      });
      const about = { model: model.name, version: model.model_version, threshold: model.metrics.threshold };
      if (options.json) printJson(terminal, { ...about, scores: scored });
      else {
        const head = [...model.key, 'score', model.label];
        const body = scored.map((row) => [
          ...model.key.map((column) => String((row as Row)[column])),
          row.score.toFixed(4),
          row.predicted === 1 ? 'yes' : 'no',
        ]);
        terminal.out.write(columns([head, ...body]));
        terminal.err.write(`model ${about.model} v${about.version}, yes from ${about.threshold.toFixed(4)}\n`);
      }
      finish(0);
    });

function trainTask(plan: Plan, model: string | undefined): TrainTask {
  const trains = plan.tasks.filter((task): task is TrainTask => task.kind === 'train');
  const found = model === undefined && trains.length === 1 ? trains[0] : trains.find((task) => task.model === model);
  if (found !== undefined) return found;
  const names = trains.map((task) => task.model);
  const message =
    model === undefined ? `pipeline "${plan.pipeline}" has ${names.length} models` : `there is no model "${model}"`;
  throw new MillraceError([{ code: 'MR135', path: '--model', message, hint: suggestion(model ?? '', names) }], 2);
}

async function rowsById(plan: Plan, root: Root, task: TrainTask, ids: readonly string[]): Promise<Row[]> {
  const features = plan.tasks.find((t): t is TransformTask => t.name === task.features && t.kind === 'transform')!;
  const column = features.key[0]!;
  const table = root.table(plan.pipeline, features.layer, features.name);
  const script = path.join(projectFolder, 'glue-scripts', 'lookup.py');
  const found = await x(await pythonOf('sail'), [script, '--table', table, '--column', column, ...ids]);
  const rows = found.stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Row);
  const missing = ids.filter((id) => !rows.some((row) => row[column] === id));
  if (missing.length > 0) {
    const message = `no row of ${features.name} has ${column} ${missing.join(', ')}`;
    const hint = 'check the key, or give the features with --features';
    throw new MillraceError([{ code: 'MR408', path: table, message, hint }]);
  }
  return ids.map((id) => rows.find((row) => row[column] === id)!);
}

async function rowsOf(file: string): Promise<Row[]> {
  const content = file === '-' ? await text(process.stdin) : await readFile(file, 'utf8').catch(() => undefined);
  if (content === undefined) {
    throw new MillraceError(
      [{ code: 'MR206', path: file, message: 'the file cannot be read', hint: 'check the path' }],
      2,
    );
  }
  try {
    const whole: unknown = content.trimStart().startsWith('[')
      ? JSON.parse(content)
      : content
          .split('\n')
          .filter((line) => line.trim() !== '')
          .map((line) => JSON.parse(line) as unknown);
    const rows = whole as Row[];
    if (rows.every((row) => row !== null && typeof row === 'object' && !Array.isArray(row))) return rows;
  } catch {
    // Told below, as any other text that is not rows.
  }
  const hint = 'write one JSON object a line, or an array of objects';
  throw new MillraceError([{ code: 'MR136', path: file, message: 'the file does not hold rows', hint }], 2);
}
