import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { execute, type ResourceCall, StatesError } from '../../lib/asl/interpreter/index.ts';
import type { Json, Machine } from '../../lib/asl/machine.ts';
import { stateMachine } from '../../lib/asl/state-machine.ts';
import type { Compute } from '../../lib/definition/compute.ts';
import { issuesIn } from '../../lib/documents/issue-line.ts';
import { projectFolder } from '../../lib/local/root.ts';
import { type Plan, planSchema } from '../../lib/plan/schema.ts';
import { World } from './world.ts';

const golden = path.join(projectFolder, 'contracts', 'golden', 'churn.plan.json');
const churn = planSchema.parse(JSON.parse(readFileSync(golden, 'utf8')));

const on = (build: Compute, predict: Compute): Plan => ({
  ...churn,
  stages: churn.stages.map((stage) => ({ ...stage, compute: stage.name === 'build' ? build : predict })),
});

const emr = (action: string) => `arn:aws:states:::elasticmapreduce:${action}.sync`;
const glue = 'arn:aws:states:::glue:startJobRun.sync';
const serverless = 'arn:aws:states:::emr-serverless:startJobRun.sync';
const lambda = 'arn:aws:states:::lambda:invoke';
const listClusters = 'arn:aws:states:::aws-sdk:emr:listClusters';
const values: Record<string, string> = {
  Partition: 'aws',
  PersistentCluster: 'none',
  EmrMaximumVcpus: '32',
  EmrSubnets: 'subnet-a,subnet-b',
  EmrClusters: 'dev-churn',
  EngineScript: 's3://code/main.py',
};

interface Walk {
  persistent?: boolean;
  stages?: string[];
  /** Resource or state -> the error with which it ends. */
  fails?: Record<string, string>;
  verdict?: 'promote' | 'hold';
  usable?: boolean;
  alive?: { Name: string; Id: string }[];
}

/** Runs the churn machine; `did` lists the calls as `action` or `action id`. */
async function walk(plan: Plan, given: Walk = {}) {
  const { persistent = false, stages = ['build', 'predict'], fails = {}, verdict = 'promote', usable = true } = given;
  const { alive = [] } = given;
  const named = { ...values, PersistentCluster: persistent ? 'dev-cluster' : 'none' };
  const machine = JSON.parse(
    JSON.stringify(stateMachine(plan)).replace(
      /\$\{(\w+)\}/g,
      (_, name: string) => named[name as keyof typeof named] ?? name,
    ),
  ) as Machine;
  let made = 0;
  const answer = (reply: (call: ResourceCall) => Json) => (call: ResourceCall) => {
    const error = fails[call.state] ?? fails[call.resource];
    if (error !== undefined) throw new StatesError(error, 'it said no');
    return reply(call);
  };
  const world = new World({
    [lambda]: answer(({ arguments: asked }): Json => {
      const { Payload } = asked as unknown as { Payload: { action?: string } };
      if (Payload.action === 'claim')
        return { Payload: { token: 7, work: 'w', stages, trains: [{ model: 'churn', version: 1, gate: {} }] } };
      return { Payload: { model: 'churn', version: 1, verdict, usable, reason: 'AUC' } };
    }),
    [glue]: answer(() => ({})),
    [serverless]: answer(() => ({})),
    [listClusters]: answer(() => ({ Clusters: alive })),
    [emr('createCluster')]: answer(() => ({ ClusterId: `j-${++made}` })),
    [emr('addStep')]: answer(() => ({})),
    [emr('terminateCluster')]: answer(() => ({})),
  });
  const input = { run: 'r1', plan: 'p', root: '/lake', data: '/raw', parameters: {} };
  const done = await execute(machine, input, world);
  const did = world.calls.map(({ resource, arguments: asked }) => {
    const { ClusterId, Payload } = asked as { ClusterId?: string; Payload?: { action?: string } };
    const action = resource.split(':').at(-1)!.replace('.sync', '');
    return Payload !== undefined ? (Payload.action ?? 'judge') : [action, ClusterId].filter(Boolean).join(' ');
  });
  return { done, did, calls: world.calls, machine };
}

const first = (calls: readonly { resource: string; arguments: Json }[], resource: string) =>
  // biome-ignore lint/suspicious/noExplicitAny: a request has whatever the service has a field for.
  calls.find((call) => call.resource === resource)!.arguments as any;

