import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { projectFolder } from '../../lib/local/root.ts';

const run = promisify(execFile);

const variables = {
  PIPELINE: 'churn',
  ENVIRONMENT: 'dev',
  LEDGER_TABLE: 'ledger',
  RUNS_TABLE: 'runs',
  REGISTRY_TABLE: 'registry',
  LAKE_BUCKET: 'lake',
  RAW_BUCKET: 'raw',
  ARTEFACTS_BUCKET: 'artefacts',
  PLAN_BUCKET: 'assets',
  PLAN_KEY: 'plan.json',
  STATE_MACHINE_ARN: 'arn:aws:states:eu-central-1:123456789012:stateMachine:churn',
  SCHEDULE_NAME: 'churn',
  METRIC_NAMESPACE: 'Millrace/test',
  ALARM_TOPIC_ARN: 'arn:aws:sns:eu-central-1:123456789012:alarms',
};
const names = (await readdir(path.join(projectFolder, 'lambdas'), { recursive: true }))
  .filter((file) => path.basename(file) === 'handler.ts')
  .map((file) => path.dirname(file))
  .sort();

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'millrace-handlers-'));
  await build({
    entryPoints: names.map((name) => ({ in: path.join(projectFolder, 'lambdas', name, 'handler.ts'), out: name })),
    outdir: folder,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    alias: {
      '@aws-sdk/credential-provider-node': path.join(
        projectFolder,
        'lambdas',
        'shared',
        'aws',
        'lambda-credentials.ts',
      ),
    },
    // The packages' ES modules: what is not used falls out, a third of the bundle.
    mainFields: ['module', 'main'],
    logLevel: 'error',
  });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Loads a bundle in a process of its own, as Lambda does, and invokes it once. */
async function invoked(name: string, event: unknown, env: Readonly<Record<string, string>> = variables) {
  const script = path.join(folder, `${name}-invoke.cjs`);
  const context = { awsRequestId: 'req-1', functionName: name, memoryLimitInMB: '256', invokedFunctionArn: 'arn' };
  await writeFile(
    script,
    `const { handler } = require('./${name}.cjs');
     handler(${JSON.stringify(event)}, ${JSON.stringify(context)}).then(
       (answer) => console.log('ANSWER ' + JSON.stringify(answer)),
       (error) => console.log('FAULT ' + error.message),
     );`,
  );
  // Without credentials and with an endpoint that nobody listens on, a call to AWS fails at once.
  const offline = {
    AWS_REGION: 'eu-central-1',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
  };
  const { stdout, stderr } = await run(process.execPath, [script], {
    env: { PATH: process.env.PATH, ...offline, ...env },
  });
  const lines = `${stdout}\n${stderr}`.split('\n');
  const answer = lines.find((line) => line.startsWith('ANSWER '));
  return {
    answer: answer && (JSON.parse(answer.slice('ANSWER '.length)) as unknown),
    fault: lines.find((line) => line.startsWith('FAULT '))?.slice('FAULT '.length),
    logs: lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as Record<string, unknown>),
  };
}

test('trigger and respond have a handler', () => {
  expect(names).toEqual(expect.arrayContaining(['respond', 'trigger']));
});

describe.each(names)('the bundle of %s', (name) => {
  // Bookmarks and quality also hold S3's client and the whole of zod.
  const limit = ['trigger', 'respond'].includes(name) ? 600_000 : 700_000;

  test(`is below ${limit} bytes with the SDK in it`, async () => {
    const { size } = await stat(path.join(folder, `${name}.cjs`));
    expect(size).toBeLessThan(limit);
  });

  test('loads, and without its environment says all that is missing', async () => {
    const load = (env: Readonly<Record<string, string>>) =>
      run(process.execPath, ['-p', `typeof require('${path.join(folder, `${name}.cjs`)}').handler`], {
        env: { PATH: process.env.PATH, ...env },
      });
    expect((await load(variables)).stdout.trim()).toBe('function');
    const { ENVIRONMENT: _, PIPELINE: __, ...rest } = variables;
    await expect(load(rest)).rejects.toThrow(/MR670 not set: (?=.*PIPELINE)(?=.*ENVIRONMENT)/);
  });
});

describe('the trigger, as Lambda invokes it', () => {
  test('gives a malformed message back to the queue and logs it with pipeline and environment', async () => {
    const event = { Records: [{ messageId: 'm1', body: 'no', eventSource: 'aws:sqs' }] };
    const { answer, logs } = await invoked('trigger', event);
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'm1' }] });
    expect(logs).toMatchObject([
      {
        level: 'ERROR',
        service: 'millrace-trigger',
        pipeline: 'churn',
        environment: 'dev',
        function_request_id: 'req-1',
        message: 'not JSON: no',
        issue: { code: 'MR671', path: 'message m1' },
      },
    ]);
  });

  test('fails for what it does not know, so that it ends among the dead letters', async () => {
    expect((await invoked('trigger', { hello: 1 })).fault).toContain('MR671');
  });

  test('fails when the table cannot be reached, so that it is delivered again', async () => {
    const { answer, fault } = await invoked('trigger', { cause: 'manual' }, { ...variables, ...keys });
    expect([answer, fault]).toEqual([undefined, expect.stringContaining('ECONNREFUSED')]);
  });
});

describe('the responder, as Lambda invokes it', () => {
  const alarm = (value: string) => ({
    'detail-type': 'CloudWatch Alarm State Change',
    detail: { alarmName: 'millrace-dev-churn-cost', state: { value, timestamp: '2026-11-21T07:00:00.123+0000' } },
  });

  test('answers an alarm that is over with nothing, and says so', async () => {
    const { answer, logs } = await invoked('respond', alarm('OK'));
    const told = { alarm: 'millrace-dev-churn-cost', action: 'pause', outcome: 'no alarm', detail: 'the alarm is OK' };
    expect(answer).toEqual([told]);
    expect(logs).toMatchObject([{ level: 'INFO', service: 'millrace-respond', alarm: told.alarm, response: told }]);
  });

  test('fails when it cannot act, so that the alarm is delivered again', async () => {
    const { fault } = await invoked('respond', alarm('ALARM'), { ...variables, ...keys });
    expect(fault).toContain('ECONNREFUSED');
  });
});

const keys = { AWS_ACCESS_KEY_ID: 'none', AWS_SECRET_ACCESS_KEY: 'none' };
