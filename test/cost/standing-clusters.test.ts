import { describe, expect, test } from 'vitest';
import { computeKinds } from '../../lib/compute/compute.ts';
import type { CostEnvironment } from '../../lib/cost/cost-sizes.ts';
import { forecast } from '../../lib/cost/forecast.ts';
import type { Item } from '../../lib/cost/items.ts';
import { churnOn } from '../stacks/synthesised.ts';
import { sized } from './environments.ts';
import { question } from './questions.ts';

const onClusters = (runsPerMonth: number, cluster: CostEnvironment['cluster']) =>
  forecast(question({ plan: churnOn('emr', 'emr'), environment: { ...sized.prod, cluster, runsPerMonth } }));

const ofClusters = (items: readonly Item[]) => items.filter(({ id }) => id.startsWith('emr.'));
const expectedOf = (items: readonly Item[]) => items.reduce((sum, { usd }) => sum + usd.expected, 0);
const standingOf = (items: readonly Item[]) => items.find(({ id }) => id === 'emr.standing');

/** What the record says of a cluster that outlives runs. */
const idleEndSeconds = computeKinds.emr.billing({ ...sized.prod, cluster: 'persistent' }).idleEndSeconds!;
const monthSeconds = 730 * 3600;

describe('a persistent cluster', () => {
  test('that runs leave idle for less than its limit costs all hours of the month, and runs on it add nothing', () => {
    const month = ofClusters(onClusters(1000, 'persistent').month.items);
    expect(month.map(({ id, detail }) => [id, detail])).toEqual([['emr.standing', '730.0 h x 5 instances']]);
    const more = ofClusters(onClusters(2000, 'persistent').month.items);
    expect(expectedOf(more)).toBe(expectedOf(month));
  });

  test('that is up starts with no run', () => {
    const [standing, made] = [onClusters(1000, 'persistent'), onClusters(1000, 'transient')];
    const { madeSeconds } = computeKinds.emr.billing(sized.prod);
    expect(made.seconds.incremental.expected - standing.seconds.incremental.expected).toBeCloseTo(
      madeSeconds!.expected,
      6,
    );
  });

  test('that runs leave idle longer ends once, and each run starts its own', () => {
    const [standing, made] = [onClusters(30, 'persistent'), onClusters(30, 'transient')];
    expect(standing.run).toEqual(made.run);
    expect(standing.incremental).toEqual(made.incremental);
    const added = standingOf(standing.month.items)!;
    const perSecond = standingOf(onClusters(1000, 'persistent').month.items)!.usd.expected / monthSeconds;
    expect(added.usd.expected).toBeCloseTo(perSecond * idleEndSeconds, 9);
    expect(standing.month.expected).toBeCloseTo(made.month.expected + added.usd.expected, 9);
    expect(standingOf(made.month.items)).toBeUndefined();
  });

  test('without any run costs its idle time', () => {
    const month = ofClusters(onClusters(0, 'persistent').month.items).filter(({ usd }) => usd.expected > 0);
    expect(month.map(({ id }) => id)).toEqual(['emr.standing']);
  });

  test('costs what the assumptions say, and a cluster per run is suggested by the difference', () => {
    for (const runs of [30, 1000]) {
      const [standing, made] = [onClusters(runs, 'persistent'), onClusters(runs, 'transient')];
      const said = standing.assumptions.join('\n');
      expect(said).toContain(runs === 30 ? 'is idle for 60 min and ends' : 'it is up all month');
      const saving = standing.savings.find(({ id }) => id === 'transient');
      const less = expectedOf(ofClusters(standing.month.items)) - expectedOf(ofClusters(made.month.items));
      if (less < 0.01) expect(saving).toBeUndefined();
      else expect(saving!.usd).toBeCloseTo(less, 6);
      expect(made.savings.find(({ id }) => id === 'transient')).toBeUndefined();
    }
  });

  test('costs nothing to a pipeline that runs elsewhere', () => {
    const environment = { ...sized.prod, cluster: 'persistent' } as const;
    expect(forecast(question({ environment }))).toEqual(forecast(question({ environment: sized.prod })));
  });
});
