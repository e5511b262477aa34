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

/** So long it may take until something begins that begins by itself, seconds. */
const soon = 15;

export type PlayedPipeline = ReturnType<typeof playedPipeline>;

/** What scenarios do to the deployed pipeline, and see of it. All of it in the name of the account, which is refused nothing. */
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
    const asked = {
      FunctionName: churn.function(name),
      InvocationType: 'Event',
      Payload: JSON.stringify(event),
    } as const;
    return lambda.send(new InvokeCommand(asked));
  };

  const state = async (): Promise<RunState> => {
    const { runStore } = await import('../../lib/aws/run-store.ts');
    return runStore(runsTable, 'churn').read();
  };
  const letGoOn = () => invoke<{ detail: string }>('respond', { liftStop: true, by: 'the proof' });
  /** Waits until no run is on and runs may start, and starts what was decided on and never started. */
  const heal = async () => {
    if ((await state()).stopped !== undefined) await letGoOn();
    let idle = 0;
    await until(
      'rest',
      async () => {
        const on = (await account.runs(machine)).some(({ status }) => status === 'RUNNING');
        if (!on && (await state()).running === undefined) return true;
        idle = on ? 0 : idle + 1;
        // One that is said to be on and is not is found out by whoever asks for a run.
        if (idle > 0 && idle % 15 === 0) await invoke('trigger', { cause: 'manual' });
        return undefined;
      },
      120,
    );
  };

  /** Throws where the function's log does not tell of anything since. */
  const logged = (name: FunctionName, since: number) =>
    until(
      `what ${name} logs`,
      async () => {
        const asked = { logGroupName: churn.logs(name), startTime: since, limit: 10 };
        const { events = [] } = await logs.send(new FilterLogEventsCommand(asked));
        return events.length > 0 || undefined;
      },
      3,
    );
  const deadLetters = async (of: string): Promise<number> => {
    const QueueUrl = `${process.env['AWS_ENDPOINT_URL']}/${recorded.account}/${churn.deadLetters(of)}`;
    const asked = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['ApproximateNumberOfMessages'] });
    return Number((await queues.send(asked)).Attributes?.ApproximateNumberOfMessages);
  };
  /** Waits for one dead letter more than there were before `happening`. */
  const oneMoreDeadLetter = async (of: string, happening: () => Promise<unknown>) => {
    const before = await deadLetters(of);
    await happening();
    await until(`a dead letter of ${of}`, async () => (await deadLetters(of)) > before || undefined, soon);
  };

  const newRun = async (known: ReadonlySet<string>) => {
    const runs = async () => (await account.runs(machine)).filter(({ name }) => !known.has(name!));
    await until('a run', async () => (await runs()).length > 0 || undefined, soon);
    // A candidate that is worse, or a twin of one that was rolled back, is held: such a run has come to its end as well.
    await account.nextRun(machine, known).catch((error: Error) => {
      if (!error.message.includes('QualityGate')) throw error;
    });
  };
  const knownRuns = async () => new Set((await account.runs(machine)).map(({ name }) => name!));

  /** The answer to one change of an alarm. `kind`: the end of its name. */
  const alarmed = async (kind: string, at = new Date()) => {
    const event = {
      'detail-type': 'CloudWatch Alarm State Change',
      detail: {
        alarmName: churn.alarm(kind),
        state: { value: 'ALARM', reason: 'the proof says so', timestamp: at.toISOString() },
        configuration: { metrics: [{ metricStat: { metric: { dimensions: { Model: 'churn' } } } }] },
      },
    };
    const [response] = await invoke<AlarmResponse[]>('respond', event);
    return { event, response: response! };
  };
  const warmUp = async (slot: string) => {
    const Key = { pk: { S: 'cool-down#churn' }, sk: { S: slot } };
    await database.send(new DeleteItemCommand({ TableName: runsTable, Key }));
  };

  /** Has the gate promote a version; by a run that never was, so that it is a new promotion. */
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
    const asked = new GetFunctionConfigurationCommand({ FunctionName: churn.function('trigger') });
    const { PLAN_BUCKET, PLAN_KEY } = (await lambda.send(asked)).Environment!.Variables!;
    return {
      plan: `s3://${PLAN_BUCKET}/${PLAN_KEY}`,
      data: `s3://${names.bucket('raw')}/churn`,
      root: `s3://${names.bucket('lake')}`,
    };
  };

  /** A schedule like the deployed one, which comes once and at once. */
  const comesNow = async () => {
    const { Target } = await schedules.send(new GetScheduleCommand({ Name: churn.schedule }));
    const asked = {
      Name: fresh('now'),
      ScheduleExpression: `at(${new Date().toISOString().slice(0, 19)})`,
      FlexibleTimeWindow: { Mode: 'OFF' },
      ActionAfterCompletion: 'DELETE',
      Target,
    } as const;
    await schedules.send(new CreateScheduleCommand(asked));
  };

  /** How many runs of the job were stopped. */
  const stopped = async () => {
    const { JobRuns = [] } = await glue.send(new GetJobRunsCommand({ JobName: churn.job }));
    return JobRuns.filter(({ JobRunState }) => JobRunState === 'STOPPED').length;
  };

  const filesComeIn = async () => {
    await heal();
    const known = await knownRuns();
    const folder = known.size === 0 ? here.data : await moreCustomers(here.data, ++made);
    await account.upload(folder, names.bucket('raw'), 'churn/');
    await newRun(known);
  };
  return {
    ...{ account, machine, churn, runsTable, database, lambda, fresh, invoke, later, state, heal, letGoOn, logged },
    ...{ oneMoreDeadLetter, newRun, knownRuns, filesComeIn, alarmed, warmUp, promote, newestVersion, places, comesNow },
    stopped,
    topic: names.topic,
  };
}

/** A folder with one file of new customers. */
async function moreCustomers(data: string, number: number): Promise<string> {
  const text = await readFile(path.join(data, 'customers', 'part-00000.csv'), 'utf8');
  const [header, ...lines] = text.trimEnd().split('\n');
  const rows = lines.slice(0, 20).map((line) => line.replace('C-', `C-${number}9`));
  const folder = path.join(path.dirname(data), `more-${number}`, 'customers');
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, `part-more-${number}.csv`), `${[header, ...rows].join('\n')}\n`);
  return path.dirname(folder);
}
