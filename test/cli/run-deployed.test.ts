import { describe, expect, test } from 'vitest';
import { environments } from '../../environments.ts';
import { watched } from '../../lib/cli/run-deployed.ts';
import type { Opened } from '../../lib/deployed/connect.ts';
import type { CloudPorts, RunParametersGiven } from '../../lib/deployed/ports.ts';
import { namesOf } from '../../lib/environment/names.ts';
import { runsStopped } from '../../lib/runs/faults.ts';
import { goodRun, plan, run, seenAfter } from '../deployed/world.ts';

const moments = goodRun();

/** A pipeline whose run has by default ended at the first poll. */
function opened(ports: Partial<CloudPorts> = {}, count = moments.length) {
  const asked: RunParametersGiven[] = [];
  const seen = seenAfter(moments, count);
  const all: Partial<CloudPorts> = {
    plan: async () => plan,
    trigger: async (parameters) => {
      asked.push(parameters);
      return { started: true, run };
    },
    execution: async () => seen.execution,
    steps: async () => [...seen.steps],
    order: async () => seen.order,
    outcomes: async () => [...seen.outcomes],
    ...ports,
  };
  const deployed = {
    environment: environments.dev,
    pipeline: 'churn',
    account: '111122223333',
    names: namesOf(environments.dev).pipeline('churn'),
  };
  return { asked, opened: { deployed, ports: all } as Opened };
}

function terminal() {
  const heard = { err: '' };
  const write = (text: string) => {
    heard.err += text;
  };
  return { heard, terminal: { out: { write }, err: { write } } };
}

describe('a run of a deployed pipeline', () => {
  test('is reported line by line, with waits between the tasks', async () => {
    const { heard, terminal: there } = terminal();
    const { asked, opened: pipeline } = opened();
    const document = await watched(pipeline, { force: ['train'] }, { env: 'dev' }, there);
    expect(document.status).toBe('succeeded');
    expect(asked).toEqual([{ force: ['train'] }]);
    const lines = heard.err.split('\n');
    expect(lines.slice(0, 4)).toEqual([
      `${run}  started in dev (111122223333, eu-central-1)`,
      'Claim ...',
      `${run}  ${plan.tasks.length} tasks to do, 0 up to date`,
      `${plan.stages[0]!.name} ...`,
    ]);
    expect(heard.err).toContain('  train_churn  2 read: 2 written  1.0 s\n');
  });

  test('is not started while another runs: MR694 names it', async () => {
    const { opened: pipeline } = opened({
      trigger: async () => ({ started: false, why: 'running', run: 'r-other', remembered: false }),
    });
    await expect(watched(pipeline, {}, { env: 'dev' }, terminal().terminal)).rejects.toMatchObject({
      exitCode: 1,
      issues: [{ code: 'MR694', message: 'a run is already in progress: r-other' }],
    });
  });

  test('is not started while runs are stopped: MR760 says until when, and how to resume', async () => {
    const stop = { since: '2026-11-21T08:00:00.000Z', until: '2026-12-01T00:00:00.000Z', by: 'budget@1' };
    const issue = runsStopped(stop, 'churn');
    const { opened: pipeline } = opened({
      trigger: async () => ({ started: false, why: 'stopped', until: stop.until, remembered: false, issue }),
    });
    await expect(watched(pipeline, {}, { env: 'dev' }, terminal().terminal)).rejects.toMatchObject({
      exitCode: 1,
      issues: [{ code: 'MR760', hint: expect.stringContaining('"liftStop": true') }],
    });
  });

  test('is not started if a task to force does not exist', async () => {
    const { asked, opened: pipeline } = opened();
    await expect(watched(pipeline, { force: ['trian'] }, { env: 'dev' }, terminal().terminal)).rejects.toMatchObject({
      issues: [{ code: 'MR516' }],
    });
    expect(asked).toEqual([]);
  });

  test('continues when the watching is interrupted: MR696 says where to look', async () => {
    const { opened: pipeline } = opened({}, 3);
    const watching = watched(pipeline, {}, { env: 'dev' }, terminal().terminal);
    setTimeout(() => process.emit('SIGINT'), 50);
    await expect(watching).rejects.toMatchObject({
      issues: [{ code: 'MR696', path: run, hint: '`millrace status churn --env dev` shows its progress' }],
    });
  });
});
