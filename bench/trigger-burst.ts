import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import {
  CreateStateMachineCommand,
  ExecutionAlreadyExists,
  paginateListExecutions,
  SFNClient,
  StartExecutionCommand,
  UpdateStateMachineCommand,
} from '@aws-sdk/client-sfn';
import { environments } from '../environments.ts';
import { namesOf } from '../lib/environment/names.ts';
import type { Arrival } from '../lib/runs/run-state.ts';
import { startTwin } from '../twin/ministack.ts';
import { Account } from '../twin/proof/account.ts';
import { cdkOn } from '../twin/proof/cdk.ts';
import { type Burst, burstOf, type ObjectEvent } from './burst.ts';

export interface BurstOptions {
  /** The number of events delivered, including repeated deliveries. */
  events: number;
  /** How long each run takes that the trigger starts. Events that arrive during a run wait for its end. */
  runSeconds: number;
  tell(line: string): void;
}

/** The result of one way of starting runs. */
export interface Way {
  name: string;
  /** The number of executions started. */
  runs: number;
  /** Seconds until every event was answered: recorded for a run that is running or waiting. Does not include the end of the runs. */
  seconds: number;
  /** Invocations of the Lambda function; absent if the logic was called in this process. */
  invocations?: number;
  /** The ids of the events answered. */
  answered: ReadonlySet<string>;
}

const { account, region } = environments.twin;
const names = namesOf(environments.twin);
const churn = names.pipeline('churn');
/** AWS delivers a burst in batches of 1,000 messages, two at a time. */
const batchSize = 1000;
const atOnce = 2;
const machineRole = `arn:aws:iam::${account}:role/bench`;

/**
 * Sends a burst of object events through the deployed queue and function, through the same logic in this process, and through a trigger
 * that starts one execution per event. All on one twin, one after the other. Throws if the twin does not start.
 */
export async function triggerBurst({ events, runSeconds, tell }: BurstOptions): Promise<{ burst: Burst; ways: Way[] }> {
  const burst = burstOf(events, names.bucket('raw'), 42);
  const scratch = await mkdtemp(path.join(tmpdir(), 'millrace-burst-'));
  const outside = { ...process.env };
  const twin = await startTwin({ folder: path.join(scratch, 'twin') });
  try {
    Object.assign(process.env, twin.environment);
    const cdk = cdkOn(twin.environment, path.join(scratch, 'cdk.out'), path.join(scratch, 'cdk.log'));
    await cdk('bootstrap', `aws://${account}/${region}`);
    await cdk('deploy', '--all', '--require-approval', 'never');
    tell('deployed onto a twin');
    const ways: Way[] = [];
    for (const way of [deployedTrigger, triggerHere, naiveTrigger]) {
      ways.push(await way(burst, runSeconds, twin.endpoint));
      tell(`${ways.at(-1)!.name}: done`);
    }
    return { burst, ways };
  } finally {
    await twin.stop();
    for (const name of Object.keys(process.env)) if (!(name in outside)) delete process.env[name];
    Object.assign(process.env, outside);
    await rm(scratch, { recursive: true, force: true });
  }
}

/** The definition of a stand-in for a run, which only waits. */
const waiting = (seconds: number) =>
  JSON.stringify({ StartAt: 'Run', States: { Run: { Type: 'Wait', Seconds: seconds, End: true } } });

async function deployedTrigger({ events }: Burst, runSeconds: number, endpoint: string): Promise<Way> {
  const { runStore } = await import('../lib/aws/run-store.ts');
  const { awsLogs } = await import('../lib/deployed/aws-logs.ts');
  const stateMachineArn = await new Account().machineArn(churn.machine);
  await new SFNClient({}).send(
    new UpdateStateMachineCommand({ stateMachineArn, definition: waiting(runSeconds), roleArn: machineRole }),
  );
  const started = performance.now();
  const since = Date.now();
  await inTurns(slices(events, 10), 8, (ten) => sendTen(endpoint, ten));
  const { read } = runStore(names.table('runs'), 'churn');
  const distinct = new Set(events.map(({ id }) => id)).size;
  let answered = new Set<string>();
  await until(async () => {
    if ((await waitingMessages(endpoint)) > 0) return false;
    answered = await notedEvents('churn');
    return answered.size >= distinct;
  });
  const seconds = (performance.now() - started) / 1000;
  await until(async () => {
    const { running, waiting: waits } = await read();
    return !running && !waits;
  });
  const group = { part: 'trigger', group: churn.logs('trigger') };
  const begun = await awsLogs(region).lines(group, since, Date.now() + 1000, { streams: '', text: 'START RequestId' });
  const runs = await executionsOf(stateMachineArn);
  return {
    name: 'millrace, queue and function as deployed',
    runs: runs.size,
    seconds,
    invocations: begun.length,
    answered,
  };
}

