import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Json } from '../../lib/asl/machine.ts';
import { stateMachine } from '../../lib/asl/state-machine.ts';
import { type ClaimRequest, claim } from '../../lib/bookmarks/claim.ts';
import type { BookmarkPorts } from '../../lib/bookmarks/ports.ts';
import { abort, commit, type SettleRequest } from '../../lib/bookmarks/release.ts';
import { bookmarkFiles, holding } from '../../lib/local/bookmark-ports.ts';
import { projectFolder, Root } from '../../lib/local/root.ts';
import { runPipeline } from '../../lib/local/run.ts';
import { canonicalJson } from '../../lib/plan/canonical-json.ts';
import { compile } from '../../lib/plan/compile.ts';
import type { Plan } from '../../lib/plan/schema.ts';
import { isTwinInstalled, startTwin, type Twin } from '../../twin/ministack.ts';
import { changed, smallSql } from '../plan/pipelines.ts';
import { call } from './readings.ts';

/** The small pipeline on EMR: its own state machine on the twin, the real bookmark logic, the engine as a step of a cluster. */

const installed = isTwinInstalled();
const title = 'a pipeline with stages on EMR';
const without = 'skipped: there is no .venv-twin (npm run setup -- --twin)';
const roleArn = 'arn:aws:iam::000000000000:role/machine';

const definition = changed((draft) => {
  delete draft['models'];
  delete draft['sources'].towns;
  delete draft['tables'].people_clean.reads.towns;
  draft['compute'] = { build: 'emr' };
});
const sql = {
  ...smallSql,
  'people_clean.sql':
    'SELECT p._row, trim(p.id) AS id, p.town, try_cast(p.born AS DATE) AS born, CAST(NULL AS BIGINT) AS size FROM people p',
};
const plan = (files: Record<string, string> = sql): Plan => compile(definition, files, 'pipeline.ts').plan!;

const failing = {
  ...sql,
  'visits_clean.sql': 'SELECT _row, id, at, minutes / assert_true(minutes > 5) AS minutes FROM visits',
};

const substitutions: Record<string, string> = {
  BookmarksFunction: 'bookmarks',
  QualityFunction: 'no-gate',
  Partition: 'aws',
  Environment: 'twin',
  PersistentCluster: 'none',
  EngineScript: 's3://code/main.py',
  EngineModules: 's3://code/engine.zip',
  EmrBootstrap: 's3://code/bootstrap.sh',
  EmrPackages: 's3://code/packages.zip',
  EmrClusters: 'twin-small-emr',
  EmrLogs: 's3://artefacts/emr-logs/',
  EmrMaximumVcpus: '64',
  EmrPrefix: 'twin',
  EmrSubnets: 'subnet-a,subnet-b',
  EmrPrimaryGroup: 'sg-primary',
  EmrWorkerGroup: 'sg-workers',
  EmrServiceGroup: 'sg-service',
  EmrServiceRole: 'emr-service',
  EmrInstanceProfile: 'emr-nodes',
  EmrSecurity: 'emr-security',
};

// biome-ignore lint/suspicious/noExplicitAny: what a service answers has whatever fields it has.
type Answer = any;

