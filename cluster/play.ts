import { cp, mkdir, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { environments } from '../environments.ts';
import type { RunDocument } from '../lib/documents/run-document.ts';
import { namesOf } from '../lib/environment/names.ts';
import { layout } from '../lib/lake/layout.ts';
import { objectiveOf } from '../lib/learning/learning.ts';
import { loadPlan } from '../lib/local/load.ts';
import { projectFolder, Root } from '../lib/local/root.ts';
import { runPipeline } from '../lib/local/run.ts';
import type { Plan } from '../lib/plan/schema.ts';
import { startTwin } from '../twin/ministack.ts';
import { Account } from '../twin/proof/account.ts';
import { cdkOn } from '../twin/proof/cdk.ts';
import { comparedTables, generate, metricsOf, rowsOf } from '../twin/proof/lakes.ts';
import { isolation } from './isolation.ts';
import { replaceEngine } from './other-engine.ts';
import { type SparkCluster, startCluster, workers } from './spark-cluster.ts';

/** One line of the rig's table. */
export interface Step {
  what: string;
  /** `not run`: an earlier step failed that it needs. */
  status: 'ok' | 'failed' | 'not run';
  /** The evidence, or why it failed. */
  seen: string;
  seconds: number;
}

export interface PlayOptions {
  customers: number;
  /** The folder for logs and data. */
  folder: string;
  /** A folder with `main.py` and `engine` that replace the deployed ones. */
  engineFolder?: string;
  /** Called with each step as it ends. */
  tell(step: Step): void;
}

/** How far the metric of a model may be from the laptop's: rows reach the training in another order. */
const tolerance = 0.002;
/** Seconds for a run: a limit for a hang, not for a slow machine. */
const patience = 40 * 60;

/** Plays churn on a cluster as AWS would run it. Returns all steps: one that fails does not stop those that do not need it. */
export async function play({ customers, folder, engineFolder, tell }: PlayOptions): Promise<Step[]> {
  const steps: Step[] = [];
  /** Runs a step. Undefined if it failed, or if a step that it needs did. */
  const step = async <T>(what: string, action: () => Promise<[seen: string, result: T]>, needs: unknown[] = []) => {
    const started = Date.now();
    const done = (status: Step['status'], seen: string) => {
      const entry = { what, status, seen, seconds: (Date.now() - started) / 1000 };
      steps.push(entry);
      tell(entry);
    };
    if (needs.includes(undefined)) {
      done('not run', 'it needs a step that failed');
      return undefined;
    }
    try {
      const [seen, result] = await action();
      done('ok', seen);
      return result;
    } catch (error) {
      done('failed', error instanceof Error ? error.message : String(error));
      return undefined;
    }
  };

  await mkdir(folder, { recursive: true });
  const names = namesOf(environments.twin);
  const plan = await loadPlan('churn');
  const root = new Root(path.join(folder, 'laptop'));
  const [data, day] = [path.join(folder, 'data'), path.join(folder, 'day')];
  const platform = path.join(folder, 'platform');
  const twinFolder = path.join(folder, 'twin');
  const twin = await startTwin({
    folder: twinFolder,
    settings: {
      MILLRACE_GLUE_DRIVER: path.join(projectFolder, 'cluster', 'glue_driver.py'),
      MILLRACE_CLUSTER: platform,
    },
  });
  const outside = { ...process.env };
  let cluster: SparkCluster | undefined;
  try {
    Object.assign(process.env, twin.environment);
    const account = new Account();
    cluster = await step('a master and two workers', async () => {
      const started = await startCluster(platform, twin.environment);
      return [`${workers} workers in namespaces of their own`, started];
    });
    const apart = await step('workers see no file of the driver', () => isolation(platform), [cluster]);
    const cdk = cdkOn(twin.environment, path.join(folder, 'cdk.out'), path.join(folder, 'cdk.log'));
    const deployed = await step('churn is deployed', async () => {
      await cdk('bootstrap', `aws://${environments.twin.account}/${environments.twin.region}`);
      await cdk('deploy', '--all', '--require-approval', 'never');
      const { job, machine } = names.pipeline('churn');
      if (engineFolder !== undefined) await replaceEngine(job, engineFolder, path.join(folder, 'engine'));
      return [
        `${job}${engineFolder === undefined ? '' : `, with the engine of ${engineFolder}`}`,
        await account.machineArn(machine),
      ];
    });
    const first = await step('the laptop runs churn', async () => {
      await generate(data, customers, 42);
      return laptop(plan, root, data);
    });
    const here: Here = { account, plan, root, lake: names.bucket('lake'), twinFolder, machine: deployed ?? '', step };
    const needs = [apart, deployed, first];
    const whole = await cloudRun(here, 'first run', needs, async () => {
      await account.upload(data, names.bucket('raw'), 'churn/');
    });
    await judge(here, 'first run', 1, first, whole);

    const second = await step('the laptop runs a day more', async () => {
      const more = path.join(folder, 'more');
      await generate(more, Math.max(50, Math.round(customers / 5)), 43);
      for (const [file, name] of newFiles) await cp(path.join(more, file), path.join(day, name));
      await cp(day, data, { recursive: true });
      return laptop(plan, root, data);
    }, [first]);
    const grown = await cloudRun(here, 'a day more, with a worker killed', [whole, second], async (hasEnded) => {
      const before = (await events(twinFolder, 'task.start')).length;
      await account.upload(day, names.bucket('raw'), 'churn/');
      const inSecondTask = async () => (await events(twinFolder, 'task.start')).length >= before + 2;
      await holds('the engine started two tasks', inSecondTask, hasEnded);
      await holds('a worker was killed in a task', () => cluster!.killInTask(0), hasEnded);
    });
    await step('Spark repeated a task of the killed worker', async () => {
      const lost = /Lost executor.*/.exec(await engineLog(twinFolder))?.[0];
      if (lost === undefined) throw new Error('no log of the engine names a lost executor');
      const repeated = await cluster!.repeatedTask();
      if (repeated === undefined) throw new Error('no executor ran a task a second time');
      return [`${repeated}, after "${lost.slice(0, 100)}"`, repeated];
    }, [grown]);
    await judge(here, 'a day more', 2, second, grown);
  } finally {
    await cluster?.stop();
    await twin.stop();
    for (const name of Object.keys(process.env)) if (!(name in outside)) delete process.env[name];
    Object.assign(process.env, outside);
  }
  return steps;
}

type TellStep = <T>(
  what: string,
  action: () => Promise<[seen: string, result: T]>,
  needs?: unknown[],
) => Promise<T | undefined>;

interface Here {
  account: Account;
  plan: Plan;
  root: Root;
  lake: string;
  twinFolder: string;
  machine: string;
  step: TellStep;
}

/** The files of the second day: those of another seed, under other names. */
const newFiles = [
  ['customers/part-00000.csv', 'customers/part-more.csv'],
  ['interactions/part-00000.json', 'interactions/part-more.json'],
] as const;

async function laptop(plan: Plan, root: Root, data: string): Promise<[string, RunDocument]> {
  const document = await runPipeline({ plan, root, engine: 'sail', data, emit: () => undefined });
  if (document.status !== 'succeeded') throw new Error(document.issues.map(({ message }) => message).join('; '));
  return [`${document.tasks.length} tasks`, document];
}

/** Makes a run start. `hasEnded`: whether it has ended. */
type Start = (hasEnded: () => Promise<boolean>) => Promise<void>;

/** Starts a run on the cluster, and reports its tasks by kind. Returns the run's name; undefined if a task failed. */
async function cloudRun(here: Here, title: string, needs: unknown[], start: Start) {
  const { account, machine, lake, plan, twinFolder, step } = here;
  let run: string | undefined;
  let failure: Error | undefined;
  const ran = await step(
    `${title}: starts`,
    async () => {
      const before = new Set((await account.runs(machine)).map(({ name }) => name!));
      await start(async () => {
        const runs = (await account.runs(machine)).filter(({ name }) => !before.has(name!));
        return runs.length > 0 && runs.every(({ status }) => status !== 'RUNNING');
      });
      const output = await account.nextRun(machine, before, patience).catch((error: Error) => {
        failure = error;
        return undefined;
      });
      run =
        (output?.['run'] as string | undefined) ??
        (await account.runs(machine)).find(({ name }) => !before.has(name!))?.name;
      if (run === undefined) throw failure ?? new Error('no run started');
      return [run, run];
    },
    needs,
  );
  const kinds = [...new Set(plan.tasks.map(({ kind }) => kind))];
  const done: unknown[] = [ran];
  for (const kind of kinds) {
    const made = await step(
      `${title}: ${kind}`,
      async () => {
        const tasks = await tasksOf(here, run!, kind);
        const faults = await failedTasks(twinFolder, new Set(tasks));
        const missing: string[] = [];
        for (const task of tasks) {
          const outcome = await account.text(lake, layout.outcome(plan.pipeline, run!, task)).catch(() => undefined);
          if (outcome === undefined) missing.push(task);
        }
        if (missing.length > 0) throw new Error(faults || (await lastWords(twinFolder)));
        return [tasks.join(', ') || 'nothing to do', tasks];
      },
      done,
    );
    if (made === undefined) done.push(undefined);
  }
  if (done.includes(undefined)) return undefined;
  return step(`${title}: ends`, async () => {
    if (failure !== undefined) throw failure;
    return ['the run succeeded', run!];
  });
}

/** The tasks of a kind that a run was to do. */
async function tasksOf({ account, lake, plan }: Here, run: string, kind: string): Promise<string[]> {
  const order = JSON.parse(await account.text(lake, layout.order(plan.pipeline, run))) as { items: { task: string }[] };
  const wanted = new Set(order.items.map(({ task }) => task));
  return plan.tasks.filter((task) => task.kind === kind && wanted.has(task.name)).map(({ name }) => name);
}

/** Compares the lake of the cluster with the laptop's. */
async function judge(
  here: Here,
  title: string,
  version: number,
  laptop: RunDocument | undefined,
  run: string | undefined,
) {
  const { account, lake, root, step } = here;
  const needs = [laptop, run];
  await step(
    `${title}: the tables are the laptop's`,
    async () => {
      const { differing, counts } = await comparedTables(
        root.plan(laptop!.pipeline, laptop!.run),
        root.folder,
        `s3://${lake}`,
      );
      if (differing.length > 0) throw new Error(differing.join('; '));
      return [counts, counts];
    },
    needs,
  );
  await step(
    `${title}: every task accounts for the laptop's rows`,
    async () => {
      const differing = await rowsOf(account, lake, run!, laptop!);
      if (differing.length > 0) throw new Error(differing.join('; '));
      return [`${laptop!.tasks.length} tasks`, true];
    },
    needs,
  );
  await step(
    `${title}: the model is as good as the laptop's`,
    async () => {
      const model = laptop!.models[0]!;
      const { label, in: valueIn } = objectiveOf(model).judgedBy;
      const [local, there] = [valueIn(model.metrics), valueIn(await metricsOf(account, lake, version))];
      if (!(Math.abs(local - there) <= tolerance))
        throw new Error(`${label} ${local} on the laptop, ${there} on the cluster`);
      return [`${label} ${local.toFixed(4)} and ${there.toFixed(4)}`, true];
    },
    needs,
  );
}

/** The text of the engine's logs, in the order of their jobs. */
async function engineLog(twinFolder: string): Promise<string> {
  const names = (await readdir(twinFolder)).filter((name) => /^engine-\d+\.log$/.test(name)).sort();
  return (await Promise.all(names.map((name) => readFile(path.join(twinFolder, name), 'utf8')))).join('\n');
}

/** The engine's events of a kind, in the order in which they were sent. */
async function events(twinFolder: string, kind: string): Promise<Record<string, unknown>[]> {
  const lines = (await engineLog(twinFolder)).split('\n').filter((line) => line.startsWith('{'));
  return lines.flatMap((line) => {
    try {
      const event = JSON.parse(line) as Record<string, unknown>;
      return event['event'] === kind ? [event] : [];
    } catch {
      return []; // half a line, because the engine is writing it
    }
  });
}

/** What the engine reported of those tasks that failed. */
async function failedTasks(twinFolder: string, tasks: ReadonlySet<string>): Promise<string> {
  const failed = (await events(twinFolder, 'task.failed')).filter((event) => tasks.has(String(event['task'])));
  const issues = failed.flatMap((event) => event['issues'] as { code: string; message: string }[]);
  return [...new Set(issues.map(({ code, message }) => `${code} ${message}`))].join('; ');
}

/** The end of the newest log of the engine. */
async function lastWords(twinFolder: string): Promise<string> {
  return (await engineLog(twinFolder)).trimEnd().split('\n').slice(-4).join(' | ').slice(-600);
}

/** Waits until a condition holds. Throws if the run ends before. */
async function holds(what: string, condition: () => Promise<boolean>, hasEnded: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) {
    if (await hasEnded()) throw new Error(`the run ended before ${what}`);
    await sleep(100);
  }
}
