// Runs churn on a Spark cluster of this machine as Glue runs it, and compares the lake with a laptop's. No account, no credentials.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { play, type Step } from '../cluster/play.ts';
import { setup } from './setup.mjs';

const { values } = parseArgs({
  options: {
    customers: { type: 'string', default: '1000' },
    // The `glue-scripts` of another commit, to see whether its engine fails here.
    'engine-folder': { type: 'string' },
    keep: { type: 'string' },
    json: { type: 'boolean' },
  },
});
console.error(`Millrace cluster: churn at ${values.customers} customers, on a Spark cluster with two workers`);
setup({ twin: true, cluster: true });
const folder = values.keep ? path.resolve(values.keep) : mkdtempSync(path.join(tmpdir(), 'millrace-cluster-'));
const line = ({ status, what, seen, seconds }: Step) =>
  `${status.padEnd(8)} ${seconds.toFixed(0).padStart(5)} s  ${what}: ${seen}`;
const engineFolder = values['engine-folder'] && path.resolve(values['engine-folder']);
const steps = await play({
  customers: Number(values.customers),
  folder,
  ...(engineFolder && { engineFolder }),
  tell: (step) => console.error(line(step)),
});
const failed = steps.filter(({ status }) => status !== 'ok');
if (values.json) console.log(JSON.stringify({ holds: failed.length === 0, steps }, undefined, 1));
else if (failed.length === 0) console.log(`the cluster holds: ${steps.length} steps`);
else console.log(`the cluster does NOT hold: ${failed.length} of ${steps.length} steps (logs in ${folder})`);
process.exitCode = failed.length === 0 ? 0 : 1;
if (failed.length === 0 && values.keep === undefined) rmSync(folder, { recursive: true, force: true });
