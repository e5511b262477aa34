import { execFile } from 'node:child_process';
import { access, chmod, cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import { GetJobRunsCommand, GlueClient } from '@aws-sdk/client-glue';
import {
  GetFunctionConfigurationCommand,
  LambdaClient,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutBucketNotificationConfigurationCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { DescribeExecutionCommand, SFNClient, StartExecutionCommand, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { environments } from '../../environments.ts';
import type { Registry } from '../../lib/aws/registry.ts';
import type { BookmarkStore } from '../../lib/bookmarks/ports.ts';
import { namesOf, type PipelineNames } from '../../lib/environment/names.ts';
import { loadPlan } from '../../lib/local/load.ts';
import { pythonOf } from '../../lib/local/python.ts';
import { projectFolder, Root } from '../../lib/local/root.ts';
import { runPipeline } from '../../lib/local/run.ts';
import type { Plan } from '../../lib/plan/schema.ts';
import type { StartDecision } from '../../lib/runs/start-runs.ts';
import { startTwin } from '../../twin/ministack.ts';
import { Account } from '../../twin/proof/account.ts';
import { cdkOn } from '../../twin/proof/cdk.ts';
import { type Between, standBetween } from './between.ts';

const execute = promisify(execFile);

/** How an execution ended. `cause` is what a user sees. */
export interface Ended {
  run: string;
  status: string;
  error: string;
  cause: string;
  output: Record<string, unknown> | undefined;
}

export interface EngineFault {
  at: 'begun' | 'committed' | 'reported';
  task: string;
  times: number;
}

const environment = environments.twin;
const names = namesOf(environment);

/** The churn pipeline on a twin, deployed with the real CDK, whose engine and functions can be made to fail. Objects do not start runs. */
export class Deployed implements AsyncDisposable {
  readonly churn: PipelineNames = names.pipeline('churn');
  readonly raw = names.bucket('raw');
  readonly lake = names.bucket('lake');
  readonly bookmarksTable = names.table('bookmarks');
  readonly registryTable = names.table('registry');
  readonly s3 = new S3Client({ forcePathStyle: true });
  readonly sfn = new SFNClient({});
  readonly account = new Account();
  #added = 0;

  constructor(
    readonly scratch: string,
    readonly machine: string,
    /** The proxy between the functions `bookmarks` and `quality` and the services. */
    readonly between: Between,
    readonly store: BookmarkStore,
    readonly registry: Registry,
    private readonly end: () => Promise<void>,
  ) {}

  /** Copies the raw bucket to a folder, for a local run. */
  get data(): string {
    return path.join(this.scratch, 'data');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
  }

  /** Uploads a file of new customers. Returns its key below the pipeline's folder. */
  async addCustomers(count = 30): Promise<string> {
    const key = `customers/part-added-${++this.#added}.csv`;
    const text = await readFile(path.join(this.data, 'customers', 'part-00000.csv'), 'utf8');
    const [header, ...lines] = text.trimEnd().split('\n');
    const rows = lines
      .slice(0, count)
      .filter((line) => line.includes('C-'))
      .map((line) => line.replace('C-', `C-${this.#added}9`));
    await this.putRaw(key, `${[header, ...rows].join('\n')}\n`);
    return key;
  }

  async putRaw(key: string, text: string): Promise<void> {
    await writeFile(path.join(this.data, key), text);
    await this.put(this.raw, `churn/${key}`, text);
  }

  async removeRaw(key: string): Promise<void> {
    await rm(path.join(this.data, key));
    await this.remove(this.raw, `churn/${key}`);
  }

  put = async (bucket: string, key: string, body: string | Uint8Array) => {
    await this.s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }));
  };

  remove = async (bucket: string, key: string) => {
    await this.s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
  };

  async bytes(bucket: string, key: string): Promise<Uint8Array> {
    const { Body } = await this.s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    return Body!.transformToByteArray();
  }

  async keys(bucket: string, prefix: string): Promise<string[]> {
    const { Contents = [] } = await this.s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix }));
    return Contents.map(({ Key }) => Key!);
  }

  /** Makes the next engine die in this way. */
  async breakEngine(fault: EngineFault): Promise<void> {
    await writeFile(path.join(this.scratch, 'fault.json'), JSON.stringify(fault));
  }

  /** Makes the next engine wait before it reads. Returns functions that wait until it is waiting, and that let it continue. */
  async holdEngine(): Promise<{ held(): Promise<void>; release(): Promise<void> }> {
    const until = path.join(this.scratch, 'go');
    const waiting = path.join(this.scratch, 'go.waiting');
    const file = path.join(this.scratch, 'fault.json');
    for (const name of [until, waiting]) await rm(name, { force: true });
    await writeFile(file, JSON.stringify({ at: 'start', until }));
    return {
      held: () =>
        eventually(() =>
          access(waiting).then(
            () => true,
            () => undefined,
          ),
        ).then(() => undefined),
      release: async () => {
        await rm(file, { force: true });
        await writeFile(until, '');
      },
    };
  }

  trigger(event: unknown = { cause: 'manual' }): Promise<StartDecision> {
    return this.account.invoke(this.churn.function('trigger'), event) as Promise<StartDecision>;
  }

  /** Starts a run through the trigger and waits for its end. */
  async run(parameters: Record<string, unknown> = {}): Promise<Ended> {
    const outcome = await this.trigger({ cause: 'manual', parameters });
    if (!outcome.started) throw new Error(`no run started: ${outcome.why}`);
    return this.ended(outcome.run);
  }

  /** The name of the run started last. */
  async latest(): Promise<string> {
    return (await this.account.runs(this.machine)).at(-1)!.name!;
  }

  /** Waits until the trigger knows no running or waiting run. */
  async settledTrigger(): Promise<void> {
    const { runStore } = await import('../../lib/aws/run-store.ts');
    const { read } = runStore(names.table('runs'), 'churn');
    await eventually(async () => ((await read()).running === undefined ? true : undefined));
  }

  /** Starts an execution without the trigger, as from the AWS console. */
  async byHand(run: string, input: Record<string, unknown> = {}): Promise<void> {
    const usual = { run, pipeline: 'churn', cause: 'manual', parameters: {}, ...(await this.places()) };
    const text = JSON.stringify({ ...usual, ...input });
    await this.sfn.send(new StartExecutionCommand({ stateMachineArn: this.machine, name: run, input: text }));
  }

  async stop(run: string): Promise<void> {
    await this.sfn.send(new StopExecutionCommand({ executionArn: this.arnOf(run) }));
  }

  /** The states of the Glue job's runs, newest first. */
  async jobRuns(): Promise<string[]> {
    const { JobRuns = [] } = await new GlueClient({}).send(new GetJobRunsCommand({ JobName: this.churn.job }));
    return JobRuns.sort((a, b) => Number(b.StartedOn) - Number(a.StartedOn)).map(({ JobRunState }) => JobRunState!);
  }

  arnOf = (run: string) => `${this.machine.replace(':stateMachine:', ':execution:')}:${run}`;

  /** The locations of the plan, the data and the lake. */
  async places(): Promise<{ plan: string; data: string; root: string }> {
    const { PLAN_BUCKET: bucket, PLAN_KEY: key } = await this.variables('trigger');
    return { plan: `s3://${bucket}/${key}`, data: `s3://${this.raw}/churn`, root: `s3://${this.lake}` };
  }

  async variables(name: string): Promise<Record<string, string>> {
    const asked = new GetFunctionConfigurationCommand({ FunctionName: this.churn.function(name) });
    return (await new LambdaClient({}).send(asked)).Environment?.Variables ?? {};
  }

  ended(run: string): Promise<Ended> {
    return eventually(async () => {
      const seen = await this.sfn.send(new DescribeExecutionCommand({ executionArn: this.arnOf(run) }));
      if (seen.status === 'RUNNING') return undefined;
      const output = seen.output === undefined ? undefined : (JSON.parse(seen.output) as Record<string, unknown>);
      return { run, status: seen.status!, error: seen.error ?? '', cause: seen.cause ?? '', output };
    });
  }

  /** Runs the same files locally, without the model, and returns how the deployed tables differ. */
  async differences(): Promise<string[]> {
    const plan = tablesOf(await loadPlan('churn'));
    const root = new Root(await mkdtemp(path.join(this.scratch, 'undisturbed-')));
    const here = await runPipeline({ plan, root, engine: 'sail', data: this.data, emit: () => undefined });
    const compare = path.join(projectFolder, 'glue-scripts', 'compare_lakes.py');
    const args = [
      compare,
      '--plan',
      path.join(root.run('churn', here.run), 'plan.json'),
      root.folder,
      `s3://${this.lake}`,
    ];
    const { stdout } = await execute(await pythonOf('sail'), args).catch((error: { stdout: string }) => error);
    if (!stdout) throw new Error('the lakes cannot be compared');
    const { tables } = JSON.parse(stdout) as { tables: { table: string; rows: [number, number]; equal: boolean }[] };
    return tables.filter(({ equal }) => !equal).map(({ table, rows }) => `${table}: ${rows.join(' here, ')} there`);
  }

  /** What is wrong with the bookmarks after a run: a holder, tasks in doubt, inputs not ingested. */
  async unsettled(): Promise<string[]> {
    const { claim, inDoubt, tasks } = await this.store.load('churn');
    const lying = (await this.keys(this.raw, 'churn/')).map((key) => key.slice('churn/'.length));
    const taken = Object.values(tasks).flatMap(({ files = {} }) => Object.keys(files));
    return [
      ...(claim === undefined ? [] : [`held by ${claim.run}`]),
      ...Object.keys(inDoubt).map((task) => `${task} in doubt`),
      ...lying.filter((key) => key.includes('/') && !taken.includes(key)).map((key) => `${key} not taken`),
    ];
  }

  async audits(): Promise<string[]> {
    const { Items = [] } = await new DynamoDBClient({}).send(
      new QueryCommand({
        TableName: names.table('runs'),
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': { S: 'audit#churn' } },
      }),
    );
    return Items.map(({ action, outcome }) => `${action?.S} ${outcome?.S}`);
  }
}