describe('stages on a cluster of the run', () => {
  test('share one cluster, which ends before the commit', async () => {
    const { done, did } = await walk(on('emr', 'emr'));
    expect(done.status).toBe('SUCCEEDED');
    expect(did).toEqual([
      ...['claim', 'createCluster', 'addStep j-1', 'judge', 'addStep j-1', 'terminateCluster j-1', 'commit'],
    ]);
  });

  test('the cluster is created for the first stage that has work, and not if no stage has work', async () => {
    const late = await walk(on('emr', 'emr'), { stages: ['predict'] });
    expect(late.did).toEqual(['claim', 'createCluster', 'addStep j-1', 'terminateCluster j-1', 'commit']);
    expect((await walk(on('emr', 'emr'), { stages: [] })).did).toEqual(['claim']);
    expect((await walk(on('glue', 'emr'), { stages: ['build'] })).did).toEqual([
      ...['claim', 'startJobRun', 'judge', 'commit'],
    ]);
  });

  test('the cluster ends before stages that do not need it', async () => {
    expect((await walk(on('emr', 'glue'))).did).toEqual([
      ...['claim', 'createCluster', 'addStep j-1', 'judge', 'terminateCluster j-1', 'startJobRun', 'commit'],
    ]);
  });

  test('the cluster also ends if the gate holds the model and nothing can be scored', async () => {
    const { done, did } = await walk(on('emr', 'emr'), { verdict: 'hold', usable: false });
    expect(done).toMatchObject({ status: 'FAILED', error: 'QualityGate' });
    expect(did.slice(-3)).toEqual(['judge', 'terminateCluster j-1', 'commit']);
  });

  test.each([
    ['a step', { build: 'Millrace.Fault' }, ['addStep j-1', 'terminateCluster j-1', 'abort']],
    ['a step, twice', { build: 'States.TaskFailed' }, ['addStep j-1', 'addStep j-1', 'terminateCluster j-1', 'abort']],
    ['a step that takes too long', { build: 'States.Timeout' }, ['addStep j-1', 'terminateCluster j-1', 'abort']],
    ['the gate', { Judge: 'Lambda.Unknown' }, ['judge', 'terminateCluster j-1', 'abort']],
  ])('and after the fault of %s, which is what the run ends with', async (_, fails, last) => {
    const { done, did } = await walk(on('emr', 'emr'), { fails: fails as Record<string, string> });
    expect(done).toMatchObject({ status: 'FAILED', error: Object.values(fails)[0], cause: 'it said no' });
    expect(did.slice(-last.length)).toEqual(last);
    expect(did.filter((call) => call.startsWith('terminate'))).toHaveLength(1);
  });

  test('after a failed stage on Glue, the cluster is not ended a second time', async () => {
    const { did } = await walk(on('emr', 'glue'), { fails: { predict: 'Millrace.Fault' } });
    expect(did.slice(-3)).toEqual(['terminateCluster j-1', 'startJobRun', 'abort']);
  });

  test('a cluster without capacity is requested once more; then the run fails with that reason and releases its claim', async () => {
    const { done, did } = await walk(on('emr', 'emr'), { fails: { [emr('createCluster')]: 'States.TaskFailed' } });
    expect(done).toMatchObject({ status: 'FAILED', error: 'States.TaskFailed' });
    expect(issuesIn((done as { cause: string }).cause)).toEqual([
      {
        code: 'MR730',
        path: 'EMR',
        message: 'no cluster could be started for this run: it said no',
        hint: 'run again later, or raise the EC2 quotas of the account',
      },
    ]);
    expect(did).toEqual(['claim', 'createCluster', 'createCluster', 'abort']);
  });

  test('a cluster that cannot be ended changes neither the success of a run nor the cause of its failure', async () => {
    const deaf = { [emr('terminateCluster')]: 'ElasticMapReduce.InvalidRequestException' };
    expect((await walk(on('emr', 'emr'), { fails: deaf })).done.status).toBe('SUCCEEDED');
    const { done, did } = await walk(on('emr', 'emr'), { fails: { ...deaf, build: 'Millrace.Fault' } });
    expect(done).toMatchObject({ status: 'FAILED', error: 'Millrace.Fault' });
    expect(did.at(-1)).toBe('abort');
  });
});

