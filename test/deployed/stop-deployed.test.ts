import { ListTopicsCommand, PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { environments } from '../../environments.ts';
import { functions } from '../../lambdas/functions.ts';
import { program } from '../../lib/cli/program.ts';
import { namesOf } from '../../lib/environment/names.ts';
import { isTwinInstalled } from '../../twin/ministack.ts';
import { type Deployed, deployed, eventually } from '../cloud-faults/deployed.ts';

/** The hard stop as deployed: a notification of AWS Budgets reaches the responder, and the trigger starts no run. */
describe.skipIf(!isTwinInstalled())('a month with a spent budget', () => {
  const names = namesOf(environments.twin);
  let here: Deployed;
  beforeAll(async () => {
    here = await deployed(30);
  });
  afterAll(() => here?.[Symbol.asyncDispose]());

  const publish = async (type: 'ACTUAL' | 'FORECASTED', spent: string) => {
    const sns = new SNSClient({});
    const { Topics = [] } = await sns.send(new ListTopicsCommand({}));
    const TopicArn = Topics.find(({ TopicArn: arn }) => arn?.endsWith(`:${names.budget}`))!.TopicArn!;
    const Message = [
      `AWS Budget Notification November 21, 2026\nAWS Account 000000000000\n\nDear AWS Customer,\n`,
      `Budget Name: ${names.budget}`,
      'Budget Type: Cost',
      'Budgeted Amount: $1.00',
      `Alert Type: ${type}`,
      'Alert Threshold: > $0.80',
      `${type} Amount: ${spent}`,
    ].join('\n');
    await sns.send(new PublishCommand({ TopicArn, Subject: `AWS Budgets: ${names.budget}`, Message }));
  };
  const audited = (...wanted: string[]) =>
    eventually(async () => {
      const found = await here.audits();
      return wanted.every((entry) => found.includes(entry)) ? found : undefined;
    });
  const stopped = { started: false, why: 'stopped', issue: { code: 'MR760' } };
  const respond = (event: unknown) => here.account.invoke(here.churn.function('respond'), event);

  test('starts no run until a person resumes runs; the next alarm stops them again', async () => {
    await publish('ACTUAL', '$0.81');
    await publish('FORECASTED', '$9.00');
    await publish('ACTUAL', '$1.01');
    await audited('stop done');
    expect(await here.trigger()).toMatchObject(stopped);
    expect(await here.trigger({ cause: 'schedule', time: new Date().toISOString() })).toMatchObject(stopped);
    expect(await here.account.runs(here.machine)).toEqual([]);
    const run = await millrace('run', 'churn', '--env', 'twin');
    expect(run.status).toBe(1);
    expect(run.err).toMatch(/MR760 {2}runs are stopped until [\s\S]*"liftStop": true/);
    expect((await millrace('status', 'churn', '--env', 'twin')).out).toContain('MR760  runs are stopped until ');
    const document = JSON.parse((await millrace('status', 'churn', '--env', 'twin', '--json')).out);
    expect(document).toMatchObject({ stopped: { by: expect.stringContaining(`${names.budget}-budget@`) } });

    expect(await respond({ liftStop: true, by: 'ada' })).toMatchObject({ lifted: true });
    expect((await millrace('status', 'churn', '--env', 'twin')).out).not.toContain('MR760');
    const outcome = await here.trigger();
    expect(outcome).toMatchObject({ started: true });
    await here.stop((outcome as { run: string }).run);
    await here.settledTrigger();

    await here.account.alarm(here.churn.alarm('cost'), 'too many hours of runs');
    await eventually(async () =>
      (await here.audits()).filter((e) => e === 'stop done').length === 2 ? true : undefined,
    );
    expect(await here.trigger()).toMatchObject(stopped);
    expect(await here.audits()).toEqual(['stop done', 'lift done', 'stop done']);
  });
});

async function millrace(...args: string[]): Promise<{ status: number; out: string; err: string }> {
  const heard = { out: '', err: '' };
  const ear = (into: 'out' | 'err') => ({
    write: (text: string) => {
      heard[into] += text;
    },
  });
  const status = await program(args, { out: ear('out'), err: ear('err'), environments, functions });
  return { status, ...heard };
}
