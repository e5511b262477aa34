import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { projectFolder } from '../../lib/local/root.ts';
import { isTwinInstalled } from '../../twin/ministack.ts';

/** Runs the program on a template with these resources. Returns the faults of each resource. */
function faultsOf(resources: Record<string, unknown>): { status: number | null; faults: Record<string, string[]> } {
  const folder = mkdtempSync(path.join(tmpdir(), 'millrace-models-'));
  try {
    const file = path.join(folder, 'one.template.json');
    writeFileSync(file, JSON.stringify({ Resources: resources }));
    const python = path.join(projectFolder, '.venv-twin', 'bin', 'python');
    const script = path.join(projectFolder, 'validation', 'aws_models.py');
    const { stdout, stderr, status } = spawnSync(python, ['-B', script, file], { encoding: 'utf8' });
    const lines = stdout.trim().split('\n');
    expect(lines.at(-1), stderr).toMatch(new RegExp(`, ${lines.length - 1} faults$`));
    const faults: Record<string, string[]> = {};
    for (const line of lines.slice(0, -1)) {
      const [, name, fault] = /^one\.template\.json: (\w+)(?:: All\/One|\.PolicyDocument): (.*)$/s.exec(line)!;
      faults[name!] = [...(faults[name!] ?? []), fault!];
    }
    return { status, faults };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A machine that makes one call, in a state within a Map. */
function call(resource: string, Arguments: unknown) {
  const One = { Type: 'Task', Resource: `arn:aws:states:::${resource}`, Arguments };
  const States = { All: { Type: 'Map', ItemProcessor: { States: { One } } } };
  const DefinitionString = JSON.stringify({ QueryLanguage: 'JSONata', States });
  return { Type: 'AWS::StepFunctions::StateMachine', Properties: { DefinitionString } };
}

function statement(one: Record<string, unknown>) {
  const PolicyDocument = { Statement: [{ Effect: 'Allow', ...one }] };
  return { Type: 'AWS::IAM::ManagedPolicy', Properties: { PolicyDocument } };
}

const items = 'arn:aws:dynamodb:eu-central-1:1:table/a';
const leadingKeys = { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['b'] } };
const context = { StringLike: { 'kms:EncryptionContext:a': 'b' } };
const execution = 'arn:aws:states:eu-central-1:1:execution:a:*';

const good: Record<string, unknown> = {
  glue: call('glue:startJobRun.sync', { JobName: '${Job}', Arguments: { '--run': '{% $run %}' } }),
  lambda: call('lambda:invoke', { FunctionName: 'a', Payload: { any: ['thing'] } }),
  composed: call('elasticmapreduce:terminateCluster.sync', { ClusterId: '{% $cluster %}' }),
  sdk: call('aws-sdk:emr:listInstances', { ClusterId: 'j-1' }),
  condition: statement({ Action: ['dynamodb:PutItem'], Resource: items, Condition: leadingKeys }),
  join: statement({ Action: 's3:GetObject', Resource: { 'Fn::Join': ['', [{ Ref: 'B' }, '/*']] } }),
  wildcard: statement({ Action: 'ec2:Describe*', Resource: '*' }),
};

const job = { JobName: 'a' };
/** Each with what must be said of it. */
const bad: Record<string, [resource: unknown, ...faults: RegExp[]]> = {
  service: [call('gleu:startJobRun', {}), /Unknown service: 'gleu'/],
  operation: [call('glue:beginJobRun', {}), /BeginJobRun/],
  missing: [call('glue:startJobRun', {}), /^JobName is missing$/],
  unknown: [call('glue:startJobRun', { ...job, Workers: 2 }), /^there is no Workers: AllocatedCapacity, /],
  text: [call('glue:startJobRun', { ...job, NumberOfWorkers: '2' }), /^NumberOfWorkers is "2", not a whole number$/],
  choice: [call('glue:startJobRun', { ...job, ExecutionClass: 'FLEXI' }), /is 'FLEXI', not one of FLEX, STANDARD$/],
  small: [call('glue:startJobRun', { ...job, Timeout: 0 }), /^Timeout is 0, less than 1$/],
  nested: [
    call('elasticmapreduce:addStep.sync', {
      ClusterId: 'j-1',
      Step: { Name: 'a', HadoopJarStep: { Args: 'b' }, On: 1 },
    }),
    /^Step.HadoopJarStep.Jar is missing$/,
    /^Step.HadoopJarStep.Args is no list$/,
    /^there is no Step.On: ActionOnFailure, /,
  ],
  action: [statement({ Action: 's3:HeadObject', Resource: '*' }), /^there is no action s3:HeadObject$/],
  objects: [
    statement({ Action: ['s3:ListAllMyBuckets', 's3:GetObject'], Resource: 'arn:aws:s3:::a/*' }),
    /^s3:ListAllMyBuckets takes no resource, only \*, and none of arn:aws:s3:::a\/\*$/,
  ],
  resource: [
    statement({ Action: 'states:StartExecution', Resource: execution }),
    /^states:StartExecution takes arn:\S+:stateMachine:\S+ and none of arn:aws:states:eu-central-1:1:execution:a:\*$/,
    /^none of states:StartExecution takes arn:aws:states:eu-central-1:1:execution:a:\*$/,
  ],
  useless: [
    statement({ Action: 'dynamodb:PutItem', Resource: [items, 'arn:aws:sqs:eu-central-1:1:a'] }),
    /^none of dynamodb:PutItem takes arn:aws:sqs:eu-central-1:1:a$/,
  ],
  never: [
    statement({ Action: 'kms:DescribeKey', Resource: '*', Condition: context }),
    /^a request of kms:DescribeKey has no kms:EncryptionContext:a, so StringLike refuses each$/,
  ],
};

describe.skipIf(!isTwinInstalled())("AWS's models", () => {
  test('accept the calls and statements that Millrace makes', () => {
    expect(faultsOf(good)).toEqual({ status: 0, faults: {} });
  });

  test('refuse each fault at its place', () => {
    const { status, faults } = faultsOf({
      ...good,
      ...Object.fromEntries(Object.entries(bad).map(([name, [resource]]) => [name, resource])),
    });
    expect(status).toBe(1);
    expect(Object.keys(faults).sort()).toEqual(Object.keys(bad).sort());
    for (const [name, [, ...expected]] of Object.entries(bad)) {
      for (const each of expected) expect(faults[name]).toContainEqual(expect.stringMatching(each));
    }
  });
});
