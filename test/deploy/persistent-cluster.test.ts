import { expect, test } from 'vitest';
import { environments } from '../../environments.ts';
import { clusterToDeploy, timesMadeAgain } from '../../lib/deploy/persistent-cluster.ts';
import { environmentNamed } from '../../lib/environment/environment.ts';
import { resources, synthesised } from '../stacks/synthesised.ts';

const staging = environmentNamed(environments, 'staging');
const stackName = 'millrace-staging-cluster';

/** The cluster stack, as it is deployed after the cluster was made again so often. */
const templateOf = (clusterMadeAgain: number) =>
  synthesised('staging', {}, undefined, clusterMadeAgain).templates['cluster']!;

const account = (deployed: unknown, alive: string[]) => ({
  template: async (stack: string) => (stack === stackName ? deployed : undefined),
  clusters: async () => alive,
});

test('a cluster that has ended is made again, under another logical id and the same name', async () => {
  const first = templateOf(0);
  expect(await clusterToDeploy(staging, account(first.toJSON(), ['another']))).toEqual({
    madeAgain: 1,
    ended: stackName,
  });
  const second = templateOf(1);
  const clusterIn = (template: typeof first) => Object.entries(resources(template, 'AWS::EMR::Cluster'))[0]!;
  const [[before, one], [after, two]] = [clusterIn(first), clusterIn(second)];
  expect(after).not.toBe(before);
  expect(two.Properties).toEqual(one.Properties);
  expect(timesMadeAgain(second.toJSON())).toBe(1);
  expect(await clusterToDeploy(staging, account(second.toJSON(), []))).toEqual({ madeAgain: 2, ended: stackName });
});

test('a cluster that is alive stays, whatever its number', async () => {
  expect(await clusterToDeploy(staging, account(templateOf(0).toJSON(), [stackName]))).toEqual({ madeAgain: 0 });
  expect(await clusterToDeploy(staging, account(templateOf(3).toJSON(), ['another', stackName]))).toEqual({
    madeAgain: 3,
  });
});

test('nothing is made again before the first deployment, or without a persistent cluster', async () => {
  expect(await clusterToDeploy(staging, account(undefined, []))).toEqual({ madeAgain: 0 });
  const none = { template: () => Promise.reject(new Error('read')), clusters: () => Promise.reject(new Error('read')) };
  for (const name of ['dev', 'prod']) {
    expect(await clusterToDeploy(environmentNamed(environments, name), none)).toEqual({ madeAgain: 0 });
  }
});
