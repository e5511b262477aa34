import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { environments } from '../../environments.ts';
import { clusterHoursOn, clusterLine } from '../../lib/cli/spent.ts';
import { instanceHours, startedClusters } from '../../lib/deployed/cluster-hours.ts';
import type { Step } from '../../lib/deployed/ports.ts';
import { documentOf } from '../../lib/deployed/run-document.ts';
import { type AnsweringServer, answeringServer } from '../aws/answering-server.ts';
import { goodRun, plan, seenAfter } from './world.ts';

const onEmr = { ...plan, stages: plan.stages.map((stage) => ({ ...stage, compute: 'emr' as const })) };
const at = '2026-11-21T08:00:00.000Z';
const exited = (state: string, output: object): Step => ({ type: 'exited', state, at, output: JSON.stringify(output) });

describe('the EMR usage of a deployed run', () => {
  let server: AnsweringServer;
  beforeEach(async () => {
    server = await answeringServer();
  });
  afterEach(() => server.close());

  test('covers the clusters that the run created', () => {
    const steps = [
      exited('build on which cluster?', { ClusterId: 'j-0' }),
      exited('build makes a cluster', { ClusterId: 'j-1' }),
      exited('build', {}),
    ];
    expect(startedClusters(onEmr, steps)).toEqual(['j-1']);
  });

  test('is the hours of each instance from start to end, by type, over all pages', async () => {
    const hour = 1_764_000_000;
    const instance = (InstanceType: string, from: number, to?: number) => {
      const Timeline = {
        CreationDateTime: hour + from,
        ReadyDateTime: hour + from + 60,
        ...(to && { EndDateTime: hour + to }),
      };
      return { InstanceType, Status: { State: to ? 'TERMINATED' : 'RUNNING', Timeline } };
    };
    const page = (...Instances: object[]) => ({ status: 200, body: JSON.stringify({ Instances, Marker: 'more' }) });
    const last = (...Instances: object[]) => ({ status: 200, body: JSON.stringify({ Instances }) });
    server.answers.push(
      page(instance('m5.xlarge', 0, 3600), instance('m5.xlarge', 0, 1800)),
      last(instance('r6i.xlarge', 1800)),
      last(instance('m5.xlarge', 0, 900)),
    );
    const hours = await instanceHours('eu-central-1', ['j-1', 'j-2'], new Date((hour + 5400) * 1000));
    expect(hours).toEqual({ 'm5.xlarge': 1.75, 'r6i.xlarge': 1 });
    expect(server.asked.map(({ body }) => JSON.parse(body) as object)).toEqual([
      { ClusterId: 'j-1' },
      { ClusterId: 'j-1', Marker: 'more' },
      { ClusterId: 'j-2' },
    ]);
  });

  test('is compared with the forecast for as many rows, if it was a full run', () => {
    const seen = documentOf(plan, seenAfter(goodRun(), goodRun().length));
    const of = (mode: 'full' | 'incremental') => ({
      ...seen,
      tasks: seen.tasks.map((task) => ({ ...task, mode, read: 50_000 })),
    });
    const used = { 'r6i.xlarge': 0.5, 'm5.xlarge': 1 };
    const whole = clusterHoursOn(of('full'), onEmr, used, environments.prod, []);
    expect(whole.hours).toBe(1.5);
    expect(whole.forecast).toBeGreaterThan(0.1);
    expect(whole.ratio).toBeCloseTo(1.5 / whole.forecast!, 9);
    expect(clusterLine(whole)).toMatch(
      /^used {2}1\.500 instance hours of EMR \(m5\.xlarge 1\.000, r6i\.xlarge 0\.500\); forecast for as many rows \d+\.\d{3}: ratio \d+\.\d\d\n$/,
    );
    const some = clusterHoursOn(of('incremental'), onEmr, used, environments.prod, []);
    expect(clusterLine(some)).toBe('used  1.500 instance hours of EMR (m5.xlarge 1.000, r6i.xlarge 0.500)\n');
  });
});
