import { describe, expect, test } from 'vitest';
import { type Answer, answer } from '../../lambdas/trigger/route.ts';
import { runName } from '../../lib/runs/run-name.ts';
import { TriggerWorld } from './run-world.ts';

const stateMachineArn = 'arn:aws:states:eu-central-1:123456789012:stateMachine:millrace-dev-churn';
const to = { bucket: 'raw', stateMachineArn, requestId: 'req-1', now: new Date('2026-11-21T08:00:00Z') };

const objectCreated = (id: string, bucket = 'raw') => ({
  version: '0',
  id,
  'detail-type': 'Object Created',
  source: 'aws.s3',
  account: '123456789012',
  time: '2026-11-21T07:59:58Z',
  region: 'eu-central-1',
  resources: [`arn:aws:s3:::${bucket}`],
  detail: {
    version: '0',
    bucket: { name: bucket },
    object: { key: 'customers/a.csv', size: 5, etag: 'e', sequencer: '0062E99A' },
    'request-id': 'r',
    requester: '123456789012',
    reason: 'PutObject',
  },
});

const queue = (...bodies: unknown[]) => ({
  Records: bodies.map((body, i) => ({
    messageId: `m${i}`,
    receiptHandle: 'h',
    body: typeof body === 'string' ? body : JSON.stringify(body),
    attributes: {},
    messageAttributes: {},
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:eu-central-1:123456789012:objects',
    awsRegion: 'eu-central-1',
  })),
});

const status = (name: string, value: string, machine = stateMachineArn) => ({
  version: '0',
  id: 'e1',
  'detail-type': 'Step Functions Execution Status Change',
  source: 'aws.states',
  time: '2026-11-21T08:10:00Z',
  detail: {
    executionArn: `${machine.replace('stateMachine', 'execution')}:${name}`,
    stateMachineArn: machine,
    name,
    status: value,
    startDate: 1,
    stopDate: 2,
    input: '{}',
    output: null,
  },
});

const inputs = (world: TriggerWorld) => [...world.executions.values()].map(({ input }) => input);
const runOf = (given: Answer) => (given.outcome?.started ? given.outcome.run : undefined)!;

describe('deliveries to the trigger', () => {
  test('objects from the queue start one run, and no message is delivered again', async () => {
    const world = new TriggerWorld();
    const { response } = await answer(queue(objectCreated('1'), objectCreated('2')), to, world);
    expect(response).toEqual({ batchItemFailures: [] });
    expect(inputs(world)).toMatchObject([
      {
        cause: 'objects',
        run: runName(new Date('2026-11-21T07:59:58Z'), ['churn', 'objects', 'object:1', 'object:2']),
      },
    ]);
  });

  test('messages that are malformed or of another bucket fail with their fault; the others start a run', async () => {
    const world = new TriggerWorld();
    const { id: _, ...nameless } = objectCreated('4');
    const event = queue('{', objectCreated('1'), { Event: 's3:TestEvent' }, objectCreated('2', 'other'), nameless);
    const { response, issues, outcome } = await answer(event, to, world);
    expect(response).toEqual({
      batchItemFailures: ['m0', 'm2', 'm3', 'm4'].map((itemIdentifier) => ({ itemIdentifier })),
    });
    expect(outcome).toMatchObject({ started: true });
    expect(issues.map(({ code, path, message }) => `${code} ${path} ${message}`)).toEqual([
      'MR671 message m0 not valid JSON: {',
      expect.stringContaining('MR671 message m2 not an "Object Created" event: id'),
      'MR671 message m3 an object of bucket other, not of raw',
      expect.stringContaining('MR671 message m4 not an "Object Created" event: id'),
    ]);
  });

  test('a batch of only malformed messages fails message by message, and starts nothing', async () => {
    const world = new TriggerWorld();
    const given = await answer(queue('no'), to, world);
    expect(given.response).toEqual({ batchItemFailures: [{ itemIdentifier: 'm0' }] });
    expect(given.outcome).toBeUndefined();
    expect(world.calls).toEqual([]);
  });

  test('a schedule event is recognised by its time, whatever the invocation', async () => {
    const world = new TriggerWorld();
    const event = { cause: 'schedule', time: '2026-11-21T03:00:00Z' };
    const first = await answer(event, to, world);
    expect(runOf(first)).toMatch(/^r-20261121t030000-/);
    const second = await answer({ ...event, time: '2026-11-21T03:00:00.000Z' }, { ...to, requestId: 'req-2' }, world);
    expect(second.response).toEqual({ started: false, why: 'seen' });
  });

  test('a manual request passes its parameters, once per invocation', async () => {
    const world = new TriggerWorld();
    const event = { cause: 'manual', parameters: { snapshot_date: '2025-06-30', force: ['train'] } };
    const first = await answer(event, to, world);
    expect(inputs(world)).toMatchObject([{ cause: 'manual', parameters: event.parameters }]);
    expect((await answer(event, to, world)).response).toEqual({ started: false, why: 'seen' });
    const running = { started: false, why: 'running', run: runOf(first), remembered: false };
    expect((await answer(event, { ...to, requestId: 'req-2' }, world)).response).toEqual(running);
  });

  test.each(['SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED'])(
    'the end of an execution with %s starts the queued run',
    async (how) => {
      const world = new TriggerWorld();
      const run = runOf(await answer(queue(objectCreated('1')), to, world));
      await answer(queue(objectCreated('2')), to, world);
      world.finish();
      const next = await answer(status(run, how), to, world);
      expect(next.response).toMatchObject({ started: true });
      expect(inputs(world).map(({ cause }) => cause)).toEqual(['objects', 'back-pressure']);
    },
  );

  test.each([
    ['the start of an execution', status('r-1', 'RUNNING'), 'MR671'],
    ['the end of an execution of another machine', status('r-1', 'FAILED', `${stateMachineArn}-2`), 'MR671'],
    ['a cause that nobody may give', { cause: 'alarm' }, 'MR671'],
    ['a schedule without a time', { cause: 'schedule', time: 'soon' }, 'MR671'],
    ['nothing', undefined, 'MR671'],
    ['parameters that are no list of names and values', { cause: 'manual', parameters: { a: { b: 1 } } }, 'MR672'],
    ['more parameters than an execution takes', { cause: 'manual', parameters: { a: 'x'.repeat(40_000) } }, 'MR672'],
  ])('%s is refused and starts nothing', async (_, event, code) => {
    const world = new TriggerWorld();
    await expect(answer(event, to, world)).rejects.toMatchObject({ issues: [{ code }] });
    expect(world.calls).toEqual([]);
  });
});

describe('the name of a run', () => {
  const at = new Date('2026-11-21T08:00:00.900Z');

  test('is the same for the same time and ids in any order, differs otherwise, and is valid for Step Functions', () => {
    const name = runName(at, ['a', 'b']);
    expect(name).toMatch(/^r-20261121t080000-[0-9a-f]{4}$/);
    expect(runName(at, ['b', 'a'])).toBe(name);
    expect(runName(at, ['a'])).not.toBe(name);
  });

  test('sorts after that of the previous run, also over the end of a year', () => {
    expect(runName(at, ['a'], 'r-20261121t080000-ffff')).toMatch(/^r-20261121t080001-/);
    expect(runName(at, ['a'], 'r-20261231t235959-0000')).toMatch(/^r-20270101t000000-/);
  });
});
