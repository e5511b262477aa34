import { describe, expect, test } from 'vitest';
import { stateMachine } from '../../lib/asl/state-machine.ts';
import { inPartition } from '../../lib/compute/integration.ts';
import { substitutionsIn } from '../../lib/constructs/pipeline/substitutions.ts';
import { sourceFolders } from '../../lib/permissions/lake.ts';
import { churn, type Resource, resources, synthesised } from './synthesised.ts';

const prod = synthesised('prod');
const template = prod.templates['pipeline-churn']!;
const dev = synthesised('dev').templates['pipeline-churn']!;

const only = (of: Record<string, Resource>): Resource['Properties'] => {
  const all = Object.values(of);
  expect(all).toHaveLength(1);
  return all[0]!.Properties;
};

describe('the state machine', () => {
  const machine = only(resources(template, 'AWS::StepFunctions::StateMachine'));

  test('is the document that a laptop runs, except for its substitutions', () => {
    expect(JSON.parse(machine.DefinitionString)).toEqual(inPartition(stateMachine(churn), 'aws'));
  });

  test('has a resource of this stack for each substitution, and no other', () => {
    expect(Object.keys(machine.DefinitionSubstitutions).sort()).toEqual(
      substitutionsIn(inPartition(stateMachine(churn), 'aws')),
    );
    expect(machine.DefinitionSubstitutions.GlueJob).toBe('millrace-prod-churn-engine');
    const { Ref } = machine.DefinitionSubstitutions.QualityFunction;
    expect(resources(template, 'AWS::Lambda::Function')[Ref]?.Properties.FunctionName).toBe(
      'millrace-prod-churn-quality',
    );
  });

  test('logs all events with data, and traces', () => {
    expect(machine.LoggingConfiguration).toMatchObject({ Level: 'ALL', IncludeExecutionData: true });
    expect(machine.TracingConfiguration).toEqual({ Enabled: true });
  });

  test('may only start its job and call its functions', () => {
    const calls = statementsOf('Machine').filter(({ Action }) =>
      [Action].flat().some((a) => /^(glue|lambda):/.test(a)),
    );
    expect(calls.map(({ Resource: to }) => [to].flat().map(text))).toEqual([
      ['arn:<AWS::Partition>:glue:eu-central-1:<AWS::AccountId>:job/millrace-prod-churn-engine'],
      [
        'arn:<AWS::Partition>:lambda:eu-central-1:<AWS::AccountId>:function:millrace-prod-churn-bookmarks',
        'arn:<AWS::Partition>:lambda:eu-central-1:<AWS::AccountId>:function:millrace-prod-churn-quality',
      ],
    ]);
  });
});