describe('the cluster', () => {
  test('has fleets of at least 6 types: core on demand, tasks on spot with a fallback, with limits, and ends when idle', async () => {
    const asked = first((await walk(on('emr', 'glue'))).calls, emr('createCluster'));
    expect(asked.ReleaseLabel).toMatch(/^emr-7\./);
    expect(asked.Name).toBe('dev-churn-r1');
    const { InstanceFleets: fleets, ...instances } = asked.Instances;
    expect(instances).toMatchObject({ Ec2SubnetIds: ['subnet-a', 'subnet-b'], KeepJobFlowAliveWhenNoSteps: true });
    for (const { InstanceTypeConfigs } of fleets)
      expect(new Set(InstanceTypeConfigs.map((c: { InstanceType: string }) => c.InstanceType)).size).toBeGreaterThan(5);
    expect(
      fleets.map((f: { TargetOnDemandCapacity: number; TargetSpotCapacity: number }) => [
        f.TargetOnDemandCapacity,
        f.TargetSpotCapacity,
      ]),
    ).toEqual([
      [1, 0],
      [8, 0],
      [0, 8],
    ]);
    expect(fleets[2].LaunchSpecifications.SpotSpecification).toEqual({
      AllocationStrategy: 'price-capacity-optimized',
      TimeoutAction: 'SWITCH_TO_ON_DEMAND',
      TimeoutDurationMinutes: 10,
    });
    expect(asked.ManagedScalingPolicy.ComputeLimits).toMatchObject({
      MaximumCapacityUnits: 32,
      MaximumOnDemandCapacityUnits: 8,
      MaximumCoreCapacityUnits: 8,
    });
    expect(asked.AutoTerminationPolicy).toEqual({ IdleTimeout: 900 });
  });

  test('runs the engine with the same arguments as Glue, except for its kind', async () => {
    const step = first((await walk(on('emr', 'glue'))).calls, emr('addStep')).Step.HadoopJarStep.Args as string[];
    const job = first((await walk(on('glue', 'glue'))).calls, glue).Arguments as Record<string, string>;
    expect(job['--engine']).toBe('glue');
    expect(step.slice(step.indexOf('s3://code/main.py') + 1)).toEqual(
      Object.entries({ ...job, '--engine': 'emr' }).flat(),
    );
    expect(step.slice(0, 3)).toEqual(['spark-submit', '--deploy-mode', 'client']);
  });

  test('is found by its name and not changed if it is persistent', async () => {
    const alive = [
      { Name: 'another', Id: 'j-other' },
      { Name: 'dev-cluster', Id: 'j-kept' },
    ];
    const { done, did } = await walk(on('emr', 'emr'), { persistent: true, alive });
    expect(done.status).toBe('SUCCEEDED');
    expect(did).toEqual(['claim', 'listClusters', 'addStep j-kept', 'judge', 'addStep j-kept', 'commit']);
    const failed = await walk(on('emr', 'emr'), { persistent: true, alive, fails: { build: 'Millrace.Fault' } });
    expect(failed.did.slice(-2)).toEqual(['addStep j-kept', 'abort']);
  });

  test('is created for the run if the persistent one has ended', async () => {
    const { did } = await walk(on('emr', 'glue'), { persistent: true });
    expect(did).toEqual([
      ...['claim', 'listClusters', 'createCluster', 'addStep j-1', 'judge', 'terminateCluster j-1', 'startJobRun'],
      'commit',
    ]);
  });
});

describe('stages on EMR Serverless', () => {
  test('are jobs with the same arguments as on Glue, except for their kind, and create no cluster', async () => {
    const { done, did, calls } = await walk(on('emr-serverless', 'emr-serverless'));
    expect(done.status).toBe('SUCCEEDED');
    expect(did).toEqual(['claim', 'startJobRun', 'judge', 'startJobRun', 'commit']);
    const { SparkSubmit } = first(calls, serverless).JobDriver;
    const job = first((await walk(on('glue', 'glue'))).calls, glue).Arguments as Record<string, string>;
    expect(SparkSubmit.EntryPoint).toBe('s3://code/main.py');
    expect(SparkSubmit.EntryPointArguments).toEqual(Object.entries({ ...job, '--engine': 'emr-serverless' }).flat());
  });

  test('release the claim when they fail', async () => {
    const { done, did } = await walk(on('emr-serverless', 'glue'), { fails: { build: 'States.TaskFailed' } });
    expect(done).toMatchObject({ status: 'FAILED', error: 'States.TaskFailed' });
    expect(did).toEqual(['claim', 'startJobRun', 'startJobRun', 'abort']);
  });
});

describe('every machine', () => {
  const computes: Compute[] = ['glue', 'emr', 'emr-serverless'];
  const pairs = computes.flatMap((build) => computes.map((predict): [Compute, Compute] => [build, predict]));

  test.each(pairs)('of %s and %s only leads to existing states', (...pair) => {
    const { States } = stateMachine(on(...pair)) as unknown as Machine;
    const led = [...JSON.stringify(States).matchAll(/"(?:Next|Default)":"([^"]+)"/g)].map(([, next]) => next!);
    expect(led.filter((next) => !(next in States) && next !== 'Judge')).toEqual([]);
    const unreached = Object.keys(States).filter((name) => !led.includes(name) && name !== 'Claim');
    expect(unreached).toEqual([]);
  });

  test.each(pairs)('of %s and %s ends with the error of the failed Task, and releases its claim', async (...pair) => {
    const plan = on(...pair);
    const { calls } = await walk(plan);
    for (const state of new Set(calls.map((call) => call.state))) {
      const { done, did } = await walk(plan, { fails: { [state]: 'Boom' } });
      if (state === 'End the cluster') {
        expect([state, done.status, did.at(-1)]).toEqual([state, 'SUCCEEDED', 'commit']);
        continue;
      }
      expect([state, done]).toEqual([state, expect.objectContaining({ status: 'FAILED', error: 'Boom' })]);
      expect([state, did.at(-1)]).toEqual([state, { Claim: 'claim', Commit: 'commit' }[state] ?? 'abort']);
    }
  });

  test('without EMR is unchanged', () => {
    expect(JSON.stringify(stateMachine(churn))).not.toMatch(/emr|elasticmapreduce|[cC]luster/);
  });
});
