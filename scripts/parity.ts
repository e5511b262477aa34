// Both engines must give the same rows, and models as good: runs churn on Sail and on Spark, all of it and then a file more, and compares.
// So must hundreds of expressions, one by one.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { type RunDocument, runDocument } from '../lib/documents/run-document.ts';
import { objectiveOf } from '../lib/learning/learning.ts';
import { Root } from '../lib/local/root.ts';
import { expressionsAgree } from './expressions.ts';
import { project, setup } from './setup.mjs';
import { millrace, python, step } from './steps.ts';

type Engine = 'sail' | 'spark';

const { values } = parseArgs({ options: { customers: { type: 'string', default: '20000' } } });
console.error(`Millrace parity: churn at ${values.customers} customers, on Sail and on Spark`);
setup({ spark: true });

const tolerance = 0.002;
const folder = mkdtempSync(path.join(tmpdir(), 'millrace-parity-'));
const root = (engine: Engine) => path.join(folder, engine);

/** Runs churn on an engine and returns what the run document says. */
function run(engine: Engine, data: string): RunDocument {
  const named = ['--data', data, '--root', root(engine), '--engine', engine];
  step(`${engine}: ${path.basename(data)}`, [...millrace, 'run', 'churn', ...named]);
  const name = readdirSync(new Root(root(engine)).runs('churn'))
    .sort()
    .at(-1);
  if (name === undefined) throw new Error(`${root(engine)} holds no run`);
  return runDocument.parse(JSON.parse(readFileSync(new Root(root(engine)).document('churn', name), 'utf8')));
}

/** Prints what is equal on both engines and what is not. True where all is. */
function compared(sail: RunDocument, spark: RunDocument): boolean {
  const plan = new Root(root('sail')).plan('churn', sail.run);
  const said = spawnSync(python, ['compare_lakes.py', '--plan', plan, root('sail'), root('spark')], {
    cwd: path.join(project, 'glue-scripts'),
    encoding: 'utf8',
  });
  if (!said.stdout) throw new Error(said.stderr);
  const { tables } = JSON.parse(said.stdout) as {
    tables: { table: string; rows: [number, number]; equal: boolean }[];
  };
  const found = tables.map(({ table, rows, equal }): [boolean, string] => [
    equal,
    `${table}  ${rows[0].toLocaleString('en-US')} rows`,
  ]);
  found.push([accounts(sail) === accounts(spark), `row accounting of ${sail.tasks.length} tasks`]);
  const [here, there] = [judgedOf(sail), judgedOf(spark)];
  const close = Math.abs(here.value - there.value) <= tolerance;
  found.push([close, `${here.label} ${here.value.toFixed(4)} and ${there.value.toFixed(4)}, within ${tolerance}`]);
  console.log('');
  for (const [equal, what] of found) console.log(`  ${equal ? 'equal  ' : 'DIFFERS'}  ${what}`);
  return found.every(([equal]) => equal);
}

/** What the run's model is judged by. */
function judgedOf({ models: [model] }: RunDocument): { label: string; value: number } {
  if (model === undefined) return { label: 'no model', value: Number.NaN };
  const { label, in: valueIn } = objectiveOf(model).judgedBy;
  return { label, value: valueIn(model.metrics) };
}

const accounts = ({ tasks }: RunDocument) =>
  JSON.stringify(
    tasks.map(({ task, mode, read, written, aggregated, deduplicated, filtered, quarantined }) => ({
      task,
      mode,
      read,
      written,
      aggregated,
      deduplicated,
      filtered,
      quarantined,
    })),
  );

/** The same input with a file more: new customers, and others that changed, with interactions of theirs. */
function grown(data: string, more: string, generated: string): string {
  cpSync(data, more, { recursive: true });
  cpSync(path.join(generated, 'customers', 'part-00000.csv'), path.join(more, 'customers', 'part-more.csv'));
  cpSync(path.join(generated, 'interactions', 'part-00000.json'), path.join(more, 'interactions', 'part-more.json'));
  return more;
}

try {
  const data = path.join(folder, 'all new');
  step('data', [...millrace, 'generate', 'churn', '--customers', values.customers, '--out', data]);
  const full = compared(run('sail', data), run('spark', data));
  const few = path.join(folder, 'few');
  const some = String(Math.max(50, Math.round(Number(values.customers) / 100)));
  step('more data', [...millrace, 'generate', 'churn', '--customers', some, '--seed', '43', '--out', few]);
  const more = grown(data, path.join(folder, 'a file more'), few);
  const incremental = compared(run('sail', more), run('spark', more));
  const expressions = expressionsAgree(project, folder);
  process.exitCode = full && incremental && expressions ? 0 : 1;
  console.log(process.exitCode === 0 ? 'parity holds' : 'parity BROKEN');
} finally {
  if (existsSync(folder)) rmSync(folder, { recursive: true, force: true });
}