/** The plan of the tables alone: none of those that are compared depends on a model. */
function tablesOf(plan: Plan): Plan {
  const tasks = plan.tasks.filter(({ kind }) => kind === 'ingest' || kind === 'transform');
  const kept = new Set(tasks.map(({ name }) => name));
  const stages = plan.stages.map((stage) => ({ ...stage, tasks: stage.tasks.filter((name) => kept.has(name)) }));
  return { ...plan, tasks, stages: stages.filter((stage) => stage.tasks.length > 0) };
}

/** Deploys the whole environment `twin`, with `customers` customers in the raw bucket and no run yet. */
export async function deployed(customers = 1000): Promise<Deployed> {
  const scratch = await mkdtemp(path.join(tmpdir(), 'millrace-faults-'));
  const python = path.join(scratch, 'python');
  const engine = path.join(import.meta.dirname, 'engine_with_faults.py');
  const fault = path.join(scratch, 'fault.json');
  await writeFile(python, `#!/bin/sh\nexec '${await pythonOf('sail')}' '${engine}' '${fault}' "$@"\n`);
  await chmod(python, 0o755);
  const before = { ...process.env };
  // The state machine's waits pass twenty times faster.
  const twin = await startTwin({
    folder: path.join(scratch, 'twin'),
    patience: 2000,
    settings: { MILLRACE_PYTHON: python, SFN_WAIT_SCALE: '0.05' },
  });
  const end: (() => Promise<void>)[] = [
    async () => {
      await twin.stop();
      for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
      Object.assign(process.env, before);
      await rm(scratch, { recursive: true, force: true });
    },
  ];
  const endAll = async () => {
    for (const step of end.reverse()) await step();
  };
  try {
    Object.assign(process.env, twin.environment);
    const cdk = cdkOn(twin.environment, path.join(scratch, 'cdk.out'), path.join(scratch, 'cdk.log'));
    await cdk('bootstrap', `aws://${environment.account}/${environment.region}`);
    await cdk('deploy', '--all', '--require-approval', 'never');
    const between = await standBetween(twin.endpoint);
    end.push(async () => {
      await between[Symbol.asyncDispose]();
    });
    // Imported only now, when the environment has the endpoint.
    const { bookmarkStore } = await import('../../lib/aws/bookmark-store.ts');
    const { registry } = await import('../../lib/aws/registry.ts');
    const { bucketObjects } = await import('../../lib/aws/s3.ts');
    const store = bookmarkStore(names.table('bookmarks'), bucketObjects(names.bucket('lake')));
    const models = registry(names.table('registry'), 'churn');
    const machine = await new Account().machineArn(names.pipeline('churn').machine);
    const made = new Deployed(scratch, machine, between, store, models, endAll);
    await made.s3.send(
      new PutBucketNotificationConfigurationCommand({ Bucket: made.raw, NotificationConfiguration: {} }),
    );
    for (const name of ['bookmarks', 'quality']) await putBetween(made, name);
    await promoteWhateverIsLive(made);
    await generate(path.join(scratch, 'generated'), customers);
    await cp(path.join(scratch, 'generated'), made.data, { recursive: true });
    await made.account.upload(made.data, made.raw, 'churn/');
    return made;
  } catch (error) {
    await endAll();
    throw error;
  }
}

