import { expect, test } from 'vitest';
import { environments } from '../../environments.ts';
import { costEnvironmentOf, runsPerMonth } from '../../lib/cli/cost-environment.ts';
import { churn, streamed, unstreamed } from '../cost/questions.ts';

test.each([
  ['rate(1 day)', 30],
  ['rate(6 hours)', 120],
  ['rate(15 minutes)', 2880],
  ['cron(0 3 * * ? *)', 30],
  ['cron(0 3,15 * * ? *)', 60],
  ['cron(0 */6 * * ? *)', 120],
  ['cron(0/30 8-17 ? * MON-FRI *)', (20 * 5 * 30) / 7],
  ['cron(0 1 1 * ? *)', 1],
  ['cron(0 1 1 1,7 ? *)', 2 / 12],
])('%s comes %d times a month', (schedule, times) => {
  expect(runsPerMonth(schedule)).toBeCloseTo(times, 10);
});

test('a forecast uses the settings of the environment', () => {
  const { region, workers, retentionDays } = environments.prod;
  expect(costEnvironmentOf(environments.prod, churn)).toMatchObject({
    name: 'prod',
    region,
    workers: workers.max,
    workerType: workers.type,
    flex: false,
    runsPerMonth: 30,
    logRetentionDays: retentionDays.logs,
  });
  expect(costEnvironmentOf(environments.dev, churn)).toMatchObject({
    flex: true,
    workers: environments.dev.workers.max,
  });
});

test('a cluster in a new network pays for endpoints, one in an existing network does not', () => {
  const [stage] = churn.stages;
  const onEmr = { ...churn, stages: [{ ...stage!, compute: 'emr' as const }] };
  const emr = { cluster: 'transient' as const, maxVcpus: 32 };
  const own = { ...environments.prod, emr: { ...emr, network: { zones: 2 } } };
  expect(costEnvironmentOf(own, onEmr).interfaceEndpoints).toBe(6);
  expect(costEnvironmentOf(own, churn).interfaceEndpoints).toBe(0);
  const there = { ...own, emr: { ...emr, network: { vpcId: 'vpc-1', subnetIds: ['subnet-1'] } } };
  expect(costEnvironmentOf(there, onEmr).interfaceEndpoints).toBe(0);
});

test('streams are as large as the environment says, if a source arrives by one', () => {
  const streams = { capacity: { shards: 4 }, retentionHours: 48, bufferSeconds: 60 };
  const sizes = { shards: 4, streamRetentionHours: 48, streamBufferSeconds: 60, streamBufferMiB: 64 };
  const of = costEnvironmentOf({ ...environments.prod, streams }, streamed);
  expect(of).toMatchObject(sizes);
  const without = costEnvironmentOf(environments.prod, unstreamed);
  // Of each stream three, one that says whether it was read, and one of all; those on missing data are composite.
  expect(of.alarms).toBe(without.alarms + (3 + 1) * 2 + 1);
  expect([without.compositeAlarms, of.compositeAlarms]).toEqual([3, 3 + 2]);
  expect(costEnvironmentOf(environments.dev, unstreamed).compositeAlarms).toBe(0);
  expect(costEnvironmentOf(environments.prod, streamed).shards).toBe(0);
  expect(costEnvironmentOf({ ...environments.prod, streams }, unstreamed)).toEqual(
    costEnvironmentOf(environments.prod, unstreamed),
  );
});
