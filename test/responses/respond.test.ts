import { readFile } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { answer } from '../../lambdas/respond/route.ts';
import { alarmKinds } from '../../lib/constructs/pipeline/pipeline-alarms.ts';
import { lastGood, type PromotionEntry } from '../../lib/gate/promotions.ts';
import { projectFolder } from '../../lib/local/root.ts';
import { type AlarmChange, readAlarms } from '../../lib/responses/alarms.ts';
import { lift } from '../../lib/responses/lift-stop.ts';
import { respond } from '../../lib/responses/respond.ts';
import { ruleFor, runbook } from '../../lib/responses/runbook.ts';
import { arrived } from '../../lib/runs/start-runs.ts';
import { RespondWorld } from './respond-world.ts';

const change = (suffix: string, minute = 0, model?: string): AlarmChange => ({
  alarm: `millrace-dev-churn-${suffix}`,
  state: 'ALARM',
  reason: 'Threshold crossed',
  at: new Date(Date.UTC(2026, 10, 21, 7, minute)),
  ...(model !== undefined && { model }),
});
/** A person requests a run. */
const asks = (world: RespondWorld) =>
  arrived({ cause: 'manual', ids: [`manual:${asked++}`], at: world.now(), parameters: {}, waits: false }, world.runs);
let asked = 0;
const outcomes = (world: RespondWorld) => world.audits.map(({ action, outcome }) => `${action} ${outcome}`);

/** A version was rolled back before another alarm about it arrived. */
function rolledBackWorld(): RespondWorld {
  const world = new RespondWorld().promoted('churn', 1, 2);
  const [first] = world.logs.get('churn')!;
  const back = { ...first!, sequence: 3, at: world.now().toISOString(), rollback: { from: 2, transition: 'by hand' } };
  world.logs.set('churn', [...world.logs.get('churn')!, back]);
  return world;
}

