import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Json, State } from '../../lib/asl/machine.ts';
import { projectFolder } from '../../lib/local/root.ts';
import { isTwinInstalled, startTwin, type Twin } from '../../twin/ministack.ts';
import { call } from './readings.ts';

const installed = isTwinInstalled();
const title = 'on the twin';
const without = 'skipped: there is no .venv-twin (npm run setup -- --twin)';
const sound = path.join(projectFolder, 'contracts', 'golden', 'small.plan.json');
const roleArn = 'arn:aws:iam::000000000000:role/machine';

describe.skipIf(!installed)(installed ? title : `${title}, ${without}`, () => {
  let twin: Twin;
  let folder: string;
  let broken: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'millrace-engine-runs-'));
    broken = path.join(folder, 'broken.plan.json');
    const text = await readFile(sound, 'utf8');
    await writeFile(broken, text.replaceAll(/SELECT /gi, 'SELECT no_such_column, '));
    const script = path.join(folder, 'main.py');
    await writeFile(script, 'raise SystemExit("the script of the job must not run, the engine does")\n');
    twin = await startTwin({ folder, patience: 5000 });
    for (const [Name, ScriptLocation] of [
      ['stages', script],
      ['scriptless', 's3://nowhere/main.py'],
    ]) {
      const Command = { Name: 'glueetl', ScriptLocation };
      await call(twin, 'AWSGlue.CreateJob', {
        Name: Name!,
        Role: roleArn,
        Command: Command as Json,
        GlueVersion: '5.1',
      });
    }
  });
  afterAll(async () => {
    await twin?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** Runs the states in real time, from the first one. */
  async function execute(states: Record<string, State>): Promise<{ [key: string]: Json }> {
    const definition = JSON.stringify({ QueryLanguage: 'JSONata', StartAt: Object.keys(states)[0], States: states });
    const name = `machine-${++made}`;
    const { stateMachineArn } = await call(twin, 'AWSStepFunctions.CreateStateMachine', { name, definition, roleArn });
    const started = await call(twin, 'AWSStepFunctions.StartSyncExecution', {
      stateMachineArn: stateMachineArn!,
      input: '{}',
    });
    const output = started['status'] === 'SUCCEEDED' ? (JSON.parse(started['output'] as string) as Json) : null;
    return { ...started, output };
  }
  let made = 0;

  const glue = (JobName: string, plan: string): State => ({
    Type: 'Task',
    Resource: 'arn:aws:states:::glue:startJobRun.sync',
    Arguments: { JobName, Arguments: { '--plan': plan, '--engine': 'glue' } },
    End: true,
  });

  test('a Glue run of a state machine runs our engine: a valid plan is checked', async () => {
    const done = await execute({ Check: glue('stages', sound) });
    expect(done).toMatchObject({ status: 'SUCCEEDED', output: { JobName: 'stages', JobRunState: 'SUCCEEDED' } });
  });

  test('a fault of the engine fails the run and the Task, and is reported', async () => {
    const done = await execute({ Check: glue('stages', broken) });
    expect(done).toMatchObject({ status: 'FAILED', error: 'States.TaskFailed' });
    const run = JSON.parse(done['cause'] as string) as { JobRunState: string; ErrorMessage: string };
    expect(run.JobRunState).toBe('FAILED');
    expect(run.ErrorMessage).toContain('no_such_column');
  });

  test('a Task that times out stops its run', async () => {
    // Nothing writes to this pipe, so the engine waits for its plan forever.
    const silent = path.join(folder, 'silent.plan.json');
    execFileSync('mkfifo', [silent]);
    const before = Date.now();
    const done = await execute({ Check: { ...glue('stages', silent), TimeoutSeconds: 1 } as State });
    expect(done).toMatchObject({ status: 'FAILED', error: 'States.Timeout' });
    let last: { JobRunState: string; CompletedOn: number | null } | undefined;
    while (!last?.CompletedOn && Date.now() < before + 20_000) {
      const { JobRuns } = await call(twin, 'AWSGlue.GetJobRuns', { JobName: 'stages' });
      last = (JobRuns as unknown as (typeof last)[]).at(-1);
    }
    expect(last?.JobRunState).toBe('STOPPED');
  });

  test('a job whose script does not exist fails', async () => {
    const done = await execute({ Check: glue('scriptless', sound) });
    expect(done).toMatchObject({ status: 'FAILED', error: 'States.TaskFailed' });
    expect(done['cause']).toContain('script not found: s3://nowhere/main.py');
  });

  test('a missing job fails with the error name of the integration', async () => {
    expect(await execute({ Check: glue('no-such-job', sound) })).toMatchObject({
      status: 'FAILED',
      error: 'Glue.EntityNotFoundException',
    });
  });

  test('a step of a transient EMR cluster is a run of our engine', async () => {
    const emr = (action: string) => `arn:aws:states:::elasticmapreduce:${action}.sync`;
    const step = (plan: string) => ({
      Name: 'check',
      ActionOnFailure: 'CONTINUE',
      HadoopJarStep: {
        Jar: 'command-runner.jar',
        Args: ['spark-submit', 's3://code/main.py', '--plan', plan, '--engine', 'emr'],
      },
    });
    const done = await execute({
      Create: {
        Type: 'Task',
        Resource: emr('createCluster'),
        Arguments: { Name: 'transient', ReleaseLabel: 'emr-7.9.0', Instances: { KeepJobFlowAliveWhenNoSteps: true } },
        Assign: { cluster: '{% $states.result.ClusterId %}' },
        Next: 'Check',
      },
      Check: {
        Type: 'Task',
        Resource: emr('addStep'),
        Arguments: { ClusterId: '{% $cluster %}', Step: step(sound) },
        Assign: { sound: '{% $states.result.Step.Status.State %}' },
        Next: 'Check broken',
      },
      'Check broken': {
        Type: 'Task',
        Resource: emr('addStep'),
        Arguments: { ClusterId: '{% $cluster %}', Step: step(broken) },
        Catch: [
          {
            ErrorEquals: ['States.TaskFailed'],
            Assign: { broken: '{% $parse($states.errorOutput.Cause).Step.Status.State %}' },
            Next: 'Terminate',
          },
        ],
        Next: 'Terminate',
      },
      Terminate: {
        Type: 'Task',
        Resource: emr('terminateCluster'),
        Arguments: { ClusterId: '{% $cluster %}' },
        Output: {
          sound: '{% $sound %}',
          broken: '{% $broken %}',
          cluster: '{% $states.result.Cluster.Status.State %}',
        },
        End: true,
      },
    });
    expect(done['output']).toEqual({ sound: 'COMPLETED', broken: 'FAILED', cluster: 'TERMINATED' });
  });
});
