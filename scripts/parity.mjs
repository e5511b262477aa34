// Both engines must give the same rows, and models as good: runs churn on Sail and on Spark and compares.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { customers: { type: 'string', default: '20000' } } });
console.error(`Millrace parity: churn at ${values.customers} customers, on Sail and on Spark`);
const { project, setup } = await import('./setup.mjs');
setup({ spark: true });
const { millrace, python, step } = await import('./steps.mjs');

const tolerance = 0.002;
const folder = mkdtempSync(path.join(tmpdir(), 'millrace-parity-'));
try {
  const data = path.join(folder, 'data');
  step('data', [...millrace, 'generate', 'churn', '--customers', values.customers, '--out', data]);
  const runs = ['sail', 'spark'].map((engine) => {
    const root = path.join(folder, engine);
    step(engine, [...millrace, 'run', 'churn', '--data', data, '--root', root, '--engine', engine]);
    const run = readdirSync(path.join(root, 'runs'))[0];
    const document = JSON.parse(readFileSync(path.join(root, 'runs', run, 'run.json'), 'utf8'));
    return {
      root,
      plan: path.join(root, 'runs', run, 'plan.json'),
      auc: document.models[0].auc,
      tasks: document.tasks,
    };
  });
  const [sail, spark] = runs;
  const compared = spawnSync(python, ['compare_lakes.py', '--plan', sail.plan, sail.root, spark.root], {
    cwd: path.join(project, 'glue-scripts'),
    encoding: 'utf8',
  });
  if (!compared.stdout) throw new Error(compared.stderr);
  const { tables } = JSON.parse(compared.stdout);
  console.log('');
  for (const { table, rows, equal } of tables) {
    console.log(`  ${equal ? 'equal  ' : 'DIFFERS'}  ${table}  ${rows[0].toLocaleString('en-US')} rows`);
  }
  const accounts = (tasks) =>
    JSON.stringify(
      tasks.map(({ task, read, written, aggregated, deduplicated, filtered, quarantined }) => ({
        task,
        read,
        written,
        aggregated,
        deduplicated,
        filtered,
        quarantined,
      })),
    );
  const accounted = accounts(sail.tasks) === accounts(spark.tasks);
  console.log(`  ${accounted ? 'equal  ' : 'DIFFERS'}  row accounting of ${sail.tasks.length} tasks`);
  const close = Math.abs(sail.auc - spark.auc) <= tolerance;
  console.log(
    `  ${close ? 'equal  ' : 'DIFFERS'}  AUC ${sail.auc.toFixed(4)} and ${spark.auc.toFixed(4)}, within ${tolerance}`,
  );
  process.exitCode = close && accounted && tables.every((table) => table.equal) ? 0 : 1;
  console.log(process.exitCode === 0 ? 'parity holds' : 'parity BROKEN');
} finally {
  if (existsSync(folder)) rmSync(folder, { recursive: true, force: true });
}