/** Makes the gate ignore the live version: which of two models of a few hundred rows is worse is chance, and would fail some runs. */
async function promoteWhateverIsLive(deployed: Deployed): Promise<void> {
  const { PLAN_BUCKET: bucket, PLAN_KEY: key } = await deployed.variables('bookmarks');
  const plan = JSON.parse(Buffer.from(await deployed.bytes(bucket!, key!)).toString()) as Plan;
  const tasks = plan.tasks.map((task) =>
    task.kind === 'train' ? { ...task, gate: { ...task.gate, live: 'ignored' } } : task,
  );
  await deployed.put(bucket!, key!, JSON.stringify({ ...plan, tasks }));
}

/** The shortest timeout of a function, in seconds: each test of a timeout waits for it. */
const shortest = 5;

/** Makes a function call the services through the proxy, and time out after a few times what it takes on this machine, busy or not. */
async function putBetween(deployed: Deployed, name: string): Promise<void> {
  const Variables = { ...(await deployed.variables(name)), AWS_ENDPOINT_URL: deployed.between.endpoint };
  const FunctionName = deployed.churn.function(name);
  const change = (Timeout: number) =>
    new LambdaClient({}).send(
      new UpdateFunctionConfigurationCommand({ FunctionName, Environment: { Variables }, Timeout }),
    );
  await change(300);
  const started = performance.now();
  // It refuses this event after a cold start, which takes most of its time.
  await deployed.account.invoke(FunctionName, {}).catch(() => undefined);
  await change(Math.max(shortest, Math.ceil((4 * (performance.now() - started)) / 1000)));
}

async function generate(out: string, customers: number): Promise<void> {
  const script = path.join(projectFolder, 'pipelines', 'churn', 'generate.py');
  await execute(await pythonOf('sail'), [script, '--customers', String(customers), '--seed', '42', '--out', out]);
}

/** Long enough for the busiest machine: the limit only ends what hangs. */
const patience = 600;

/** Calls `look` until it returns something, and returns that. */
export async function eventually<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (const until = Date.now() + patience * 1000; ; await sleep(100)) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > until) throw new Error(`what was waited for did not come within ${patience} s`);
  }
}
