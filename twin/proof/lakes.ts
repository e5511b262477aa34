import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { type Model, modelSchema } from '../../lib/documents/model.ts';
import type { RunDocument } from '../../lib/documents/run-document.ts';
import { layout } from '../../lib/lake/layout.ts';
import { pythonOf } from '../../lib/local/python.ts';
import { projectFolder } from '../../lib/local/root.ts';
import type { Account } from './account.ts';

const run = promisify(execFile);

/** Writes churn data into a folder. */
export async function generate(out: string, customers: number, seed: number): Promise<void> {
  const script = path.join(projectFolder, 'pipelines', 'churn', 'generate.py');
  const size = ['--customers', String(customers), '--seed', String(seed)];
  await run(await pythonOf('sail'), [script, ...size, '--out', out]);
}

/** Compares the tables of two lakes: the number of rows of each, and how they differ. */
export async function comparedTables(
  planFile: string,
  here: string,
  there: string,
): Promise<{ differing: string[]; counts: string }> {
  const compare = path.join(projectFolder, 'glue-scripts', 'compare_lakes.py');
  const args = [compare, '--plan', planFile, here, there];
  const { stdout } = await run(await pythonOf('sail'), args).catch((error: { stdout: string; stderr: string }) => {
    if (error.stdout) return error;
    throw new Error(`the lakes ${here} and ${there} cannot be compared: ${error.stderr}`);
  });
  const { tables } = JSON.parse(stdout) as { tables: { table: string; rows: [number, number]; equal: boolean }[] };
  return {
    differing: tables.filter((table) => !table.equal).map(({ table, rows }) => `${table} ${rows.join(' and ')}`),
    counts: tables.map(({ table, rows }) => `${table} ${rows[0]}`).join(', '),
  };
}

/** The metrics of a version of churn's model. */
export async function metricsOf(account: Account, lake: string, version: number): Promise<Model['metrics']> {
  const text = await account.text(lake, layout.versionFile('churn', 'churn', version, 'model'));
  return modelSchema.parse(JSON.parse(text)).metrics;
}

/** The tasks that account for other rows in a run in the lake than in a local run. */
export async function rowsOf(account: Account, lake: string, runName: string, here: RunDocument): Promise<string[]> {
  const differing: string[] = [];
  for (const { task, read, written, aggregated, deduplicated, filtered, quarantined } of here.tasks) {
    const mine = JSON.stringify({ read, written, aggregated, deduplicated, filtered, quarantined });
    const outcome = JSON.parse(
      await account.text(lake, layout.outcome('churn', runName, task)),
    ) as RunDocument['tasks'][0];
    const { read: r, written: w, aggregated: a, deduplicated: d, filtered: f, quarantined: q } = outcome;
    const theirs = JSON.stringify({ read: r, written: w, aggregated: a, deduplicated: d, filtered: f, quarantined: q });
    if (mine !== theirs) differing.push(`${task}: ${mine} locally, ${theirs} on the twin`);
  }
  return differing;
}
