import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CreateJobCommand, GlueClient } from '@aws-sdk/client-glue';
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { CreateFunctionCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pythonOf } from '../../lib/local/python.ts';
import { isTwinInstalled, startTwin, type Twin } from '../../twin/ministack.ts';
import { until } from '../../twin/proof/under-roles.ts';

const account = '000000000000';
const region = 'us-east-1';
const job = `arn:aws:glue:${region}:${account}:job/engine`;
const script = { Bucket: 'scripts', Key: 'main.py' };

/** Internal calls of MiniStack are checked against the role that AWS would use. permissions-recorded.test.ts covers all our roles. */
describe.skipIf(!isTwinInstalled())('on a twin that enforces IAM, a service', () => {
  let twin: Twin;
  let folder: string;
  const before = { ...process.env };
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'millrace-services-'));
    const settings = { MILLRACE_TWIN_RECORDING: '1', AWS_SECRET_ACCESS_KEY: 'twin' };
    twin = await startTwin({ folder, settings, patience: 2000 });
    Object.assign(process.env, twin.environment);
    const s3 = new S3Client({ forcePathStyle: true });
    await s3.send(new CreateBucketCommand({ Bucket: script.Bucket }));
    await s3.send(new PutObjectCommand({ ...script, Body: 'raise SystemExit(0)\n' }));
    await role('of-the-job', []);
    const asked = {
      Name: 'engine',
      Role: `arn:aws:iam::${account}:role/of-the-job`,
      Command: { Name: 'pythonshell', ScriptLocation: `s3://${script.Bucket}/${script.Key}` },
    };
    await new GlueClient({ region }).send(new CreateJobCommand(asked));
    await writeFile(path.join(folder, 'enforce-iam'), '');
    await until('IAM being enforced', async () => existsSync(path.join(folder, 'enforce-iam.done')) || undefined);
  });
  afterAll(async () => {
    await twin?.stop();
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
    Object.assign(process.env, before);
    await rm(folder, { recursive: true, force: true });
  });

  /** Creates a role with the given permission, or replaces its permission. */
  async function role(RoleName: string, may: { Action: string | string[]; Resource: string }[]): Promise<void> {
    const iam = new IAMClient({ region });
    const trust = { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'states.amazonaws.com' } };
    const document = (Statement: object[]) => JSON.stringify({ Version: '2012-10-17', Statement });
    const made = new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: document([trust]) });
    await iam.send(made).catch(() => undefined);
    const PolicyDocument = document(may.map((one) => ({ Effect: 'Allow', ...one })));
    if (may.length > 0) await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'may', PolicyDocument }));
  }

  let made = 0;
  /** Runs a state machine with one Task under a role with the given permission. Returns how it ended. */
  async function ended(Resource: string, Arguments: object, may: { Action: string | string[]; Resource: string }[]) {
    const name = `of-a-machine-${++made}`;
    await role(name, may);
    const sfn = new SFNClient({});
    const States = { Only: { Type: 'Task', Resource, Arguments, End: true } };
    const definition = JSON.stringify({ QueryLanguage: 'JSONata', StartAt: 'Only', States });
    const roleArn = `arn:aws:iam::${account}:role/${name}`;
    const { stateMachineArn } = await sfn.send(new CreateStateMachineCommand({ name, definition, roleArn }));
    const { executionArn } = await sfn.send(new StartExecutionCommand({ stateMachineArn }));
    return until('the end', async () => {
      const { status, error, cause } = await sfn.send(new DescribeExecutionCommand({ executionArn }));
      return status === 'RUNNING' ? undefined : { status, error, cause };
    });
  }
  const runs = (may: { Action: string | string[]; Resource: string }[]) =>
    ended('arn:aws:states:::glue:startJobRun.sync', { JobName: 'engine' }, may);

  test('starts a job only if the role of the state machine allows it, or fails with the error name of AWS', async () => {
    expect(await runs([])).toEqual({
      status: 'FAILED',
      error: 'Glue.AccessDeniedException',
      cause: expect.stringMatching(
        new RegExp(`assumed-role/of-a-machine-1/.* is not authorized to perform: glue:StartJobRun on resource: ${job}`),
      ) as string,
    });
    expect(await runs([{ Action: 'glue:StartJobRun', Resource: `${job}-2` }])).toMatchObject({
      error: 'Glue.AccessDeniedException',
    });
    expect(await runs([{ Action: 'glue:StartJobRun', Resource: job }])).toMatchObject({
      error: 'Glue.AccessDeniedException',
      cause: expect.stringContaining('glue:GetJobRun') as string,
    });
  });

  test('fetches the script of a job only if the role of the job allows it', async () => {
    const may = [{ Action: ['glue:StartJobRun', 'glue:GetJobRun'], Resource: job }];
    expect(await runs(may)).toMatchObject({
      error: 'States.TaskFailed',
      cause: expect.stringMatching(/of-the-job.* is not authorized to perform: s3:GetObject/) as string,
    });
    await role('of-the-job', [{ Action: 's3:GetObject', Resource: `arn:aws:s3:::${script.Bucket}/*` }]);
    expect(await runs(may)).toMatchObject({ status: 'SUCCEEDED' });
  });

  test('calls a function only if the role of the state machine allows it', async () => {
    const FunctionName = 'a-function';
    const { FunctionArn } = await new LambdaClient({}).send(
      new CreateFunctionCommand({
        FunctionName,
        Role: `arn:aws:iam::${account}:role/of-the-job`,
        Runtime: 'python3.12',
        Handler: 'index.handler',
        Code: { ZipFile: await zipped('index.py', 'def handler(event, context):\n    return 42\n') },
      }),
    );
    const asks = (may: { Action: string; Resource: string }[]) =>
      ended('arn:aws:states:::lambda:invoke', { FunctionName }, may);
    expect(await asks([])).toMatchObject({
      error: 'Lambda.AWSLambdaException',
      cause: expect.stringContaining(`to perform: lambda:InvokeFunction on resource: ${FunctionArn}`) as string,
    });
    expect(await asks([{ Action: 'lambda:InvokeFunction', Resource: FunctionArn! }])).toMatchObject({
      status: 'SUCCEEDED',
    });
  });
});

/** A zip archive with one file. */
async function zipped(name: string, text: string): Promise<Buffer> {
  const program =
    'import sys, zipfile as z; f = z.ZipFile(sys.stdout.buffer, "w"); f.writestr(*sys.argv[1:]); f.close()';
  return execFileSync(await pythonOf('sail'), ['-c', program, name, text]);
}