describe('the responder', () => {
  test.each([
    ['millrace-prod-churn-model-worse', 'rollback'],
    ['millrace-prod-churn-drift', 'retrain'],
    ['millrace-prod-churn-run-failed', 'notify'],
    ['millrace-prod-churn-cost', 'stop'],
    ['cost', 'stop'],
    ['millrace-prod-month-budget', 'stop'],
    // A suffix is a whole word, and people are notified about an unknown name.
    ['millrace-prod-snowdrift', 'notify'],
    ['model-worse-2', 'notify'],
  ])('answers %s by %s', (alarm, action) => {
    expect(ruleFor(alarm).action).toBe(action);
  });

  test('has a rule and a section of the runbook for every kind of alarm, each with different advice', async () => {
    const kinds = [...alarmKinds, 'iterator-age', 'budget'];
    expect(Object.keys(runbook).sort()).toEqual([...new Set(kinds)].sort());
    const advice = Object.values(runbook).map((rule) => rule.advice);
    expect(new Set(advice).size).toBe(advice.length);
    const sections = (await readFile(path.join(projectFolder, 'docs', 'runbook.md'), 'utf8')).split(/^## /m).slice(1);
    const written = Object.fromEntries(
      sections.map((text) => [text.split('\n')[0], text.split('\n').slice(1).join(' ')]),
    );
    for (const kind of kinds) expect([kind, (written[kind] ?? '').trim().length > 100]).toEqual([kind, true]);
    // Every section must belong to an alarm.
    expect(Object.keys(written).filter((name) => !(name in runbook) && !/ /.test(name))).toEqual([]);
  });

  test('rolls back to the previously live version', async () => {
    const world = new RespondWorld().promoted('churn', 3, 5);
    const done = await respond(change('model-worse', 0, 'churn'), world);
    expect(done).toMatchObject({
      outcome: 'done',
      detail: expect.stringMatching(/^churn v3 is live again, instead of v5; run \S+ scores with it$/),
    });
    expect(world.logs.get('churn')!.at(-1)).toEqual({
      sequence: 3,
      version: 3,
      run: 'r-3',
      metric: 'auc',
      value: 0.8,
      at: '2026-11-21T08:00:00.000Z',
      rollback: { from: 5, transition: 'millrace-dev-churn-model-worse@2026-11-21T07:00:00.000Z' },
    });
  });

  test('does not roll back to a version that was itself rolled back', async () => {
    const world = new RespondWorld().promoted('churn', 1, 2, 3);
    await respond(change('model-worse', 0, 'churn'), world);
    world.clock += 2 * 3600_000;
    await respond(change('model-worse', 150, 'churn'), world);
    expect(world.versions('churn')).toEqual([1, 2, 3, 2, 1]);
    world.clock += 2 * 3600_000;
    await respond(change('model-worse', 270, 'churn'), world);
    expect(world.versions('churn')).toEqual([1, 2, 3, 2, 1]);
    expect(world.notices.at(-1)?.text).toContain('Nothing to roll churn back to');
  });

  test('passes over versions that cannot score, and names them', async () => {
    const world = new RespondWorld().promoted('churn', 1, 2, 3);
    world.damaged.add('churn v2');
    const done = await respond(change('model-worse', 0, 'churn'), world);
    expect(world.versions('churn')).toEqual([1, 2, 3, 1]);
    expect(done.detail).toMatch(
      /^churn v1 is live again, instead of v3 \(passed over: v2 cannot score\); run \S+ scores/,
    );
    expect(world.audits.at(-1)).toMatchObject({ outcome: 'done', detail: done.detail });
  });

  test('rolls back to nothing if no good version can score, and tells people which were passed over', async () => {
    const world = new RespondWorld().promoted('churn', 1, 2, 3);
    for (const version of [1, 2]) world.damaged.add(`churn v${version}`);
    await respond(change('model-worse', 0, 'churn'), world);
    expect(world.versions('churn')).toEqual([1, 2, 3]);
    expect(world.notices.at(-1)?.text).toContain(
      'Nothing to roll churn back to: no other good version is whole. (passed over: v2 cannot score; v1 cannot score)',
    );
  });

  test('keeps a newer live version that replaced the bad one, if the better old one cannot score', async () => {
    const world = new RespondWorld().promoted('churn', 1, 2);
    const compared = [{ against: 1, difference: -0.1 }];
    const newer = {
      sequence: 3,
      version: 3,
      run: 'r-3',
      at: world.now().toISOString(),
      metric: 'auc',
      value: 0.7,
      compared,
    };
    world.logs.set('churn', [...world.logs.get('churn')!, newer]);
    world.damaged.add('churn v1');
    const { detail } = await respond(change('model-worse', 0, 'churn'), world);
    expect(detail).toContain('churn v3 stays live; v2, which it replaced, is marked as rolled back (passed over: v1');
  });

  test.each([
    ['the only version ever live', new RespondWorld().promoted('churn', 1), 'churn', 'Nothing to roll churn back to'],
    ['no version at all', new RespondWorld(), 'churn', 'Nothing to roll churn back to'],
    ['no model in the alarm', new RespondWorld().promoted('churn', 1, 2), undefined, 'no dimension Model'],
  ])('tells people instead of rolling back with %s', async (_, world, model, note) => {
    const before = world.versions('churn');
    await respond(change('model-worse', 0, model), world);
    expect(world.versions('churn')).toEqual(before);
    expect(world.notices).toMatchObject([
      { subject: 'churn: millrace-dev-churn-model-worse', text: expect.stringContaining(note) },
    ]);
  });

  test('starts a training run, or queues it behind the current run', async () => {
    const idle = new RespondWorld();
    await respond(change('drift'), idle);
    expect([...idle.runs.executions.values()].map(({ input }) => [input.cause, input.parameters])).toEqual([
      ['alarm', { force: ['train'] }],
    ]);
    const busy = new RespondWorld();
    await arrived({ cause: 'objects', ids: ['o'], at: busy.now(), parameters: {}, waits: true }, busy.runs);
    const { detail } = await respond(change('drift'), busy);
    expect(detail).toBe(`training waits for the end of run ${busy.runs.on()[0]}`);
    expect(busy.runs.state.waiting?.parameters).toEqual({ force: ['train'] });
  });

  test('stops runs and the schedule until the end of the month, and tells people how to lift the stop', async () => {
    const world = new RespondWorld();
    const { detail } = await respond(change('cost'), world);
    expect(detail).toBe('runs are stopped until 2026-12-01T00:00:00.000Z, and the schedule is paused');
    expect(world.begins).toEqual(new Date('2026-12-01T00:00:00Z'));
    expect(await asks(world)).toMatchObject({ started: false, why: 'stopped', until: '2026-12-01T00:00:00.000Z' });
    expect(world.notices).toHaveLength(1);
    expect(world.notices[0]?.text).toContain(`No run starts: ${detail}. A run already in progress continues.`);
    expect(world.notices[0]?.text).toContain('{"liftStop": true, "by": "your name"}');
  });

  test('stops runs of a pipeline without a schedule too', async () => {
    const world = new RespondWorld();
    world.scheduled = false;
    expect(await respond(change('cost'), world)).toMatchObject({
      outcome: 'done',
      detail: 'runs are stopped until 2026-12-01T00:00:00.000Z',
    });
    expect(await asks(world)).toMatchObject({ why: 'stopped' });
  });

  test('stops nothing for a past month, as from a dead letter', async () => {
    const world = new RespondWorld();
    world.clock = Date.parse('2026-12-02T08:00:00Z');
    world.runs.clock = world.clock;
    expect(await respond(change('cost'), world)).toMatchObject({
      detail: 'nothing is stopped: the month of this alarm ended on 2026-12-01T00:00:00.000Z',
    });
    expect(await asks(world)).toMatchObject({ started: true });
  });

  test('stops again at once after a person resumed runs, however soon', async () => {
    const world = new RespondWorld();
    await respond(change('cost'), world);
    await lift({ by: 'ada' }, world);
    expect(await asks(world)).toMatchObject({ started: true });
    world.runs.finish();
    await respond(change('budget', 5), world);
    expect(await asks(world)).toMatchObject({ why: 'stopped' });
  });

  test('queues a training while runs are stopped', async () => {
    const world = new RespondWorld();
    await respond(change('cost'), world);
    const { detail } = await respond(change('drift'), world);
    expect(detail).toBe('training waits until runs may start, on 2026-12-01T00:00:00.000Z');
    await lift({ by: 'ada' }, world);
    expect([...world.runs.executions.values()].map(({ input }) => input.parameters)).toEqual([{ force: ['train'] }]);
  });

  test('tells people what to check', async () => {
    const world = new RespondWorld();
    await respond(change('run-failed'), world);
    expect(world.notices).toEqual([
      {
        subject: 'churn: millrace-dev-churn-run-failed',
        text: [
          'millrace-dev-churn-run-failed has been in alarm since 2026-11-21T07:00:00.000Z.',
          'Threshold crossed',
          'What to do: open the failed execution: its cause has a code; finished tasks are not repeated.',
          'Pipeline: churn',
        ].join('\n'),
      },
    ]);
  });

  test.each(['OK', 'INSUFFICIENT_DATA'] as const)('does nothing about an alarm that is %s', async (state) => {
    const world = new RespondWorld();
    expect(await respond({ ...change('cost'), state }, world)).toMatchObject({ outcome: 'no alarm' });
    expect([world.pauses, world.runs.state.stopped, world.audits]).toEqual([0, undefined, []]);
  });

  test('acts once on a state change delivered twice, and again on the next change', async () => {
    const world = new RespondWorld().promoted('churn', 1, 2, 3);
    await respond(change('model-worse', 0, 'churn'), world);
    world.clock += 2 * 3600_000;
    expect(await respond(change('model-worse', 0, 'churn'), world)).toMatchObject({ outcome: 'seen' });
    expect(world.versions('churn')).toEqual([1, 2, 3, 2]);
    await respond(change('model-worse', 150, 'churn'), world);
    expect(world.versions('churn')).toEqual([1, 2, 3, 2, 1]);
    expect(outcomes(world)).toEqual(['rollback done', 'rollback done']);
  });

  test('applies a cool-down per model and per notice, and records each skipped action', async () => {
    const world = new RespondWorld().promoted('churn', 1, 2, 3).promoted('fraud', 1, 2);
    await respond(change('model-worse', 0, 'churn'), world);
    world.clock += 59 * 60_000;
    expect(await respond(change('model-worse', 1, 'churn'), world)).toMatchObject({ outcome: 'cooling down' });
    await respond(change('model-worse', 2, 'fraud'), world);
    world.clock += 60_000;
    await respond(change('model-worse', 65, 'churn'), world);
    expect([world.versions('churn'), world.versions('fraud')]).toEqual([
      [1, 2, 3, 2, 1],
      [1, 2, 1],
    ]);
    expect(outcomes(world)).toEqual(['rollback done', 'rollback cooling down', 'rollback done', 'rollback done']);
    await respond(change('run-failed', 0), world);
    await respond(change('run-late', 0), world);
    await respond(change('run-failed', 1), world);
    expect(world.notices.length).toBe(2);
  });

  test('records a failed action and throws; delivered again, it acts', async () => {
    const world = new RespondWorld();
    world.faulty.add('stop');
    await expect(respond(change('cost'), world)).rejects.toThrow('stop is out of order');
    expect(world.audits).toEqual([
      {
        at: world.now(),
        alarm: 'millrace-dev-churn-cost',
        transition: 'millrace-dev-churn-cost@2026-11-21T07:00:00.000Z',
        action: 'stop',
        outcome: 'failed',
        detail: 'Error: stop is out of order',
      },
    ]);
    world.faulty.clear();
    // Another alarm with the same action is not blocked by the failed one.
    expect(await respond(change('cost', 1), world)).toMatchObject({ outcome: 'done' });
    expect(world.pauses).toBe(1);
  });

  test('does not repeat an action if only its record failed', async () => {
    const world = new RespondWorld().promoted('churn', 1, 2, 3);
    world.faulty.add('audit');
    await expect(respond(change('model-worse', 0, 'churn'), world)).rejects.toThrow('audit is out of order');
    world.faulty.clear();
    const again = await respond(change('model-worse', 0, 'churn'), world);
    expect(again).toMatchObject({
      outcome: 'done',
      detail: expect.stringMatching(/^churn v2 is live again, instead of v3; /),
    });
    expect(world.versions('churn')).toEqual([1, 2, 3, 2]);
  });

  test('requests redelivery while another invocation acts, and takes over from one that died', async () => {
    const world = new RespondWorld();
    world.faulty.add('pause').add('settle');
    await expect(respond(change('cost'), world)).rejects.toThrow('recording this failed too');
    world.faulty.clear();
    await expect(respond(change('cost'), world)).rejects.toMatchObject({ issues: [{ code: 'MR681' }] });
    world.clock += 121_000;
    expect(await respond(change('cost'), world)).toMatchObject({ outcome: 'done' });
    expect(world.pauses).toBe(1);
  });

  test('keeps a version that was promoted meanwhile, and marks the version of the alarm', async () => {
    const world = new RespondWorld().promoted('churn', 1, 2);
    const { history } = world;
    world.history = async (model) => {
      const log = await history(model);
      if (log.length === 2) {
        world.clock += 2 * 3600_000;
        world.promoted('churn', 3);
      }
      return log;
    };
    const { detail } = await respond(change('model-worse', 0, 'churn'), world);
    expect(detail).toMatch(/^churn v3 stays live; v2, which it replaced, is marked as rolled back; /);
    expect(world.versions('churn')).toEqual([1, 2, 3, 3]);
    expect(lastGood(world.logs.get('churn')!)?.version).toBe(1);
  });

  test('starts a run that scores with the restored version, once, or queues it', async () => {
    const idle = new RespondWorld().promoted('churn', 1, 2);
    await respond(change('model-worse', 0, 'churn'), idle);
    await respond(change('model-worse', 0, 'churn'), idle);
    expect([...idle.runs.executions.values()].map(({ input }) => [input.cause, input.parameters])).toEqual([
      ['alarm', {}],
    ]);
    const busy = new RespondWorld().promoted('churn', 1, 2);
    await arrived({ cause: 'objects', ids: ['o'], at: busy.now(), parameters: {}, waits: true }, busy.runs);
    const { detail } = await respond(change('model-worse', 0, 'churn'), busy);
    expect(detail).toBe(`churn v1 is live again, instead of v2; scoring waits for the end of run ${busy.runs.on()[0]}`);
  });

  test('requests scoring again if only that failed', async () => {
    const world = new RespondWorld().promoted('churn', 1, 2);
    world.faulty.add('rescore');
    await expect(respond(change('model-worse', 0, 'churn'), world)).rejects.toThrow('rescore is out of order');
    world.faulty.clear();
    expect((await respond(change('model-worse', 0, 'churn'), world)).detail).toMatch(
      /v1 is live again.* scores with it$/,
    );
    expect(world.versions('churn')).toEqual([1, 2, 1]);
  });

  test.each([
    [
      'an alarm older than every version',
      new RespondWorld().promoted('churn', 1, 2),
      -300,
      'no version of churn was live when the alarm fired',
    ],
    ['a version that is rolled back already', rolledBackWorld(), 1, 'v2 of churn was rolled back already, v1 is live'],
    ['a first version', new RespondWorld().promoted('churn', 1), 0, 'v1 is its first version'],
  ])('rolls nothing back for %s, and says why', async (_, world, minute, why) => {
    const before = world.versions('churn');
    await respond(change('model-worse', minute, 'churn'), world);
    expect(world.versions('churn')).toEqual(before);
    expect(world.notices.at(-1)?.text).toContain(why);
  });
});

describe('resuming runs', () => {
  const silent = { about: () => undefined, done: () => undefined };

  test('lifts the stop and the pause, starts a run for new files, and is in the audit with the person', async () => {
    const world = new RespondWorld();
    await respond(change('cost'), world);
    await arrived({ cause: 'objects', ids: ['o'], at: world.now(), parameters: {}, waits: true }, world.runs);
    const request = { liftStop: true, by: 'ada', why: 'the budget is raised' };
    const done = await answer(request, world, silent);
    const [run] = world.runs.on();
    const detail = `runs may start again, the schedule is on again; run ${run} reads the inputs that arrived meanwhile; requested by ada: the budget is raised`;
    expect(done).toEqual({ lifted: true, detail });
    expect(world.begins).toEqual(new Date(0));
    expect(world.audits.at(-1)).toMatchObject({ alarm: 'lift', action: 'lift', outcome: 'done', detail });
    expect(await answer(request, world, silent)).toEqual({ lifted: false, detail: 'runs are not stopped' });
    expect(outcomes(world)).toEqual(['stop done', 'lift done']);
  });

  test('that fails half-way is recorded, and can be requested again', async () => {
    const world = new RespondWorld();
    await respond(change('cost'), world);
    world.faulty.add('lift');
    await expect(lift({ by: 'ada' }, world)).rejects.toThrow('lift is out of order');
    world.faulty.clear();
    expect(await lift({ by: 'ada' }, world)).toMatchObject({ lifted: true });
    expect(outcomes(world)).toEqual(['stop done', 'lift failed', 'lift done']);
  });

  test('does not enable a schedule that someone else disabled', async () => {
    const world = new RespondWorld();
    world.begins = new Date('2027-06-01T00:00:00Z');
    await respond(change('cost'), world);
    expect(await lift({ by: 'ada' }, world)).toMatchObject({
      detail: expect.stringContaining('the schedule is as it was'),
    });
    expect(world.begins).toEqual(new Date('2027-06-01T00:00:00Z'));
  });

  test.each([[{ liftStop: true }], [{ liftStop: true, by: '' }], [{ liftStop: 'yes', by: 'ada' }]])(
    'is refused without the name of a person: %j',
    async (event) => {
      const world = new RespondWorld();
      await respond(change('cost'), world);
      await expect(answer(event, world, silent)).rejects.toMatchObject({ issues: [{ code: 'MR761' }] });
      expect(await asks(world)).toMatchObject({ why: 'stopped' });
    },
  );
});

describe('a notice of the budget', () => {
  /** The text of AWS Budgets. */
  const notice = (type: 'ACTUAL' | 'FORECASTED', threshold: string, spent: string, budgeted = '$1,200.00') =>
    [
      'AWS Budget Notification November 21, 2026',
      'AWS Account 123456789012',
      '',
      'Dear AWS Customer,',
      '',
      `You requested that we alert you when the ${type} Cost associated with your millrace-prod-month budget is greater than ${threshold} for the current month. The ${type} Cost associated with this budget is ${spent}. You can find additional details below and by accessing the AWS Budgets dashboard [1].`,
      '',
      'Budget Name: millrace-prod-month',
      'Budget Type: Cost',
      `Budgeted Amount: ${budgeted}`,
      `Alert Type: ${type}`,
      `Alert Threshold: > ${threshold}`,
      `${type} Amount: ${spent}`,
      '',
      '[1] https://console.aws.amazon.com/billing/home#/budgets',
      '',
    ].join('\n');
  const delivered = (Message: string) => ({
    Records: [
      {
        EventSource: 'aws:sns',
        EventVersion: '1.0',
        Sns: {
          Type: 'Notification',
          Subject: 'AWS Budgets: millrace-prod-month has exceeded your alert threshold',
          Message,
          Timestamp: '2026-11-21T07:30:00.123Z',
        },
      },
    ],
  });

  test('that the budget is spent stops runs, once however often it is delivered', async () => {
    const world = new RespondWorld();
    const event = delivered(notice('ACTUAL', '$1,200.00', '$1,203.57'));
    expect(readAlarms(event)).toEqual([
      {
        alarm: 'millrace-prod-month-budget',
        state: 'ALARM',
        reason: 'spent this month: 1203.57 of 1200.00 USD',
        at: new Date('2026-11-21T07:30:00.123Z'),
      },
    ]);
    for (const _ of [1, 2]) await respond(readAlarms(event)[0]!, world);
    expect(outcomes(world)).toEqual(['stop done']);
    expect(await asks(world)).toMatchObject({ why: 'stopped', until: '2026-12-01T00:00:00.000Z' });
  });

  test.each([
    ['four fifths are spent', notice('ACTUAL', '$960.00', '$961.00')],
    ['more than it may is foreseen', notice('FORECASTED', '$1,200.00', '$1,900.00')],
  ])('that %s stops nothing', async (_, text) => {
    const world = new RespondWorld();
    expect(await respond(readAlarms(delivered(text))[0]!, world)).toMatchObject({ outcome: 'no alarm' });
    expect(await asks(world)).toMatchObject({ started: true });
  });

  test.each([
    ['€ 1.200,00', '€ 1.234,50', 'ALARM', '1234.50 of 1200.00 EUR'],
    ['€ 1.200,00', '€ 1.199,99', 'OK', '1199.99 of 1200.00 EUR'],
    ['1.200,00 €', '12,50 €', 'OK', '12.50 of 1200.00 EUR'],
    ['1.200 EUR', '2,50 EUR', 'OK', '2.50 of 1200.00 EUR'],
    ["CHF 1'200.00", "CHF 1'234.50", 'ALARM', '1234.50 of 1200.00 CHF'],
    ['1 200,00 €', '1 234,50 €', 'ALARM', '1234.50 of 1200.00 EUR'],
    ['$1,200', '$1.20', 'OK', '1.20 of 1200.00 USD'],
    ['¥120,000', '¥9,999', 'OK', '9999.00 of 120000.00 JPY'],
    ['₹1,20,000.00', '₹1,23,456.78', 'ALARM', '123456.78 of 120000.00 INR'],
    ['1200', '1234.5', 'ALARM', '1234.50 of 1200.00'],
    ['$1,200.00', '-$5.00', 'OK', '-5.00 of 1200.00 USD'],
  ])('of %s, with %s spent, is %s: %s', (budgeted, spent, state, amounts) => {
    const [read] = readAlarms(delivered(notice('ACTUAL', '80%', spent, budgeted)));
    expect(read).toMatchObject({ state, reason: `spent this month: ${amounts}` });
  });

  test.each([
    ['€ 1.200', '€ 1.234'],
    ['$1,200.00', '€ 1.234,50'],
    ['1.200,00', '1,234.50'],
    ['$12,00,0', '$13.00'],
    ['$1,200.00', '$1.234.50'],
    ['twelve', '$13.00'],
    ['$1,200.00', '1.000 points'],
  ])('of %s, with %s spent, is ambiguous or unreadable: it is refused, and stops nothing', (budgeted, spent) => {
    expect(() => readAlarms(delivered(notice('ACTUAL', '80%', spent, budgeted)))).toThrow('MR680');
  });

  test('that lacks an amount is refused', () => {
    expect(() => readAlarms(delivered(notice('ACTUAL', '$1.00', 'unknown')))).toThrow('MR680');
  });
});

describe('in any interleaving of deliveries', () => {
  const deliveries = fc.array(
    fc.record({ minute: fc.nat(2), suffix: fc.constantFrom('model-worse', 'drift', 'cost') }),
    {
      minLength: 1,
      maxLength: 8,
    },
  );

  test('each action happens once within its cool-down, and the promotion log has no gap and no duplicate', () =>
    fc.assert(
      fc.asyncProperty(deliveries, fc.scheduler(), async (list, s) => {
        const world = new RespondWorld((label) => s.schedule(Promise.resolve(), label)).promoted('churn', 1, 2, 3, 4);
        const again: typeof list = [];
        const deliver = (item: (typeof list)[number]) =>
          respond(change(item.suffix, item.minute, 'churn'), world).catch((error: unknown) => {
            expect(String(error)).toContain('MR681');
            again.push(item);
          });
        await s.waitFor(Promise.all(list.map(deliver)));
        for (const item of again.splice(0)) await s.waitFor(deliver(item));
        expect(again).toEqual([]);
        const asked = (suffix: string) => list.some((item) => item.suffix === suffix);
        expect(world.versions('churn')).toEqual(asked('model-worse') ? [1, 2, 3, 4, 3] : [1, 2, 3, 4]);
        // An action after the stop, or during a run, is queued; a training run also scores.
        const runs = [...world.runs.executions.values()].map(({ input }) => input.parameters);
        if (world.runs.state.waiting !== undefined) runs.push(world.runs.state.waiting.parameters);
        expect(runs.filter(({ force }) => force !== undefined).length).toBe(asked('drift') ? 1 : 0);
        expect(runs.length > 0).toBe(asked('drift') || asked('model-worse'));
        expect(world.runs.state.stopped !== undefined).toBe(asked('cost'));
        expect(world.pauses).toBe(asked('cost') ? 1 : 0);
        const changes = new Set(list.map(({ suffix, minute }) => `${suffix} ${minute}`));
        expect(world.audits.length).toBe(changes.size);
      }),
      { numRuns: 300 },
    ));
});

describe('the last good version', () => {
  const entry = (version: number, from?: number): PromotionEntry => ({
    sequence: 0,
    version,
    run: 'r',
    at: '',
    metric: 'auc',
    value: 0.8,
    ...(from !== undefined && { rollback: { from, transition: 't' } }),
  });

  test.each([
    ['of one version', [entry(1)], undefined],
    ['of two', [entry(1), entry(2)], 1],
    ['after a roll-back of three', [entry(1), entry(2), entry(3), entry(2, 3)], 1],
    ['after a roll-back and a new version', [entry(1), entry(2), entry(1, 2), entry(4)], 1],
    ['that the gate promoted again after a roll-back', [entry(1), entry(2), entry(1, 2), entry(2), entry(5)], 2],
  ])('%s', (_, log, version) => {
    expect(lastGood(log)?.version).toBe(version);
  });
});

describe('the two forms of an alarm', () => {
  const eventBridge = {
    version: '0',
    id: 'x',
    'detail-type': 'CloudWatch Alarm State Change',
    source: 'aws.cloudwatch',
    time: '2026-11-21T07:00:01Z',
    detail: {
      alarmName: 'millrace-dev-churn-model-worse',
      state: {
        value: 'ALARM',
        reason: 'Threshold crossed',
        reasonData: '{}',
        timestamp: '2026-11-21T07:00:00.123+0000',
      },
      previousState: { value: 'OK', reason: '', timestamp: '2026-11-20T07:00:00.000+0000' },
      configuration: {
        metrics: [
          {
            id: 'm',
            metricStat: {
              metric: { namespace: 'Millrace', name: 'Auc', dimensions: { Model: 'churn' } },
              period: 60,
              stat: 'Minimum',
            },
            returnData: true,
          },
        ],
      },
    },
  };
  const message = {
    AlarmName: 'millrace-dev-churn-model-worse',
    AlarmArn: 'arn:aws:cloudwatch:eu-central-1:123456789012:alarm:millrace-dev-churn-model-worse',
    NewStateValue: 'ALARM',
    OldStateValue: 'OK',
    NewStateReason: 'Threshold crossed',
    StateChangeTime: '2026-11-21T07:00:00.123+0000',
    Trigger: { MetricName: 'Auc', Dimensions: [{ name: 'Model', value: 'churn' }], Period: 60 },
  };
  const sns = (Message: string) => ({
    Records: [{ EventSource: 'aws:sns', EventVersion: '1.0', Sns: { MessageId: 'i', Message } }],
  });

  test('read the same, so that one change delivered in both acts once', async () => {
    const read = readAlarms(eventBridge);
    expect(read).toEqual([
      {
        alarm: 'millrace-dev-churn-model-worse',
        state: 'ALARM',
        reason: 'Threshold crossed',
        at: new Date('2026-11-21T07:00:00.123Z'),
        model: 'churn',
      },
    ]);
    expect(readAlarms(sns(JSON.stringify(message)))).toEqual(read);
    const world = new RespondWorld().promoted('churn', 1, 2, 3);
    for (const event of [eventBridge, sns(JSON.stringify(message))]) await respond(readAlarms(event)[0]!, world);
    expect(world.versions('churn')).toEqual([1, 2, 3, 2]);
  });

  test('are also read for a metric expression and for a composite alarm', () => {
    const { Trigger: _, ...composite } = message;
    expect(readAlarms(sns(JSON.stringify(composite)))[0]).not.toHaveProperty('model');
    const Metrics = [
      { Id: 'e', Expression: 'm1' },
      { Id: 'm1', MetricStat: { Metric: { Dimensions: [{ name: 'model', value: 'fraud' }] } } },
    ];
    expect(readAlarms(sns(JSON.stringify({ ...message, Trigger: { Metrics } })))[0]?.model).toBe('fraud');
  });

  test.each([
    ['a note by hand', sns('hello')],
    ['another event', { 'detail-type': 'Object Created', detail: {} }],
    [
      'a time that is none',
      { ...eventBridge, detail: { ...eventBridge.detail, state: { value: 'ALARM', timestamp: 'now' } } },
    ],
  ])('%s is refused', (_, event) => {
    expect(() => readAlarms(event)).toThrow('MR680');
  });
});
