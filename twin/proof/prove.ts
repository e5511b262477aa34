import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { environments } from '../../environments.ts';
import { namesOf } from '../../lib/environment/names.ts';
import { layout } from '../../lib/lake/layout.ts';
import { loadPlan } from '../../lib/local/load.ts';
import { Root } from '../../lib/local/root.ts';
import { runPipeline } from '../../lib/local/run.ts';
import { canonicalJson } from '../../lib/plan/canonical-json.ts';
import { startTwin } from '../ministack.ts';
import { Account } from './account.ts';
import { cdkOn } from './cdk.ts';
import { comparedTables, generate, metricsOf, rowsOf } from './lakes.ts';
import { widerWindow } from './wider-window.ts';

export interface ProofOptions {
  customers: number;
  /** The folder for logs. By default a temporary folder, which is removed if the proof succeeds. */
  folder?: string;
  tell(line: string): void;
}

/** One sentence that the proof has shown to be true, with the evidence. */
interface Shown {
  what: string;
  seen: string;
}

/**
 * Deploys every stack of the environment `twin` with the real CDK CLI, uploads files whose bucket events start the churn pipeline,
 * and compares the result with a local run. Throws at the first sentence that is not true.
 */
export async function prove({ customers, folder, tell }: ProofOptions): Promise<Shown[]> {
  const scratch = folder ?? (await mkdtemp(path.join(tmpdir(), 'millrace-proof-')));
  await mkdir(scratch, { recursive: true });
  const shown: Shown[] = [];
  const started = Date.now();
  const show = (what: string, seen: string) => {
    shown.push({ what, seen });
    tell(`${((Date.now() - started) / 1000).toFixed(0).padStart(5)} s  ${what}: ${seen}`);
  };
  const hold = (what: string, holds: boolean, seen: string) => {
    if (!holds) throw new Error(`it is not true that ${what}: ${seen} (logs in ${scratch})`);
    show(what, seen);
  };

  const names = namesOf(environments.twin);
  const churn = names.pipeline('churn');
  const twin = await startTwin({ folder: path.join(scratch, 'twin') });
  const outside = { ...process.env };
  try {
    Object.assign(process.env, twin.environment);
    const account = new Account();
    const cdk = cdkOn(twin.environment, path.join(scratch, 'cdk.out'), path.join(scratch, 'cdk.log'));
    show('a twin of AWS answers', twin.endpoint);

    await cdk('bootstrap', `aws://${environments.twin.account}/${environments.twin.region}`);
    await cdk('deploy', '--all', '--require-approval', 'never');
    const deployed = await account.leftovers(environments.twin.prefix);
    hold('every stack deploys with the real CDK CLI', deployed.length > 8, `${deployed.length} resources by name`);

    const data = path.join(scratch, 'data');
    await generate(data, customers, 42);
    const machine = await account.machineArn(churn.machine);
    const noRuns = new Set<string>();
    const objects = await account.upload(data, names.bucket('raw'), 'churn/');
    const first = await account.nextRun(machine, noRuns);
    const begun = await account.runs(machine);
    hold('new objects in a bucket start a run', first['run'] !== undefined, `${objects} objects, run ${first['run']}`);
    hold('a burst of objects starts at most two runs', begun.length <= 2, `${begun.length} executions`);

    const plan = await loadPlan('churn');
    const root = new Root(path.join(scratch, 'here'));
    const here = await runPipeline({ plan, root, engine: 'sail', data, emit: () => undefined });
    const lake = names.bucket('lake');
    const { differing, counts } = await comparedTables(root.plan('churn', here.run), root.folder, `s3://${lake}`);
    hold('the tables hold the same rows as the local tables', differing.length === 0, differing.join('; ') || counts);
    const deployedMetrics = await metricsOf(account, lake, 1);
    hold(
      'the model is as good as the one trained locally',
      canonicalJson(deployedMetrics) === canonicalJson(here.models[0]!.metrics),
      `${Object.keys(here.models[0]!.metrics).join(', ')} on both`,
    );
    const accounts = await rowsOf(account, lake, String(first['run']), here);
    hold(
      'every task accounts for the same rows',
      accounts.length === 0,
      accounts.join('; ') || `${here.tasks.length} tasks`,
    );

    // New rows, and so a second version of the model.
    const more = path.join(scratch, 'more');
    await generate(more, Math.max(200, Math.round(customers / 5)), 43);
    const known = new Set((await account.runs(machine)).map((entry) => entry.name!));
    await cp(path.join(more, 'customers', 'part-00000.csv'), path.join(data, 'customers', 'part-more.csv'));
    await account.upload(path.join(data, 'customers'), names.bucket('raw'), 'churn/customers/');
    const second = await account.nextRun(machine, known);
    const versions = await promotions(account, lake);
    hold('new rows make a new version', versions.length === 2, `run ${second['run']}, live ${versions.at(-1)}`);

    await account.alarm(churn.alarm('churn-model-worse'), 'set by the proof');
    const back = await eventually(async () => {
      const log = await promotions(account, lake);
      return log.length > 2 ? log : undefined;
    });
    hold('an alarm rolls the model back', back.at(-1) === versions[0], `promotions ${back.join(', ')}`);

    const changed = await widerWindow(path.join(scratch, 'pipelines', 'churn'));
    await cdk('deploy', '--all', '--require-approval', 'never', '--context', `pipelines=${changed}`);
    const before = new Set((await account.runs(machine)).map((entry) => entry.name!));
    await account.invoke(churn.function('trigger'), { cause: 'manual' });
    const third = await account.nextRun(machine, before);
    const tasks = await reported(account, lake, String(third['run']));
    hold(
      'a changed definition, deployed on top, recomputes that table and what is downstream',
      tasks.join() === ['churn_features', 'predictions', 'train_churn'].join(),
      tasks.join(', '),
    );

    await cdk('destroy', '--all', '--force', '--context', `pipelines=${changed}`);
    const left = await account.leftovers(environments.twin.prefix);
    hold(
      'nothing is left after destroy',
      left.length === 0,
      left.join(', ') || 'no resource has the prefix of the environment',
    );
  } finally {
    await twin.stop();
    for (const name of Object.keys(process.env)) if (!(name in outside)) delete process.env[name];
    Object.assign(process.env, outside);
  }
  if (folder === undefined) await rm(scratch, { recursive: true, force: true });
  return shown;
}

/** The promoted versions, in order of promotion. */
async function promotions(account: Account, lake: string): Promise<number[]> {
  const text = await account.text(lake, layout.promotions('churn', 'churn'));
  return text
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as { version: number }).version);
}

async function reported(account: Account, lake: string, runName: string): Promise<string[]> {
  const order = JSON.parse(await account.text(lake, layout.order('churn', runName))) as { items: { task: string }[] };
  return order.items.map((item) => item.task).sort();
}

async function eventually<T>(look: () => Promise<T | undefined>, seconds = 60): Promise<T> {
  for (const until = Date.now() + seconds * 1000; ; await sleep(500)) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > until) throw new Error(`the expected change did not happen within ${seconds} s`);
  }
}