async function triggerHere({ events }: Burst, runSeconds: number): Promise<Way> {
  const { triggerPorts } = await import('../lib/aws/run-ports.ts');
  const { arrived, ended } = await import('../lib/runs/start-runs.ts');
  const pipeline = 'burst';
  const stateMachineArn = await machine(pipeline, waiting(runSeconds));
  const place = {
    PIPELINE: pipeline,
    ENVIRONMENT: 'twin',
    RUNS_TABLE: names.table('runs'),
    PLAN_BUCKET: 'p',
    PLAN_KEY: 'p',
  };
  const ports = triggerPorts({ ...place, LAKE_BUCKET: 'lake', RAW_BUCKET: 'raw', STATE_MACHINE_ARN: stateMachineArn });
  const started = performance.now();
  // Like the queue, deliver again if the trigger gave up after too many write conflicts.
  const deliver = async (arrival: Arrival): Promise<unknown> =>
    arrived(arrival, ports).catch((error: Error) => {
      if (!error.message.includes('MR673')) throw error;
      return deliver(arrival);
    });
  await inTurns(slices(events, batchSize), atOnce, (some) =>
    deliver({
      cause: 'objects',
      ids: some.map(({ id }) => `object:${id}`),
      at: new Date(Math.max(...some.map(({ time }) => Date.parse(time)))),
      parameters: {},
      waits: true,
    }),
  );
  const seconds = (performance.now() - started) / 1000;
  await until(async () => {
    const { running } = await ports.read();
    if (running === undefined) return true;
    if ((await ports.status(running.input.run)) === 'ended') await ended(running.input.run, ports);
    return false;
  });
  const runs = await executionsOf(stateMachineArn);
  const name = 'millrace, logic in this process';
  return { name, runs: runs.size, seconds, answered: await notedEvents(pipeline) };
}

/** Starts one execution per event, named by the event's id. Step Functions refuses a second execution of the same name. */
async function naiveTrigger({ events }: Burst): Promise<Way> {
  const definition = JSON.stringify({ StartAt: 'Run', States: { Run: { Type: 'Pass', End: true } } });
  const stateMachineArn = await machine('naive', definition);
  const client = new SFNClient({});
  const started = performance.now();
  await inTurns(events, 8, async (event) => {
    const input = JSON.stringify(event);
    await client.send(new StartExecutionCommand({ stateMachineArn, name: event.id, input })).catch((error: unknown) => {
      if (!(error instanceof ExecutionAlreadyExists)) throw error;
    });
  });
  const seconds = (performance.now() - started) / 1000;
  const answered = await executionsOf(stateMachineArn);
  return { name: 'naive, one execution per event', runs: answered.size, seconds, answered };
}

async function machine(name: string, definition: string): Promise<string> {
  const made = await new SFNClient({}).send(new CreateStateMachineCommand({ name, definition, roleArn: machineRole }));
  return made.stateMachineArn!;
}

async function executionsOf(stateMachineArn: string): Promise<Set<string>> {
  const found = new Set<string>();
  const pages = paginateListExecutions({ client: new SFNClient({}), pageSize: 1000 }, { stateMachineArn });
  for await (const { executions = [] } of pages) for (const { name } of executions) found.add(name!);
  return found;
}

/** The ids of the object events that the trigger of a pipeline has recorded. */
async function notedEvents(pipeline: string): Promise<Set<string>> {
  const prefix = `event#${pipeline}#object:`;
  const found = new Set<string>();
  const query = { TableName: names.table('runs'), ProjectionExpression: 'pk' };
  for await (const { Items = [] } of paginateScan({ client: new DynamoDBClient({}) }, query)) {
    for (const { pk } of Items) if (pk?.S?.startsWith(prefix)) found.add(pk.S.slice(prefix.length));
  }
  return found;
}

/** Calls SQS over its query protocol, without a client. The twin does not check signatures. */
async function sqs(endpoint: string, Action: string, parameters: Record<string, string>): Promise<string> {
  const credential = `AWS4-HMAC-SHA256 Credential=${account}/20260101/${region}/sqs/aws4_request`;
  const QueueUrl = `${endpoint}/${account}/${churn.arrivals}`;
  const body = new URLSearchParams({ Action, Version: '2012-11-05', QueueUrl, ...parameters });
  const answer = await fetch(endpoint, { method: 'POST', headers: { authorization: credential }, body });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${Action}: ${text}`);
  return text;
}

async function sendTen(endpoint: string, ten: readonly ObjectEvent[]): Promise<void> {
  const entries = ten.flatMap((event, i) => [
    [`SendMessageBatchRequestEntry.${i + 1}.Id`, `m${i}`],
    [`SendMessageBatchRequestEntry.${i + 1}.MessageBody`, JSON.stringify(event)],
  ]);
  await sqs(endpoint, 'SendMessageBatch', Object.fromEntries(entries) as Record<string, string>);
}

async function waitingMessages(endpoint: string): Promise<number> {
  const text = await sqs(endpoint, 'GetQueueAttributes', { 'AttributeName.1': 'All' });
  const of = (name: string) => Number(new RegExp(`<Name>${name}</Name>\\s*<Value>(\\d+)`).exec(text)![1]);
  return of('ApproximateNumberOfMessages') + of('ApproximateNumberOfMessagesNotVisible');
}

function slices<T>(all: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, i) => all.slice(i * size, (i + 1) * size));
}

/** Calls `act` for each element in order, at most `atMost` at a time. */
async function inTurns<T>(all: readonly T[], atMost: number, act: (one: T) => Promise<unknown>): Promise<void> {
  let next = 0;
  const turn = async () => {
    while (next < all.length) await act(all[next++]!);
  };
  await Promise.all(Array.from({ length: atMost }, turn));
}

async function until(holds: () => Promise<boolean>, seconds = 600): Promise<void> {
  for (const end = Date.now() + seconds * 1000; !(await holds()); await sleep(200)) {
    if (Date.now() > end) throw new Error(`the burst had not ended after ${seconds} s`);
  }
}