describe('the Glue job', () => {
  const job = only(resources(template, 'AWS::Glue::Job'));

  test('runs the engine on Glue 5.1 with Delta, scales by itself and queues', () => {
    expect(job).toMatchObject({
      GlueVersion: '5.1',
      WorkerType: 'G.1X',
      NumberOfWorkers: 10,
      ExecutionClass: 'STANDARD',
      JobRunQueuingEnabled: true,
      MaxRetries: 0,
      SecurityConfiguration: 'millrace-prod-churn-engine',
    });
    expect(job.DefaultArguments).toMatchObject({
      '--engine': 'glue',
      '--datalake-formats': 'delta',
      '--enable-auto-scaling': 'true',
      '--enable-continuous-cloudwatch-log': 'true',
      '--job-bookmark-option': 'job-bookmark-disable',
    });
    expect(job.DefaultArguments['--additional-python-modules']).toMatch(/^scipy==[\d.]+,xgboost-cpu==[\d.]+$/);
  });

  test('does not queue on spare capacity, because Glue refuses it', () => {
    expect(only(resources(dev, 'AWS::Glue::Job'))).toMatchObject({
      ExecutionClass: 'FLEX',
      JobRunQueuingEnabled: false,
    });
  });

  test('has at least the timeout of the longest stage', () => {
    expect(job.Timeout * 60).toBeGreaterThanOrEqual(Math.max(...churn.stages.map((stage) => stage.timeoutSeconds)));
  });

  test('writes encrypted logs to groups with the names that Glue uses, which are deleted with the stack', () => {
    const groups = Object.values(resources(template, 'AWS::Logs::LogGroup')).map(({ Properties }) => Properties);
    const prefix = job.DefaultArguments['--custom-logGroup-prefix'];
    const made = ['error', 'output'].map(
      (s) => `${prefix}/${job.SecurityConfiguration}-role/millrace-prod-churn-engine/${s}`,
    );
    expect(groups.map((group) => group.LogGroupName)).toEqual(expect.arrayContaining(made));
    template.hasResourceProperties('AWS::IAM::Role', { RoleName: 'millrace-prod-churn-engine' });
    for (const group of groups) {
      expect(group.RetentionInDays).toBe(400);
      expect(group.KmsKeyId).toBeDefined();
    }
  });

  test('writes only to its part of the lake, and only reads raw files', () => {
    const writing = statementsOf('Engine').filter(({ Action }) => [Action].flat().includes('s3:PutObject'));
    const places = writing
      .flatMap(({ Resource: to }) => [to].flat().map(text))
      .map((arn) => arn.replace(/^.*?prod-/, ''));
    expect(places.sort()).toEqual([
      'artefacts-<AWS::AccountId>-eu-central-1/temporary/*',
      'lake-<AWS::AccountId>-eu-central-1/lake/churn/*',
      'lake-<AWS::AccountId>-eu-central-1/models/churn/*',
      'lake-<AWS::AccountId>-eu-central-1/runs/churn/*',
    ]);
    expect(sourceFolders(churn)).toEqual([
      'churn/customers/',
      'churn/interactions/',
      'churn/new_customers/',
      'churn/regions/',
    ]);
    const raw = statementsOf('Engine').filter(({ Resource: to }) =>
      [to].flat().some((arn) => /-raw-.*\//.test(text(arn))),
    );
    expect(raw.map(({ Action }) => Action)).toEqual(['s3:GetObject']);
  });

  test('deletes only in its tables and in temporary files, and no model', () => {
    const deleting = statementsOf('Engine').filter(({ Action }) => [Action].flat().includes('s3:DeleteObject'));
    const places = deleting.flatMap(({ Resource: to }) => [to].flat().map(text));
    expect(places.map((arn) => arn.replace(/^.*?prod-/, '')).sort()).toEqual([
      'artefacts-<AWS::AccountId>-eu-central-1/temporary/*',
      'lake-<AWS::AccountId>-eu-central-1/lake/churn/*',
    ]);
  });
});

describe('the functions', () => {
  const functions = Object.values(resources(template, 'AWS::Lambda::Function')).map(({ Properties }) => Properties);

  test('are four, on Node 24 and arm64, traced, each with its own role and log', () => {
    expect(functions.map((f) => f.FunctionName.replace('millrace-prod-churn-', '')).sort()).toEqual([
      ...['bookmarks', 'quality', 'respond', 'trigger'],
    ]);
    for (const f of functions) {
      expect(f).toMatchObject({ Runtime: 'nodejs24.x', Architectures: ['arm64'], TracingConfig: { Mode: 'Active' } });
    }
    const distinct = (pick: (f: Resource['Properties']) => unknown) =>
      new Set(functions.map((f) => JSON.stringify(pick(f)))).size;
    expect([distinct((f) => f.Role), distinct((f) => f.LoggingConfig.LogGroup)]).toEqual([4, 4]);
  });

  test('have the names of resources in their environment', () => {
    const data = prod.templates['data']!;
    const names = (type: string, field: string) =>
      Object.values(resources(data, type)).map((r) => text(r.Properties[field]));
    for (const { Environment } of functions) {
      const variables = Object.fromEntries(
        Object.entries(Environment.Variables).map(([name, value]) => [name, text(value)]),
      );
      expect(names('AWS::S3::Bucket', 'BucketName')).toEqual(
        expect.arrayContaining([variables['LAKE_BUCKET'], variables['RAW_BUCKET'], variables['ARTEFACTS_BUCKET']]),
      );
      expect(names('AWS::DynamoDB::Table', 'TableName')).toEqual(
        expect.arrayContaining([variables['BOOKMARKS_TABLE'], variables['RUNS_TABLE'], variables['REGISTRY_TABLE']]),
      );
      expect(variables).toMatchObject({ PIPELINE: 'churn', ENVIRONMENT: 'prod', SCHEDULE_NAME: 'millrace-prod-churn' });
      expect(variables['STATE_MACHINE_ARN']).toMatch(/:stateMachine:millrace-prod-churn$/);
      expect(variables['PLAN_KEY']).toMatch(/^[0-9a-f]{64}\.json$/);
    }
  });

  test('with asynchronous calls keep events that failed twice', () => {
    const keeping = functions.filter((f) => f.DeadLetterConfig !== undefined).map((f) => f.FunctionName);
    expect(keeping.sort()).toEqual(['millrace-prod-churn-respond', 'millrace-prod-churn-trigger']);
  });

  test('list only what they need: bookmarks inputs and removed tables, quality the files of models', () => {
    const lists = (name: string) => statementsOf(name).some(({ Action }) => [Action].flat().includes('s3:ListBucket'));
    expect(['Bookmarks', 'Quality', 'Trigger', 'Respond'].filter(lists)).toEqual(['Bookmarks', 'Quality']);
  });

  test('have only the queue permissions to take a message', () => {
    const asked = statementsOf('Trigger')
      .flatMap(({ Action }) => [Action].flat())
      .filter((a) => a.startsWith('sqs:'));
    expect(asked.sort()).toEqual([
      ...['sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage', 'sqs:SendMessage'],
    ]);
  });

  test('write only their tables', () => {
    const writes = (name: string) => {
      const writing = statementsOf(name).filter(({ Action }) => [Action].flat().includes('dynamodb:PutItem'));
      return writing.flatMap(({ Resource: to }) => [to].flat().map((arn) => text(arn).split('/')[1])).sort();
    };
    expect(
      Object.fromEntries(['Bookmarks', 'Quality', 'Trigger', 'Respond'].map((name) => [name, writes(name)])),
    ).toEqual({
      Bookmarks: ['millrace-prod-bookmarks'],
      Quality: ['millrace-prod-registry'],
      Trigger: ['millrace-prod-runs'],
      Respond: ['millrace-prod-registry', 'millrace-prod-runs'],
    });
  });
});

describe('a run is started by', () => {
  test('new objects of the sources, through a queue with a longer timeout than the trigger', () => {
    const [rule] = Object.values(resources(template, 'AWS::Events::Rule')).filter(({ Properties }) =>
      Properties.EventPattern.source.includes('aws.s3'),
    );
    expect(rule!.Properties.EventPattern.detail.object.key).toEqual(sourceFolders(churn).map((prefix) => ({ prefix })));
    expect(rule!.Properties.Targets[0].DeadLetterConfig).toBeDefined();
    const batches = only(resources(template, 'AWS::Lambda::EventSourceMapping'));
    expect(batches).toMatchObject({ BatchSize: 1000, MaximumBatchingWindowInSeconds: 60 });
    expect(batches.FunctionResponseTypes).toEqual(['ReportBatchItemFailures']);
    const queues = Object.values(resources(template, 'AWS::SQS::Queue')).map(({ Properties }) => Properties);
    const arrivals = queues.find((queue) => queue.QueueName === 'millrace-prod-churn-arrivals')!;
    expect(arrivals.VisibilityTimeout).toBeGreaterThanOrEqual(6 * 60);
    expect(arrivals.RedrivePolicy.maxReceiveCount).toBe(5);
    for (const queue of queues) expect(queue.KmsMasterKeyId).toBeDefined();
  });

  test('the schedule, with the time that identifies a second delivery', () => {
    const { Target, ...schedule } = only(resources(template, 'AWS::Scheduler::Schedule'));
    expect(schedule).toMatchObject({ Name: 'millrace-prod-churn', ScheduleExpression: 'cron(0 3 * * ? *)' });
    expect(JSON.parse(Target.Input)).toEqual({ cause: 'schedule', time: '<aws.scheduler.scheduled-time>' });
    expect(Object.keys(resources(dev, 'AWS::Scheduler::Schedule'))).toEqual([]);
  });

  test('the schedule: only then may the responder pass its role', () => {
    const passing = (of: typeof template) =>
      statementsOf('Respond', of).filter(({ Action }) => Action === 'iam:PassRole');
    expect(passing(template)).toMatchObject([
      { Condition: { StringEquals: { 'iam:PassedToService': 'scheduler.amazonaws.com' } } },
    ]);
    expect(passing(dev)).toEqual([]);
  });

  test('the end of a run, for files that arrived meanwhile', () => {
    const [rule] = Object.values(resources(template, 'AWS::Events::Rule')).filter(({ Properties }) =>
      Properties.EventPattern.source.includes('aws.states'),
    );
    expect(rule!.Properties.EventPattern.detail.status).toEqual(['SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED']);
  });
});

interface Statement {
  Effect: string;
  Action: string | string[];
  Resource: unknown;
  Condition?: object;
}

/** The statements of the role of a construct. The placeholders of its ARNs are resolved by `text`. */
function statementsOf(construct: string, of = template): Statement[] {
  const policies = Object.entries(resources(of, 'AWS::IAM::ManagedPolicy'));
  const found = policies.filter(([id]) => id.startsWith(`${construct}Service`));
  expect(found).toHaveLength(1);
  return found[0]![1].Properties.PolicyDocument.Statement;
}

/** A value with its placeholders as `<Name>`. */
function text(value: unknown): string {
  if (typeof value === 'string') return value;
  const [[name, inner]] = Object.entries(value as object) as [[string, unknown]];
  if (name === 'Fn::Join') return (inner as [string, unknown[]])[1].map(text).join((inner as [string])[0]);
  return name === 'Fn::Sub' ? (inner as string) : `<${inner}>`;
}