describe.skipIf(!installed)(installed ? title : `${title}, ${without}`, () => {
  let twin: Twin;
  let folder: string;
  let server: Server;
  let bookmarks: BookmarkPorts;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'millrace-emr-stages-'));
    await mkdir(path.join(folder, 'data', 'people'), { recursive: true });
    await mkdir(path.join(folder, 'data', 'visits'), { recursive: true });
    await writeFile(
      path.join(folder, 'data', 'people', '1.csv'),
      'id,town,born\na,Ulm,1990-01-01\nb,Bonn,1980-02-02\n',
    );
    const visits = ['a', 'a', 'b'].map((id, i) =>
      JSON.stringify({ id, at: `2024-05-0${i + 1}T10:00:00Z`, minutes: i }),
    );
    await writeFile(path.join(folder, 'data', 'visits', '1.json'), `${visits.join('\n')}\n`);
    twin = await startTwin({ folder: path.join(folder, 'twin'), patience: 5000 });
    server = createServer(async (request, response) => {
      const body = JSON.parse(Buffer.concat(await request.toArray()).toString()) as Answer;
      const said =
        body.action === 'claim'
          ? (await claim({ ...(body as ClaimRequest), holder: `process ${process.pid}` }, bookmarks)).claimed
          : await (body.action === 'commit' ? commit : abort)(body as SettleRequest, bookmarks);
      response.end(JSON.stringify(said));
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    await makeFunction(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  });
  afterAll(async () => {
    server?.close();
    await twin?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** A function that calls the bookmarks of this process. */
  async function makeFunction(to: string): Promise<void> {
    const source = `exports.handler = async (event) => (await fetch('${to}', { method: 'POST', body: JSON.stringify(event) })).json();`;
    const code = path.join(folder, 'index.js');
    const zip = path.join(folder, 'bookmarks.zip');
    await writeFile(code, source);
    execFileSync(path.join(projectFolder, '.venv-twin', 'bin', 'python'), ['-m', 'zipfile', '-c', zip, code]);
    const answer = await fetch(`${twin.endpoint}/2015-03-31/functions`, {
      method: 'POST',
      body: JSON.stringify({
        FunctionName: 'bookmarks',
        Runtime: 'nodejs24.x',
        Handler: 'index.handler',
        Role: roleArn,
        Timeout: 60,
        Code: { ZipFile: (await readFile(zip)).toString('base64') },
      }),
    });
    expect(answer.status).toBe(201);
  }

  async function execute(run: string, of: Plan, others: Record<string, string> = {}) {
    const root = new Root(path.join(folder, `root-${run}`));
    await mkdir(root.run(of.pipeline, run), { recursive: true });
    const planFile = path.join(root.run(of.pipeline, run), 'plan.json');
    await writeFile(planFile, canonicalJson(of, 1));
    bookmarks = bookmarkFiles(root, of);
    const text = JSON.stringify(stateMachine(of)).replace(
      /\$\{(\w+)\}/g,
      (_, name: string) => ({ ...substitutions, ...others })[name]!,
    );
    const { stateMachineArn } = await call(twin, 'AWSStepFunctions.CreateStateMachine', {
      name: `small-${run}`,
      definition: text,
      roleArn,
    });
    const input = { run, plan: planFile, root: root.folder, data: path.join(folder, 'data'), parameters: {} };
    const started = await holding(run, () =>
      call(twin, 'AWSStepFunctions.StartSyncExecution', {
        stateMachineArn: stateMachineArn!,
        input: JSON.stringify(input),
      }),
    );
    const asked = { executionArn: started['executionArn']!, maxResults: 1000 };
    const history = ((await call(twin, 'AWSStepFunctions.GetExecutionHistory', asked))['events'] as Answer[]).flatMap(
      ({ stateEnteredEventDetails: entered }) => (entered === undefined ? [] : [entered.name as string]),
    );
    return { done: started as Answer, history, root };
  }

  const emr = (action: string, body: { [key: string]: Json }) =>
    call(twin, `ElasticMapReduce.${action}`, body) as Answer;
  async function clusterOf(run: string) {
    const { Clusters } = await emr('ListClusters', {});
    const found = Clusters.filter((cluster: Answer) => cluster.Name === `twin-small-emr-${run}`);
    expect(found).toHaveLength(1);
    const ClusterId = found[0].Id as string;
    const [{ Cluster }, { InstanceFleets }, { Steps }] = await Promise.all([
      emr('DescribeCluster', { ClusterId }),
      emr('ListInstanceFleets', { ClusterId }),
      emr('ListSteps', { ClusterId }),
    ]);
    return { Cluster, InstanceFleets, Steps };
  }
  const written = async (root: Root, run: string) => {
    const tasks = path.join(root.run(definition.name, run), 'tasks');
    const texts = await Promise.all(
      (await readdir(tasks))
        .filter((name) => name.endsWith('.json'))
        .map((name) => readFile(path.join(tasks, name), 'utf8')),
    );
    return Object.fromEntries(texts.map((text) => JSON.parse(text)).map(({ task, written: rows }) => [task, rows]));
  };

  test('creates a cluster, computes on it, ends it and commits', async () => {
    const { done, history, root } = await execute('sound', plan());
    expect([done.status, done.error, done.cause]).toEqual(['SUCCEEDED', undefined, undefined]);
    expect(await written(root, 'sound')).toEqual({
      people: 2,
      visits: 3,
      people_clean: 2,
      visits_clean: 3,
      people_features: 2,
    });
    expect(history.slice(-6)).toEqual([
      ...['build', 'Done with the cluster?', 'End the cluster', 'Commit', 'Promoted?', 'Done'],
    ]);
    const state = JSON.parse(await readFile(root.state('small'), 'utf8'));
    expect(state.claim ?? null).toBeNull();
    expect(Object.keys(state.tasks).sort()).toEqual(
      plan()
        .tasks.map((task) => task.name)
        .sort(),
    );
    const { Cluster, Steps } = await clusterOf('sound');
    expect(Cluster.Status.State).toBe('TERMINATED');
    expect(Steps.map((step: Answer) => step.Status.State)).toEqual(['COMPLETED']);
  });

  test('requests fleets of many types: core on demand, tasks on spot, in our subnets, with logs and our tag', async () => {
    const { Cluster, InstanceFleets } = await clusterOf('sound');
    expect(
      InstanceFleets.map((fleet: Answer) => [
        fleet.InstanceFleetType,
        fleet.TargetOnDemandCapacity,
        fleet.TargetSpotCapacity,
      ]),
    ).toEqual([
      ['MASTER', 1, 0],
      ['CORE', 8, 0],
      ['TASK', 0, 8],
    ]);
    for (const fleet of InstanceFleets) expect(fleet.InstanceTypeSpecifications.length).toBeGreaterThanOrEqual(6);
    expect(Cluster).toMatchObject({
      InstanceCollectionType: 'INSTANCE_FLEET',
      ReleaseLabel: expect.stringMatching(/^emr-7\./),
      LogUri: 's3://artefacts/emr-logs/',
      ServiceRole: 'emr-service',
      TerminationProtected: false,
    });
    expect(Cluster.Ec2InstanceAttributes.IamInstanceProfile).toBe('emr-nodes');
    expect(Cluster.Tags).toContainEqual({ Key: 'millrace:prefix', Value: 'twin' });
    const { Instances, ManagedScalingPolicy, AutoTerminationPolicy } = Cluster.Requested;
    expect(Instances.Ec2SubnetIds).toEqual(['subnet-a', 'subnet-b']);
    expect(Instances.InstanceFleets[2].LaunchSpecifications.SpotSpecification).toEqual({
      AllocationStrategy: 'price-capacity-optimized',
      TimeoutAction: 'SWITCH_TO_ON_DEMAND',
      TimeoutDurationMinutes: 10,
    });
    expect(ManagedScalingPolicy.ComputeLimits).toMatchObject({
      MaximumCapacityUnits: 64,
      MaximumOnDemandCapacityUnits: 8,
    });
    expect(AutoTerminationPolicy).toEqual({ IdleTimeout: 900 });
  });

  test('finds a persistent cluster by its name, and does not end it', async () => {
    const Instances = { KeepJobFlowAliveWhenNoSteps: true };
    for (const Name of ['another', 'kept']) await emr('RunJobFlow', { Name, Instances });
    const { done, history } = await execute('kept', plan(), { PersistentCluster: 'kept' });
    expect([done.status, done.cause]).toEqual(['SUCCEEDED', undefined]);
    expect(history).toContain('build finds the cluster');
    expect(history.filter((state) => /makes|End/.test(state))).toEqual([]);
    const { Clusters } = await emr('ListClusters', { ClusterStates: ['WAITING'] });
    const alive = Object.fromEntries(Clusters.map(({ Name, Id }: Answer) => [Name, Id]));
    expect(Object.keys(alive).sort()).toEqual(['another', 'kept']);
    const steps = async (ClusterId: string) => (await emr('ListSteps', { ClusterId })).Steps.length;
    expect([await steps(alive['another']), await steps(alive['kept'])]).toEqual([0, 1]);
  });

  test('after a failed step ends the cluster, releases the claim, and fails with the error of the step', async () => {
    const { done, history, root } = await execute('broken', plan(failing));
    expect([done.status, done.error]).toEqual(['FAILED', 'States.TaskFailed']);
    expect(history.slice(-4)).toEqual(['Cluster left?', 'End the cluster after a fault', 'Abort', 'Failed']);
    const { Cluster, Steps } = await clusterOf('broken');
    expect(Cluster.Status.State).toBe('TERMINATED');
    expect(Steps.map((step: Answer) => step.Status.State)).toEqual(['FAILED', 'FAILED']);
    const state = JSON.parse(await readFile(root.state('small'), 'utf8'));
    expect(state.claim ?? null).toBeNull();
    expect(Object.keys(state.tasks)).not.toContain('visits_clean');
  });

  test('gives the same without a server, and fails if the job fails', async () => {
    const application = { EmrApplication: 'application', EmrJobRole: 'role' };
    const moved = (of: Plan): Plan => ({
      ...of,
      stages: of.stages.map((stage) => ({ ...stage, compute: 'emr-serverless' })),
    });
    const { done, root } = await execute('serverless', moved(plan()), application);
    expect([done.status, done.cause]).toEqual(['SUCCEEDED', undefined]);
    expect(await written(root, 'serverless')).toEqual(
      await written(new Root(path.join(folder, 'root-sound')), 'sound'),
    );
    const failed = await execute('serverless-broken', moved(plan(failing)), application);
    expect([failed.done.status, failed.done.error]).toEqual(['FAILED', 'States.TaskFailed']);
    expect(failed.history.slice(-2)).toEqual(['Abort', 'Failed']);
  });

  test('gives the same tables as the laptop, from the same document', async () => {
    const root = new Root(path.join(folder, 'root-laptop'));
    const document = await runPipeline({
      plan: plan(),
      root,
      engine: 'sail',
      data: path.join(folder, 'data'),
      emit: () => undefined,
    });
    expect([document.status, document.issues]).toEqual(['succeeded', []]);
    const twins = await written(new Root(path.join(folder, 'root-sound')), 'sound');
    expect(Object.fromEntries(document.tasks.map((task) => [task.task, task.written]))).toEqual(twins);
  });
});
