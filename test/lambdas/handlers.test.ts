import { execFile } from 'node:child_process';
import { createSocket } from 'node:dgram';
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
  BOOKMARKS_TABLE: 'bookmarks',
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
    // The ES modules of packages: tree shaking removes a third of the bundle.
    mainFields: ['module', 'main'],
    logLevel: 'error',
  });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Loads a bundle in a separate process, as Lambda does, and invokes it once. */
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
  // Without credentials and with an endpoint where nothing listens, a call to AWS fails at once.
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
    said: lines.join('\n'),
    logs: lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as Record<string, unknown>),
  };
}

test('trigger and respond have a handler', () => {
  expect(names).toEqual(expect.arrayContaining(['respond', 'trigger']));
});

describe.each(names)('the bundle of %s', (name) => {
  // Lambda accepts 250 MB, but a cold start loads the bundle: about 15 ms of processor time per 100 KB.
  test('is below 860 KB including the SDK', async () => {
    const { size } = await stat(path.join(folder, `${name}.cjs`));
    expect(size).toBeLessThan(860_000);
  });

  test('loads, and names every missing environment variable', async () => {
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
  test('returns a malformed message to the queue and logs it with pipeline and environment', async () => {
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
        message: 'not valid JSON: no',
        issue: { code: 'MR671', path: 'message m1' },
      },
    ]);
  });

  test('fails for an unknown event, so that it ends among the dead letters', async () => {
    expect((await invoked('trigger', { hello: 1 })).fault).toContain('MR671');
  });

  test('fails if the table cannot be reached, so that the message is delivered again', async () => {
    const { answer, fault } = await invoked('trigger', { cause: 'manual' }, { ...variables, ...keys });
    expect([answer, fault]).toEqual([undefined, expect.stringContaining('ECONNREFUSED')]);
  });
});

describe('the responder, as Lambda invokes it', () => {
  const alarm = (value: string) => ({
    'detail-type': 'CloudWatch Alarm State Change',
    detail: { alarmName: 'millrace-dev-churn-cost', state: { value, timestamp: '2026-11-21T07:00:00.123+0000' } },
  });

  test('does nothing about an alarm that is over, and reports that', async () => {
    const { answer, logs } = await invoked('respond', alarm('OK'));
    const answered = {
      alarm: 'millrace-dev-churn-cost',
      action: 'stop',
      outcome: 'no alarm',
      detail: 'the alarm is OK',
    };
    expect(answer).toEqual([answered]);
    expect(logs).toMatchObject([
      { level: 'INFO', service: 'millrace-respond', alarm: answered.alarm, response: answered },
    ]);
  });

  test('fails if it cannot act, so that the alarm is delivered again', async () => {
    const { fault } = await invoked('respond', alarm('ALARM'), { ...variables, ...keys });
    expect(fault).toContain('ECONNREFUSED');
  });
});

describe('a trace', () => {
  test('of a failed invocation has its cold start, run, task, pipeline, calls and error', async () => {
    const { traced, fault } = await tracedInvocation('quality', {
      pipeline: 'churn',
      model: 'churn',
      version: 3,
      run: 'r-1',
      gate: { auc: 0.7 },
    });
    expect(fault).toContain('ECONNREFUSED');
    const own = traced.find(({ name }) => name === '## quality')!;
    expect(own.annotations).toEqual({
      ColdStart: true,
      Service: 'millrace-quality',
      pipeline: 'churn',
      environment: 'dev',
      run: 'r-1',
      task: 'train_churn',
      model: 'churn',
    });
    expect(own.fault).toBe(true);
    // Reported once, by the innermost segment: the S3 call without an answer.
    const causes = traced.flatMap(({ cause }) => cause?.exceptions?.map(({ message }) => message) ?? []);
    expect([own.cause !== undefined, causes.some((message) => message.includes('ECONNREFUSED'))]).toEqual([true, true]);
    expect(own.trace_id).toBe('1-5759e988-bd862e3fe1be46a994272793');
    expect(traced.some(({ name, parent_id }) => name === '127.0.0.1' && parent_id === own.id)).toBe(true);
  });

  test('that does not exist is not an error, nor is a call outside of a trace', async () => {
    const onLambda = { AWS_LAMBDA_FUNCTION_NAME: 'quality', LAMBDA_TASK_ROOT: folder };
    const request = { pipeline: 'churn', model: 'churn', version: 3, run: 'r-1', gate: { auc: 0.7 } };
    const { fault, said } = await invoked('quality', request, { ...variables, ...keys, ...onLambda });
    expect(fault).toContain('ECONNREFUSED');
    expect(said).not.toMatch(/X-Ray|segment/);
  });

  test('of a successful invocation has no error', async () => {
    const { traced } = await tracedInvocation('trigger', {
      Records: [{ messageId: 'm1', body: 'no', eventSource: 'aws:sqs' }],
    });
    expect(traced.map(({ name, fault, annotations }) => [name, fault, annotations?.['Service']])).toEqual([
      ['## trigger', undefined, 'millrace-trigger'],
    ]);
  });
});

interface Segment {
  id: string;
  name: string;
  trace_id: string;
  parent_id: string;
  fault?: boolean;
  cause?: { exceptions?: { message: string }[] };
  annotations?: Record<string, unknown>;
}

/** Invokes a bundle as Lambda does if X-Ray samples the request, and receives the segments in place of the daemon. */
async function tracedInvocation(name: string, event: unknown) {
  const daemon = createSocket('udp4');
  const traced: Segment[] = [];
  daemon.on('message', (message) => traced.push(JSON.parse(message.toString().split('\n')[1]!) as Segment));
  await new Promise<void>((resolve) => daemon.bind(0, '127.0.0.1', resolve));
  try {
    const onLambda = {
      LAMBDA_TASK_ROOT: folder,
      AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
      AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
      AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${daemon.address().port}`,
      _X_AMZN_TRACE_ID: 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1',
    };
    const said = await invoked(name, event, { ...variables, ...keys, ...onLambda });
    return { ...said, traced };
  } finally {
    daemon.close();
  }
}

const keys = { AWS_ACCESS_KEY_ID: 'none', AWS_SECRET_ACCESS_KEY: 'none' };
