import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { isTwinInstalled } from '../../twin/ministack.ts';
import type { PassingCall } from './between.ts';
import { type Deployed, deployed, type EngineFault, eventually } from './deployed.ts';

/**
 * A fault at every step of a deployed run, each with new rows. After the fault and one more run, the tables are those of an undisturbed
 * run, the bookmarks have no open claim and the candidate is promoted once.
 */
describe.skipIf(!isTwinInstalled())('a fault during a deployed run', () => {
  let here: Deployed;
  beforeAll(async () => {
    here = await deployed();
    expect(await here.run()).toMatchObject({ status: 'SUCCEEDED' });
  });
  afterAll(() => here?.[Symbol.asyncDispose]());
  afterEach(() => here.between.clear());

  /** Makes one more run, after which nothing shows the fault. */
  const healed = async () => {
    here.between.clear();
    expect(await here.run()).toMatchObject({ status: 'SUCCEEDED' });
    await atRest();
  };

  const atRest = async () => {
    expect(await here.unsettled()).toEqual([]);
    expect(await here.differences()).toEqual([]);
    const log = await here.registry.history('churn');
    // The newest model has been judged.
    expect(log.at(-1)!.version).toBe((await here.store.load('churn')).tasks['train_churn']!.version);
    const promoted = log.map(({ run, version }) => `${run} v${version}`);
    expect(promoted).toEqual([...new Set(promoted)]);
    expect((await here.account.text(here.lake, 'models/churn/churn/promotions.jsonl')).split('\n')).toHaveLength(
      log.length + 1,
    );
  };

  const puts = (prefix: string) => (call: PassingCall) => call.method === 'PUT' && call.path.includes(`/${prefix}`);
  const writesTo = (table: string, more: string) => (call: PassingCall) =>
    call.target.endsWith('.PutItem') && call.body.includes(`"${table}"`) && call.body.includes(more);
  const head = () => writesTo(here.bookmarksTable, 'bookmarks#churn');
  /** From the second matching call on: a run writes the bookmarks when it claims and when it commits. */
  const fromSecond = (fits: (call: PassingCall) => boolean) => {
    let seen = 0;
    return (call: PassingCall) => fits(call) && ++seen >= 2;
  };

  test.each([
    ['Claim, before its order is written', 'unheard', () => puts('runs/')],
    ['Claim, before the state is written', 'unheard', () => puts('bookmarks/')],
    ['Claim, between the state and its head', 'unheard', head],
    ['Claim, when the head is written and the caller gets no answer', 'unanswered', head],
    ['the gate, before the promotion is written', 'unheard', () => writesTo(here.registryTable, 'model#churn#churn')],
    [
      'the gate, when it has promoted and the caller gets no answer',
      'unanswered',
      () => writesTo(here.registryTable, 'model#'),
    ],
    ['the gate, before what is live is published', 'unheard', () => puts('models/churn/churn/promotions.jsonl')],
    ['Commit, before the state is written', 'unheard', () => fromSecond(puts('bookmarks/'))],
    ['Commit, when the head is written and the caller gets no answer', 'unanswered', () => fromSecond(head())],
  ] as const)('%s, its function times out: it is asked once more, and nothing is done twice', async (_, fate, fits) => {
    await here.addCustomers();
    const met = here.between.befall(fate, fits());
    const ended = await here.run();
    expect(met()).toBe(1);
    expect(ended).toMatchObject({ status: 'SUCCEEDED' });
    await atRest();
  });

  test.each([
    ['Claim', () => puts('runs/')],
    ['the gate', () => writesTo(here.registryTable, 'model#churn#churn')],
    ['Commit', () => fromSecond(puts('bookmarks/'))],
  ] as const)('%s, its function times out each time: the run fails, and the next settles it', async (_, fits) => {
    await here.addCustomers();
    const met = here.between.befall('unheard', fits(), 2);
    const ended = await here.run();
    expect(met()).toBe(2);
    expect(ended).toMatchObject({ status: 'FAILED', error: expect.stringMatching(/Timedout|Lambda/) });
    await healed();
  });

  test('if the run is cancelled while the engine works, the engine is stopped, and the next run takes the claim over', async () => {
    await here.addCustomers();
    const { held, release } = await here.holdEngine();
    const { run } = (await here.trigger()) as { run: string };
    await held();
    await here.stop(run);
    expect(await here.ended(run)).toMatchObject({ status: 'ABORTED' });
    await eventually(async () => ((await here.jobRuns())[0] === 'STOPPED' ? true : undefined));
    // The bookmarks were not informed.
    expect((await here.store.load('churn')).claim).toMatchObject({ run });
    await release();
    await here.settledTrigger();
    await healed();
    expect((await here.account.runs(here.machine)).find(({ name }) => name === run)?.status).toBe('ABORTED');
  });

  const both: EngineFault['at'][] = ['begun', 'committed', 'reported'];
  test.each(both)('if the engine dies once, when a source is %s, the stage is retried and continues', async (at) => {
    await here.addCustomers();
    await here.breakEngine({ at, task: 'customers', times: 1 });
    expect(await here.run()).toMatchObject({ status: 'SUCCEEDED' });
    expect(await here.unsettled()).toEqual([]);
    expect(await here.differences()).toEqual([]);
  });

  test.each([
    ['customers', 'committed'],
    ['customers_clean', 'committed'],
    ['churn_features', 'begun'],
    ['train_churn', 'committed'],
    ['predictions', 'committed'],
  ] as const)('the engine dies twice, when %s is %s', async (task, at) => {
    await here.addCustomers();
    await here.breakEngine({ at, task, times: 2 });
    expect(await here.run()).toMatchObject({ status: 'FAILED' });
    expect((await here.store.load('churn')).claim).toBeUndefined();
    await healed();
  });
});
