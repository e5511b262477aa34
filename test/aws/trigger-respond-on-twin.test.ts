import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CreateTableCommand, DynamoDBClient, type KeyType, QueryCommand } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  CreateScheduleCommand,
  CreateScheduleGroupCommand,
  GetScheduleCommand,
  SchedulerClient,
} from '@aws-sdk/client-scheduler';
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  ListExecutionsCommand,
  SFNClient,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { ConfirmSubscriptionCommand, CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import type { Context } from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Registry } from '../../lib/aws/registry.ts';
import type { ExecutionInput, RunState } from '../../lib/runs/run-state.ts';
import type { TriggerPorts } from '../../lib/runs/start-runs.ts';
import { isTwinInstalled, startTwin, type Twin } from '../../twin/ministack.ts';
import { manifestOf } from '../local/version-folder.ts';

/** Tests the adapters on a server that checks their conditions like DynamoDB, Step Functions, Scheduler and SNS. */
describe.skipIf(!isTwinInstalled())('on the twin', () => {
  let twin: Twin;
  let env: Awaited<ReturnType<typeof resources>>;
  const before = { ...process.env };

  beforeAll(async () => {
    twin = await startTwin();
    Object.assign(process.env, twin.environment);
    env = await resources();
  });
  afterAll(async () => {
    await twin?.[Symbol.asyncDispose]();
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
    Object.assign(process.env, before);
  });

  describe('the memory of the trigger', () => {
    const store = async (pipeline: string): Promise<Pick<TriggerPorts, 'read' | 'write' | 'note'>> =>
      (await import('../../lib/aws/run-store.ts')).runStore(env.RUNS_TABLE, pipeline);
    const state = (revision: number): RunState => ({ revision, last: 'r-20261121t080000-0000' });

    test('saves a state, and refuses one that is not the next', async () => {
      const { read, write } = await store('states');
      expect(await read()).toEqual({ revision: 0 });
      expect(await write(state(2), [])).toBe('changed');
      expect(await write(state(1), [])).toBe('written');
      expect(await write(state(1), [])).toBe('changed');
      expect(await write(state(3), [])).toBe('changed');
      expect(await write(state(2), [])).toBe('written');
      expect(await read()).toEqual(state(2));
    });

    test('recognises repeated events of its pipeline only, and then writes nothing', async () => {
      const { read, write, note } = await store('events');
      const ids = Array.from({ length: 99 }, (_, i) => `object:${i}`);
      expect(await write(state(1), ids)).toBe('written');
      expect(await write(state(2), ['new', 'object:7', 'object:98'])).toEqual({ known: ['object:7', 'object:98'] });
      expect(await read()).toEqual(state(1));
      expect(await note(['new', 'object:3'])).toEqual({ known: ['object:3'] });
      expect(await note(['new'])).toBe('written');
      expect(await note(['new'])).toEqual({ known: ['new'] });
      expect(await (await store('others')).write(state(1), ids)).toBe('written');
    });

    test('forgets an event a day after it can no longer be repeated', async () => {
      const { note } = await store('expiry');
      await note(['e']);
      const [item] = await items(env.RUNS_TABLE, 'event#expiry#e');
      expect(Number(item?.expires?.N) * 1000 - Date.now()).toBeGreaterThan(14 * 86_400_000);
    });

    test('lets one of many concurrent writers of the same revision win', async () => {
      const { write } = await store('races');
      const written = await Promise.all(Array.from({ length: 20 }, (_, i) => write(state(1), [`event ${i}`])));
      expect(written.filter((outcome) => outcome === 'written').length).toBe(1);
    });
  });

  describe('executions', () => {
    const input: ExecutionInput = {
      run: 'r-20261121t080000-abcd',
      pipeline: 'churn',
      cause: 'manual',
      plan: '',
      root: '',
      data: '',
      parameters: {},
    };

    test('start once per name, and report whether they are running', async () => {
      const { executions } = await import('../../lib/aws/executions.ts');
      const stateMachineArn = await machine('once');
      const { start, status } = executions(stateMachineArn);
      expect(await status(input.run)).toBe('none');
      await start(input);
      expect(await status(input.run)).toBe('running');
      await start(input);
      const [execution] = await listed(stateMachineArn);
      await new SFNClient({}).send(new StopExecutionCommand({ executionArn: execution?.executionArn }));
      expect(await status(input.run)).toBe('ended');
      await start(input);
      expect((await listed(stateMachineArn)).map(({ name, status: how }) => [name, how])).toEqual([
        [input.run, 'ABORTED'],
      ]);
    });
  });

  test('many deliveries at once start one run, and its end one more', async () => {
    const { triggerPorts } = await import('../../lib/aws/run-ports.ts');
    const { arrived, ended } = await import('../../lib/runs/start-runs.ts');
    const stateMachineArn = await machine('burst');
    const ports = triggerPorts({ ...env, PIPELINE: 'burst', STATE_MACHINE_ARN: stateMachineArn });
    const deliveries = Array.from({ length: 8 }, (_, i) => ({
      cause: 'objects' as const,
      // Every second delivery repeats the one before.
      ids: Array.from({ length: 120 }, (__, n) => `object:${Math.floor(i / 2)}-${n}`),
      at: new Date(),
      parameters: {},
      waits: true,
    }));
    // Like the queue, deliver again after too many write conflicts.
    const deliver = async (arrival: (typeof deliveries)[number]): Promise<unknown> =>
      arrived(arrival, ports).catch((error: unknown) => {
        if (!String(error).includes('MR673')) throw error;
        return deliver(arrival);
      });
    await Promise.all(deliveries.map(deliver));
    const [first, ...more] = await listed(stateMachineArn);
    expect(more).toEqual([]);
    await new SFNClient({}).send(new StopExecutionCommand({ executionArn: first?.executionArn }));
    await Promise.all([ended(first!.name!, ports), ended(first!.name!, ports).catch(() => undefined)]);
    await Promise.all(deliveries.map(deliver));
    const runs = await listed(stateMachineArn);
    expect(runs.map(({ status }) => status).sort()).toEqual(['ABORTED', 'RUNNING']);
  });

  describe('the log of promotions', () => {
    const log = async (pipeline: string): Promise<Registry> =>
      (await import('../../lib/aws/registry.ts')).registry(env.REGISTRY_TABLE, pipeline);
    const promotion = (version: number) => ({
      version,
      run: `r-${version}`,
      at: '2026-11-21T08:00:00.000Z',
      metric: 'auc',
      value: 0.8125,
    });

    test('returns what was appended, and the live version', async () => {
      const { live, history, append, promote } = await log('log');
      expect([await live('churn'), await history('churn')]).toEqual([undefined, []]);
      await promote('churn', promotion(4));
      await promote('churn', promotion(4));
      await promote('churn', promotion(9));
      const back = { ...promotion(4), sequence: 3, rollback: { from: 9, transition: 'alarm@2026' } };
      expect([await append('churn', back), await append('churn', back)]).toEqual([true, false]);
      expect(await history('churn')).toEqual([
        { ...promotion(4), sequence: 1 },
        { ...promotion(9), sequence: 2 },
        back,
      ]);
      expect(await live('churn')).toEqual(back);
      expect(await live('fraud')).toBeUndefined();
    });

    test('numbers concurrent promotions without gaps or duplicates', async () => {
      const { history, append } = await log('crowd');
      const versions = Array.from({ length: 12 }, (_, i) => i + 1);
      const turns = versions.map(async (version) => {
        for (;;) {
          const log = await history('churn');
          if (await append('churn', { ...promotion(version), sequence: log.length + 1 })) return;
        }
      });
      await Promise.all(turns);
      const entries = await history('churn');
      expect(entries.map(({ sequence }) => sequence)).toEqual(versions);
      expect(entries.map(({ version }) => version).sort((a, b) => a - b)).toEqual(versions);
    });
  });

  describe('the memory of the responder', () => {
    const store = async (pipeline: string, now: () => Date = () => new Date()) =>
      (await import('../../lib/aws/response-store.ts')).responseStore(env.RUNS_TABLE, pipeline, now);

    test('gives an alarm state change to one responder, until it is done or that responder has ended', async () => {
      let clock = Date.now();
      const { claim, settle } = await store('claims', () => new Date(clock));
      const all = await Promise.all(Array.from({ length: 10 }, () => claim('a@1')));
      expect(all.sort()).toEqual([...Array.from({ length: 9 }, () => 'busy'), 'mine']);
      clock += 121_000;
      expect([await claim('a@1'), await claim('a@1')]).toEqual(['mine', 'busy']);
      await settle('a@1', 'failed');
      expect(await claim('a@1')).toBe('mine');
      await settle('a@1', 'done');
      clock += 1_000_000;
      expect([await claim('a@1'), await claim('a@2')]).toEqual(['done', 'mine']);
    });

    test('blocks a slot during its cool-down, except for the change that holds it', async () => {
      let clock = Date.now();
      const { reserveSlot, releaseSlot } = await store('slots', () => new Date(clock));
      const hour = 3_600_000;
      expect([await reserveSlot('pause', 'a@1', hour), await reserveSlot('pause', 'a@2', hour)]).toEqual([true, false]);
      expect([await reserveSlot('pause', 'a@1', hour), await reserveSlot('notify', 'a@2', hour)]).toEqual([true, true]);
      clock += hour;
      expect(await reserveSlot('pause', 'a@2', hour)).toBe(true);
      await releaseSlot('pause', 'a@1');
      expect(await reserveSlot('pause', 'a@3', hour)).toBe(false);
      await releaseSlot('pause', 'a@2');
      expect(await reserveSlot('pause', 'a@3', hour)).toBe(true);
    });

    test('writes every audit entry, even those of the same millisecond', async () => {
      const { audit } = await store('audits');
      const at = new Date('2026-11-21T08:00:00.000Z');
      const entry = { at, alarm: 'cost', transition: 'cost@1', action: 'stop' as const, detail: 'it failed' };
      await audit({ ...entry, outcome: 'failed' });
      await audit({ ...entry, outcome: 'done' });
      const found = await items(env.RUNS_TABLE, 'audit#audits');
      expect(found.map(({ sk, outcome, action }) => [sk?.S, outcome?.S, action?.S])).toEqual([
        ['2026-11-21T08:00:00.000Z#cost', 'failed', 'stop'],
        ['2026-11-21T08:00:00.001Z#cost', 'done', 'stop'],
      ]);
    });
  });

  test('a paused schedule keeps everything except its start date, which it gets back when resumed', async () => {
    const { pauseSchedule, resumeSchedule } = await import('../../lib/aws/schedule.ts');
    const client = new SchedulerClient({});
    await client.send(new CreateScheduleGroupCommand({ Name: 'millrace' }));
    await client.send(
      new CreateScheduleCommand({
        Name: 'nightly',
        GroupName: 'millrace',
        ScheduleExpression: 'cron(0 3 * * ? *)',
        ScheduleExpressionTimezone: 'Europe/Berlin',
        Description: 'once a night',
        FlexibleTimeWindow: { Mode: 'FLEXIBLE', MaximumWindowInMinutes: 5 },
        Target: {
          Arn: 'arn:aws:lambda:us-east-1:000000000000:function:t',
          RoleArn: 'arn:aws:iam::000000000000:role/r',
          Input: '{"cause":"schedule"}',
        },
        State: 'ENABLED',
      }),
    );
    const read = async () => {
      const {
        $metadata: _,
        LastModificationDate: __,
        CreationDate: ___,
        ...rest
      } = await client.send(new GetScheduleCommand({ Name: 'nightly', GroupName: 'millrace' }));
      return rest;
    };
    const enabled = await read();
    const until = new Date('2030-01-01T00:00:00Z');
    const pause = (name: string) => pauseSchedule(name, until);
    expect([await pause('millrace/nightly'), await pause('millrace/nightly')]).toEqual(['paused', 'paused before']);
    expect(await read()).toEqual({ ...enabled, StartDate: until });
    expect(await resumeSchedule('millrace/nightly', new Date('2031-01-01T00:00:00Z'))).toBe('as it was');
    expect(await resumeSchedule('millrace/nightly', until)).toBe('on again');
    expect(await read()).toEqual(enabled);
    expect([await pause('nightly'), await resumeSchedule('nightly', until)]).toEqual(['no schedule', 'no schedule']);
  });

  test('a spent budget stops runs and the schedule until a person resumes them', async () => {
    const { respondPorts } = await import('../../lib/aws/response-ports.ts');
    const { triggerPorts } = await import('../../lib/aws/run-ports.ts');
    const { answer } = await import('../../lambdas/respond/route.ts');
    const { arrived } = await import('../../lib/runs/start-runs.ts');
    const scheduler = new SchedulerClient({});
    await scheduler.send(
      new CreateScheduleCommand({
        Name: 'daily',
        ScheduleExpression: 'rate(1 day)',
        FlexibleTimeWindow: { Mode: 'OFF' },
        Target: {
          Arn: 'arn:aws:lambda:us-east-1:000000000000:function:t',
          RoleArn: 'arn:aws:iam::000000000000:role/r',
        },
      }),
    );
    const begins = async () => (await scheduler.send(new GetScheduleCommand({ Name: 'daily' }))).StartDate;
    const people = await subscribed();
    try {
      const stateMachineArn = await machine('stopped');
      const own = { ...env, PIPELINE: 'stopped', STATE_MACHINE_ARN: stateMachineArn, SCHEDULE_NAME: 'daily' };
      const ports = respondPorts({ ...own, ALARM_TOPIC_ARN: people.topic });
      const silent = { about: () => undefined, done: () => undefined };
      const Message = [
        'AWS Budget Notification November 21, 2026',
        '',
        'Budget Name: millrace-twin-month',
        'Budget Type: Cost',
        'Budgeted Amount: $1.00',
        'Alert Type: ACTUAL',
        'Alert Threshold: > $1.00',
        'ACTUAL Amount: $1.02',
      ].join('\n');
      const notice = { Records: [{ EventSource: 'aws:sns', Sns: { Message, Timestamp: new Date().toISOString() } }] };
      expect(await answer(notice, ports, silent)).toMatchObject([{ action: 'stop', outcome: 'done' }]);
      expect(await people.next).toMatchObject({ Message: expect.stringContaining('No run starts') });
      const { until } = (await ports.stopped())!;
      expect(await begins()).toEqual(new Date(until));
      const ask = (id: string) => ({
        cause: 'objects' as const,
        ids: [id],
        at: new Date(),
        parameters: {},
        waits: true,
      });
      const asked = await Promise.all(['a', 'b', 'c'].map((id) => arrived(ask(id), triggerPorts(own))));
      for (const outcome of asked) expect(outcome).toMatchObject({ why: 'stopped', until, issue: { code: 'MR760' } });
      expect(await listed(stateMachineArn)).toEqual([]);
      expect(await answer({ liftStop: true, by: 'ada' }, ports, silent)).toMatchObject({ lifted: true });
      expect(await begins()).toBeUndefined();
      expect((await listed(stateMachineArn)).map(({ status }) => status)).toEqual(['RUNNING']);
      const audits = await items(env.RUNS_TABLE, 'audit#stopped');
      expect(audits.map(({ action, outcome }) => [action?.S, outcome?.S])).toEqual([
        ['stop', 'done'],
        ['lift', 'done'],
      ]);
    } finally {
      people.server.close();
    }
  });

  test('a falling AUC rolls the model back once, and a first version is reported instead', async () => {
    const { respondPorts } = await import('../../lib/aws/response-ports.ts');
    const { respond } = await import('../../lib/responses/respond.ts');
    const { registry } = await import('../../lib/aws/registry.ts');
    const people = await subscribed();
    try {
      const ports = respondPorts({ ...env, PIPELINE: 'whole', ALARM_TOPIC_ARN: people.topic });
      const { promote, live } = registry(env.REGISTRY_TABLE, 'whole');
      for (const version of [1, 2]) {
        await promote('churn', {
          version,
          run: `r-${version}`,
          at: `2026-11-2${version - 1}T07:00:00.000Z`,
          metric: 'auc',
          value: 0.8,
        });
      }
      await putVersion('models/whole/churn/v1/');
      const at = new Date('2026-11-21T08:00:00Z');
      const change = { alarm: 'x-model-worse', state: 'ALARM' as const, reason: 'AUC < 0.7', at, model: 'churn' };
      expect(await respond(change, ports)).toMatchObject({ outcome: 'done' });
      expect(await respond(change, ports)).toMatchObject({ outcome: 'seen' });
      expect(await live('churn')).toMatchObject({ sequence: 3, version: 1, rollback: { from: 2 } });
      expect(await respond({ ...change, at: new Date(), model: 'fraud' }, ports)).toMatchObject({ outcome: 'done' });
      expect(await people.next).toMatchObject({
        Subject: 'whole: x-model-worse',
        Message: expect.stringContaining('Nothing to roll fraud back to'),
      });
      const audits = await items(env.RUNS_TABLE, 'audit#whole');
      expect(audits.map(({ action, outcome }) => [action?.S, outcome?.S])).toEqual([
        ['rollback', 'done'],
        ['rollback', 'done'],
      ]);
    } finally {
      people.server.close();
    }
  });

  test('a roll-back passes over a version that is not whole in the lake', async () => {
    const { respondPorts } = await import('../../lib/aws/response-ports.ts');
    const { respond } = await import('../../lib/responses/respond.ts');
    const { registry } = await import('../../lib/aws/registry.ts');
    const ports = respondPorts({ ...env, PIPELINE: 'halves', STATE_MACHINE_ARN: await machine('halves') });
    const { promote, live } = registry(env.REGISTRY_TABLE, 'halves');
    const names = ['model.json', 'rows.bin'];
    for (const version of [1, 2, 3, 4]) {
      const at = `2026-11-2${version - 1}T07:00:00.000Z`;
      await promote('churn', { version, run: `r-${version}`, at, metric: 'auc', value: 0.8 });
      await putVersion(`models/halves/churn/v${version}/`, names);
    }
    const s3 = new S3Client({ forcePathStyle: true });
    const remove = (key: string) =>
      s3.send(new DeleteObjectCommand({ Bucket: 'lake', Key: `models/halves/churn/${key}` }));
    await remove('v3/manifest.json');
    await remove('v2/rows.bin');
    const at = new Date('2026-11-24T08:00:00Z');
    const change = { alarm: 'h-model-worse', state: 'ALARM' as const, reason: 'AUC < 0.7', at, model: 'churn' };
    expect(await respond(change, ports)).toMatchObject({
      outcome: 'done',
      detail: expect.stringContaining(
        'churn v1 is live again, instead of v4 (passed over: v3 of model "churn" cannot score: manifest.json is missing or damaged; v2 of model "churn" cannot score: rows.bin is missing)',
      ) as string,
    });
    expect(await live('churn')).toMatchObject({ version: 1, rollback: { from: 4 } });
  });

  test('the handlers start a run for an object, and queue a training until it ends', async () => {
    const context = { awsRequestId: 'req-1', functionName: 'f', memoryLimitInMB: '256' } as Context;
    const variables = { ...env, PIPELINE: 'wired', STATE_MACHINE_ARN: await machine('wired'), ALARM_TOPIC_ARN: 'none' };
    Object.assign(process.env, variables, { POWERTOOLS_LOG_LEVEL: 'SILENT' });
    const trigger = await import('../../lambdas/trigger/handler.ts');
    const responder = await import('../../lambdas/respond/handler.ts');
    const body = JSON.stringify({
      id: 'event-1',
      'detail-type': 'Object Created',
      time: '2026-11-21T08:00:00Z',
      detail: { bucket: { name: 'raw' }, object: { key: 'customers/a.csv' } },
    });
    const batch = { Records: [{ messageId: 'm1', body, eventSource: 'aws:sqs' }] };
    expect(await trigger.handler(batch, context)).toEqual({ batchItemFailures: [] });
    const [execution, ...more] = await listed(variables.STATE_MACHINE_ARN);
    expect(more).toEqual([]);
    const { input } = await new SFNClient({}).send(
      new DescribeExecutionCommand({ executionArn: execution?.executionArn }),
    );
    expect(JSON.parse(input!)).toEqual({
      run: execution?.name,
      pipeline: 'wired',
      cause: 'objects',
      plan: 's3://assets/plan.json',
      root: 's3://lake',
      data: 's3://raw/wired',
      parameters: {},
    });
    const timestamp = '2026-11-21T09:00:00.000+0000';
    const drift = {
      'detail-type': 'CloudWatch Alarm State Change',
      detail: { alarmName: 'twin-wired-drift', state: { value: 'ALARM', timestamp } },
    };
    expect(await responder.handler(drift, context)).toMatchObject([
      { action: 'retrain', outcome: 'done', detail: `training waits for the end of run ${execution?.name}` },
    ]);
  });

  test("a notification has a subject that SNS accepts, whatever the alarm's name", async () => {
    const { publish } = await import('../../lib/aws/topic.ts');
    const people = await subscribed();
    try {
      await publish(people.topic, `naïve\nalarm ${'x'.repeat(120)}`, 'Größe');
      const { Subject, Message } = await people.next;
      expect(Subject).toMatch(/^na ve alarm x{87}$/);
      expect(Message).toBe('Größe');
    } finally {
      people.server.close();
    }
  });

  async function resources() {
    const database = new DynamoDBClient({});
    for (const TableName of ['runs', 'registry']) {
      const key = (AttributeName: string, KeyType: KeyType) => ({ AttributeName, KeyType });
      await database.send(
        new CreateTableCommand({
          TableName,
          KeySchema: [key('pk', 'HASH'), key('sk', 'RANGE')],
          AttributeDefinitions: ['pk', 'sk'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' as const })),
          BillingMode: 'PAY_PER_REQUEST',
        }),
      );
    }
    await new S3Client({}).send(new CreateBucketCommand({ Bucket: 'lake' }));
    return {
      PIPELINE: 'churn',
      ENVIRONMENT: 'twin',
      RUNS_TABLE: 'runs',
      REGISTRY_TABLE: 'registry',
      LAKE_BUCKET: 'lake',
      RAW_BUCKET: 'raw',
      PLAN_BUCKET: 'assets',
      PLAN_KEY: 'plan.json',
      STATE_MACHINE_ARN: await machine('main'),
      SCHEDULE_NAME: 'millrace/nightly',
      ALARM_TOPIC_ARN: '',
    };
  }
});

/** Writes a whole model version to the lake. */
async function putVersion(folder: string, names: readonly string[] = ['model.json']): Promise<void> {
  const files = Object.fromEntries(names.map((name) => [name, `{"of": "${name}"}`]));
  const s3 = new S3Client({ forcePathStyle: true });
  for (const [name, Body] of Object.entries({ ...files, 'manifest.json': manifestOf(files) }))
    await s3.send(new PutObjectCommand({ Bucket: 'lake', Key: `${folder}${name}`, Body }));
}

const items = async (table: string, pk: string) => {
  const query = {
    TableName: table,
    KeyConditionExpression: 'pk = :pk',
    ExpressionAttributeValues: { ':pk': { S: pk } },
  };
  return (await new DynamoDBClient({}).send(new QueryCommand(query))).Items ?? [];
};

const listed = async (stateMachineArn: string) =>
  (await new SFNClient({}).send(new ListExecutionsCommand({ stateMachineArn }))).executions ?? [];

/** A machine whose executions run until they are stopped. */
async function machine(name: string): Promise<string> {
  const definition = JSON.stringify({ StartAt: 'Wait', States: { Wait: { Type: 'Wait', Seconds: 3600, End: true } } });
  const roleArn = 'arn:aws:iam::000000000000:role/r';
  const made = await new SFNClient({}).send(new CreateStateMachineCommand({ name, definition, roleArn }));
  return made.stateMachineArn!;
}

/** A topic, and an HTTP subscriber that receives its first notification. */
async function subscribed(): Promise<{ topic: string; next: Promise<Record<string, string>>; server: Server }> {
  const client = new SNSClient({});
  const heard = deferred<Record<string, string>>();
  const confirmed = deferred<void>();
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    response.end();
    const message = JSON.parse(body) as Record<string, string>;
    if (message.Type === 'Notification') return heard.resolve(message);
    await client.send(new ConfirmSubscriptionCommand({ TopicArn: message.TopicArn, Token: message.Token }));
    confirmed.resolve();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const topic = (await client.send(new CreateTopicCommand({ Name: `alarms-${Date.now()}` }))).TopicArn!;
  const Endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await client.send(new SubscribeCommand({ TopicArn: topic, Protocol: 'http', Endpoint }));
  await confirmed.promise;
  return { topic, next: heard.promise, server };
}

function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
