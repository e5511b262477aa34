import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DeleteItemCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GetJobRunsCommand, GlueClient } from '@aws-sdk/client-glue';
import { GetFunctionConfigurationCommand, InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { CreateScheduleCommand, GetScheduleCommand, SchedulerClient } from '@aws-sdk/client-scheduler';
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { FunctionName } from '../../lambdas/functions.ts';
import type { RunState } from '../../lib/runs/run-state.ts';
import { recorded } from '../recording/environment.ts';
import { type UnderRoles, until } from './under-roles.ts';

export interface AlarmResponse {
  action: string;
  outcome: string;
  detail: string;
}

/** How long an automatic reaction may take to begin, in seconds. */
const soon = 15;

export type PlayedPipeline = ReturnType<typeof playedPipeline>;

/** What scenarios do to the deployed pipeline and observe of it. Uses the account's own credentials, which may do everything. */
export function playedPipeline(here: UnderRoles) {
  const { account, names, machine } = here;
  const churn = names.pipeline('churn');
  const runsTable = names.table('runs');
  const database = new DynamoDBClient({});
  const lambda = new LambdaClient({});
  const schedules = new SchedulerClient({});
  const { region } = recorded;
  const logs = new CloudWatchLogsClient({ region });
  const queues = new SQSClient({ region });
  const glue = new GlueClient({ region });
  let made = 0;
  const fresh = (word: string) => `${word}-${Date.now()}-${++made}`;

  const invoke = <T>(name: FunctionName, event: unknown) => account.invoke(churn.function(name), event) as Promise<T>;
  const later = (name: FunctionName, event: unknown) => {
    const request = {
      FunctionName: churn.function(name),
      InvocationType: 'Event',
      Payload: JSON.stringify(event),
    } as const;
    return lambda.send(new InvokeCommand(request));
  };

  const state = async (): Promise<RunState> => {
    const { runStore } = await import('../../lib/aws/run-store.ts');
    return runStore(runsTable, 'churn').read();
  };
  const resumeRuns = () => invoke<{ detail: string }>('respond', { liftStop: true, by: 'the proof' });
  /** Waits until no run is running and runs may start. Also starts a run that was recorded but never started. */
  const heal = async () => {
    if ((await state()).stopped !== undefined) await resumeRuns();
    let idle = 0;
    await until(
      'an idle pipeline',
      async () => {
        const isRunning = (await account.runs(machine)).some(({ status }) => status === 'RUNNING');
        if (!isRunning && (await state()).running === undefined) return true;
        idle = isRunning ? 0 : idle + 1;
        // A run recorded as running that has really ended is only noticed at the next trigger, so trigger one.
        if (idle > 0 && idle % 15 === 0) await invoke('trigger', { cause: 'manual' });
        return undefined;
      },
      120,
    );
  };

  /** Throws if the function has logged nothing since. */
  const logged = (name: FunctionName, since: number) =>
    until(
      `a log line of ${name}`,
      async () => {
        const request = { logGroupName: churn.logs(name), startTime: since, limit: 10 };
        const { events = [] } = await logs.send(new FilterLogEventsCommand(request));
        return events.length > 0 || undefined;
      },
      3,
    );
  const deadLetters = async (queue: string): Promise<number> => {
    const QueueUrl = `${process.env['AWS_ENDPOINT_URL']}/${recorded.account}/${churn.deadLetters(queue)}`;
    const request = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['ApproximateNumberOfMessages'] });
    return Number((await queues.send(request)).Attributes?.ApproximateNumberOfMessages);
  };
  /** Runs an action, and waits until it has added a dead letter. */
  const oneMoreDeadLetter = async (queue: string, action: () => Promise<unknown>) => {
    const before = await deadLetters(queue);
    await action();
    await until(`a dead letter of ${queue}`, async () => (await deadLetters(queue)) > before || undefined, soon);
  };

  const newRun = async (known: ReadonlySet<string>) => {
    const runs = async () => (await account.runs(machine)).filter(({ name }) => !known.has(name!));
    await until('a run', async () => (await runs()).length > 0 || undefined, soon);
    // The gate holds a candidate that is worse, or equal to one that was rolled back. Such a run has ended as well.
    await account.nextRun(machine, known).catch((error: Error) => {
      if (!error.message.includes('QualityGate')) throw error;
    });
  };
  const knownRuns = async () => new Set((await account.runs(machine)).map(({ name }) => name!));

  /** Sends one alarm state change to the responder. `kind`: the end of the alarm's name. */
  const alarmed = async (kind: string, at = new Date()) => {
    const event = {
      'detail-type': 'CloudWatch Alarm State Change',
      detail: {
        alarmName: churn.alarm(kind),
        state: { value: 'ALARM', reason: 'set by the proof', timestamp: at.toISOString() },
        configuration: { metrics: [{ metricStat: { metric: { dimensions: { Model: 'churn' } } } }] },
      },
    };
    const [response] = await invoke<AlarmResponse[]>('respond', event);
    return { event, response: response! };
  };
  const endCoolDown = async (slot: string) => {
    const Key = { pk: { S: 'cool-down#churn' }, sk: { S: slot } };
    await database.send(new DeleteItemCommand({ TableName: runsTable, Key }));
  };

  /** Has the gate promote a version, under a new run name, so that it is a new promotion. */
  const promote = async (version: number) => {
    const request = {
      pipeline: 'churn',
      model: 'churn',
      version,
      run: fresh('by-hand'),
      gate: { auc: 0.5, live: 'ignored' },
    };
    return invoke<{ verdict: string; reason: string }>('quality', request);
  };
  const promotions = async () => {
    const { registry } = await import('../../lib/aws/registry.ts');
    return registry(names.table('registry'), 'churn').history('churn');
  };
  const newestVersion = async () => Math.max(...(await promotions()).map(({ version }) => version));

  const places = async () => {
    const request = new GetFunctionConfigurationCommand({ FunctionName: churn.function('trigger') });
    const { PLAN_BUCKET, PLAN_KEY } = (await lambda.send(request)).Environment!.Variables!;
    return {
      plan: `s3://${PLAN_BUCKET}/${PLAN_KEY}`,
      data: `s3://${names.bucket('raw')}/churn`,
      root: `s3://${names.bucket('lake')}`,
    };
  };

  /** Creates a copy of the deployed schedule that fires once, now. */
  const fireSchedule = async () => {
    const { Target } = await schedules.send(new GetScheduleCommand({ Name: churn.schedule }));
    const request = {
      Name: fresh('now'),
      ScheduleExpression: `at(${new Date().toISOString().slice(0, 19)})`,
      FlexibleTimeWindow: { Mode: 'OFF' },
      ActionAfterCompletion: 'DELETE',
      Target,
    } as const;
    await schedules.send(new CreateScheduleCommand(request));
  };

  /** How many runs of the Glue job were stopped. */
  const stopped = async () => {
    const { JobRuns = [] } = await glue.send(new GetJobRunsCommand({ JobName: churn.job }));
    return JobRuns.filter(({ JobRunState }) => JobRunState === 'STOPPED').length;
  };

  const uploadFiles = async () => {
    await heal();
    const known = await knownRuns();
    const folder = known.size === 0 ? here.data : await moreCustomers(here.data, ++made);
    await account.upload(folder, names.bucket('raw'), 'churn/');
    await newRun(known);
  };
  return {
    ...{ account, machine, churn, runsTable, database, lambda, fresh, invoke, later, state, heal, resumeRuns, logged },
    ...{ oneMoreDeadLetter, newRun, knownRuns, uploadFiles, alarmed, promote, newestVersion, places, fireSchedule },
    endCoolDown,
    stopped,
    topic: names.topic,
  };
}

/** Writes a folder with one file of new customers. */
async function moreCustomers(data: string, number: number): Promise<string> {
  const text = await readFile(path.join(data, 'customers', 'part-00000.csv'), 'utf8');
  const [header, ...lines] = text.trimEnd().split('\n');
  const rows = lines.slice(0, 20).map((line) => line.replace('C-', `C-${number}9`));
  const folder = path.join(path.dirname(data), `more-${number}`, 'customers');
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, `part-more-${number}.csv`), `${[header, ...rows].join('\n')}\n`);
  return path.dirname(folder);
}
