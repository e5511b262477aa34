import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import { environments } from '../../environments.ts';
import { stateMachine } from '../../lib/asl/state-machine.ts';
import { inPartition } from '../../lib/compute/integration.ts';
import { substitutionsIn } from '../../lib/constructs/pipeline/substitutions.ts';
import { environmentIssues } from '../../lib/environment/environment.ts';
import { MillraceError } from '../../lib/errors.ts';
import { projectFolder } from '../../lib/local/root.ts';
import { churnOn, resources, synthesised } from './synthesised.ts';

const transient = synthesised('prod', {}, churnOn('emr', 'glue'));
const persistent = synthesised('prod', { emr: { cluster: 'persistent', maxVcpus: 128 } }, churnOn('emr', 'emr'));
const serverless = synthesised('prod', {}, churnOn('emr-serverless', 'glue'));

const parts = ({ templates }: typeof transient) => Object.keys(templates);
const of = (template: Template, type: string) => Object.values(resources(template, type)).map((r) => r.Properties);
const only = (template: Template, type: string) => {
  const all = of(template, type);
  expect(all).toHaveLength(1);
  return all[0];
};

interface Statement {
  Effect: string;
  Action: string | string[];
  Resource: unknown;
  Condition?: { StringEquals?: Record<string, string> };
}

/** The statements of every role in a template. */
const statements = (template: Template): Statement[] =>
  of(template, 'AWS::IAM::ManagedPolicy').flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
const may = (template: Template, action: string) =>
  statements(template).filter(({ Action }) => [Action].flat().includes(action));

describe('the resources', () => {
  test('follow the stages: no network without clusters, and a cluster only if it persists', () => {
    const always = ['pipeline-churn', 'ingestion', 'monitoring'];
    expect(parts(synthesised('prod'))).toEqual(['data', ...always]);
    expect(parts(serverless)).toEqual(['data', ...always]);
    expect(parts(transient)).toEqual(['data', 'network', ...always]);
    expect(parts(persistent)).toEqual(['data', 'network', 'cluster', ...always]);
    expect(parts(synthesised('prod', { emr: { cluster: 'persistent' } }))).not.toContain('cluster');
  });

  test('follow the environment, which may override the compute of stages', () => {
    const moved = synthesised('prod', { stages: { build: 'emr', predict: 'emr-serverless' } });
    expect(parts(moved)).toEqual(['data', 'network', 'pipeline-churn', 'ingestion', 'monitoring']);
    const machine = only(moved.templates['pipeline-churn']!, 'AWS::StepFunctions::StateMachine');
    expect(JSON.parse(machine.DefinitionString)).toEqual(
      inPartition(stateMachine(churnOn('emr', 'emr-serverless')), 'aws'),
    );
    const back = synthesised('prod', { stages: { build: 'glue' } }, churnOn('emr', 'glue'));
    expect(parts(back)).toEqual(['data', 'pipeline-churn', 'ingestion', 'monitoring']);
  });

  test('are not created for a stage that no pipeline of the environment has', () => {
    const misplaced = () => synthesised('prod', { stages: { train: 'emr' } });
    expect(misplaced).toThrow(MillraceError);
    expect(misplaced).toThrow(/MR731|no pipeline has a stage "train"/);
  });

  test('include a Glue job only if a stage runs on Glue', () => {
    expect(of(transient.templates['pipeline-churn']!, 'AWS::Glue::Job')).toHaveLength(1);
    const none = persistent.templates['pipeline-churn']!;
    expect(of(none, 'AWS::Glue::Job')).toEqual([]);
    expect(may(none, 'glue:StartJobRun')).toEqual([]);
  });
});

describe('the state machine', () => {
  test.each([
    ['transient', transient, churnOn('emr', 'glue')],
    ['persistent', persistent, churnOn('emr', 'emr')],
    ['serverless', serverless, churnOn('emr-serverless', 'glue')],
  ])('of %s is the document of the laptop, and something stands for each substitution', (name, made, plan) => {
    const machine = only(made.templates['pipeline-churn']!, 'AWS::StepFunctions::StateMachine');
    expect(JSON.parse(machine.DefinitionString)).toEqual(inPartition(stateMachine(plan), 'aws'));
    expect(Object.keys(machine.DefinitionSubstitutions).sort()).toEqual(
      substitutionsIn(inPartition(stateMachine(plan), 'aws')),
    );
    if (name === 'serverless') return;
    const { PersistentCluster, EmrMaximumVcpus } = machine.DefinitionSubstitutions;
    expect([PersistentCluster, EmrMaximumVcpus]).toEqual(
      name === 'persistent' ? ['millrace-prod-cluster', '128'] : ['none', '64'],
    );
  });

  test('may create, use and end only clusters of its environment, and pass only their roles', () => {
    const template = transient.templates['pipeline-churn']!;
    const tag = (kind: string) => ({ StringEquals: { [`elasticmapreduce:${kind}/millrace:prefix`]: 'millrace-prod' } });
    expect(may(template, 'elasticmapreduce:RunJobFlow').map((s) => s.Condition)).toEqual([tag('RequestTag')]);
    for (const action of ['AddJobFlowSteps', 'TerminateJobFlows', 'DescribeStep'])
      expect(may(template, `elasticmapreduce:${action}`).map((s) => s.Condition)).toEqual([tag('ResourceTag')]);
    expect(may(template, 'elasticmapreduce:ListClusters')).toEqual([]);
    expect(may(persistent.templates['pipeline-churn']!, 'elasticmapreduce:ListClusters')).toHaveLength(1);
    const services = may(template, 'iam:PassRole').map((s) => s.Condition?.StringEquals?.['iam:PassedToService']);
    expect(services).toEqual(expect.arrayContaining(['elasticmapreduce.amazonaws.com', 'ec2.amazonaws.com']));
    for (const { Resource } of may(template, 'iam:PassRole')) expect(JSON.stringify(Resource)).not.toContain('*');
    const { Tags } = stateMachineRequest(template);
    expect(Tags).toContainEqual({ Key: 'millrace:prefix', Value: '${EmrPrefix}' });
    expect(may(template, 'elasticmapreduce:PutAutoTerminationPolicy')).toHaveLength(1);
  });

  test('tags each cluster and job as the budget counts them: with the name of the environment', () => {
    const budget = (made: typeof transient) =>
      only(made.templates['monitoring']!, 'AWS::Budgets::Budget').Budget.CostFilters.TagKeyValue;
    const tags = (made: typeof transient) => {
      const { DefinitionString, DefinitionSubstitutions } = only(
        made.templates['pipeline-churn']!,
        'AWS::StepFunctions::StateMachine',
      );
      const text = DefinitionString.replace('${Environment}', DefinitionSubstitutions.Environment);
      return Object.values<{ Arguments?: { Tags?: unknown } }>(JSON.parse(text).States).flatMap(
        ({ Arguments }) => Arguments?.Tags ?? [],
      );
    };
    for (const made of [transient, persistent, serverless])
      expect(budget(made)).toEqual(['user:millrace:environment$prod']);
    for (const made of [transient, persistent])
      expect(tags(made)).toContainEqual({ Key: 'millrace:environment', Value: 'prod' });
    expect(tags(serverless)).toMatchObject([{ 'millrace:environment': 'prod' }]);
    const cluster = only(persistent.templates['cluster']!, 'AWS::EMR::Cluster');
    expect(cluster.Tags).toContainEqual({ Key: 'millrace:environment', Value: 'prod' });
    for (const template of Object.values(serverless.templates)) {
      const untagged = Object.values(resources(template)).filter(
        ({ Type, Properties }) =>
          ['AWS::Glue::Job', 'AWS::EMRServerless::Application', 'AWS::S3::Bucket', 'AWS::Lambda::Function'].includes(
            Type,
          ) && !JSON.stringify(Properties.Tags).includes('millrace:environment'),
      );
      expect(untagged).toEqual([]);
    }
  });

  test('calls integrations of its partition of AWS', () => {
    const machine = only(transient.templates['pipeline-churn']!, 'AWS::StepFunctions::StateMachine');
    expect(machine.DefinitionString).toMatch(/"arn:aws:states:::elasticmapreduce:/);
    const elsewhere = synthesised('prod', { region: 'cn-north-1' }, churnOn('emr', 'glue'));
    const there = only(elsewhere.templates['pipeline-churn']!, 'AWS::StepFunctions::StateMachine').DefinitionString;
    expect(there).toMatch(/"arn:aws-cn:states:::elasticmapreduce:/);
    expect(there).not.toMatch(/arn:aws:/);
  });

  test('may start and stop only jobs of its application', () => {
    const template = serverless.templates['pipeline-churn']!;
    const [application] = Object.keys(resources(template, 'AWS::EMRServerless::Application'));
    for (const action of ['StartJobRun', 'GetJobRun', 'CancelJobRun']) {
      const found = may(template, `emr-serverless:${action}`);
      expect(found).toHaveLength(1);
      expect(JSON.stringify(found[0]!.Resource)).toContain(`"${application}","Arn"`);
    }
  });
});

describe('the application', () => {
  test('starts with a job, stops when idle, is bounded, and fits the built packages', () => {
    expect(only(serverless.templates['pipeline-churn']!, 'AWS::EMRServerless::Application')).toMatchObject({
      Type: 'SPARK',
      Architecture: 'X86_64',
      ReleaseLabel: expect.stringMatching(/^emr-7\./),
      AutoStartConfiguration: { Enabled: true },
      AutoStopConfiguration: { Enabled: true, IdleTimeoutMinutes: 5 },
      MaximumCapacity: { Cpu: '64 vCPU' },
    });
  });
});

describe('the persistent cluster', () => {
  const template = persistent.templates['cluster']!;
  const cluster = only(template, 'AWS::EMR::Cluster');

  test('equals a transient cluster of a run, except for name and idle time', () => {
    const asked = stateMachineRequest(persistent.templates['pipeline-churn']!);
    const { MasterInstanceFleet, CoreInstanceFleet, TaskInstanceFleets } = cluster.Instances;
    const fleets = [MasterInstanceFleet, CoreInstanceFleet, ...TaskInstanceFleets];
    expect(fleets).toEqual(
      asked.Instances.InstanceFleets.map(({ InstanceFleetType: _, ...fleet }: Record<string, unknown>) => fleet),
    );
    expect(cluster.ReleaseLabel).toBe(asked.ReleaseLabel);
    expect(cluster.Configurations.map((c: { Classification: string }) => c.Classification)).toEqual(
      asked.Configurations.map((c: { Classification: string }) => c.Classification),
    );
    const { ConfigurationProperties } = cluster.Configurations[0];
    expect(ConfigurationProperties).toEqual(asked.Configurations[0].Properties);
    expect(ConfigurationProperties).toMatchObject({ 'spark.decommission.enabled': 'true' });
    expect([cluster.AutoTerminationPolicy, asked.AutoTerminationPolicy]).toEqual([
      { IdleTimeout: 3600 },
      { IdleTimeout: 900 },
    ]);
  });

  test('has bounded fleets of at least 6 types: core on demand, tasks on spot with a fallback', () => {
    const { CoreInstanceFleet: core, TaskInstanceFleets, MasterInstanceFleet: primary } = cluster.Instances;
    for (const fleet of [primary, core, ...TaskInstanceFleets])
      expect(fleet.InstanceTypeConfigs.length).toBeGreaterThanOrEqual(6);
    expect([core.TargetOnDemandCapacity, core.TargetSpotCapacity]).toEqual([8, 0]);
    expect(TaskInstanceFleets).toMatchObject([
      {
        TargetOnDemandCapacity: 0,
        TargetSpotCapacity: 8,
        LaunchSpecifications: {
          SpotSpecification: {
            AllocationStrategy: 'price-capacity-optimized',
            TimeoutAction: 'SWITCH_TO_ON_DEMAND',
            TimeoutDurationMinutes: 10,
          },
        },
      },
    ]);
    expect(cluster.ManagedScalingPolicy.ComputeLimits).toEqual({
      UnitType: 'InstanceFleetUnits',
      MinimumCapacityUnits: 8,
      MaximumCapacityUnits: 128,
      MaximumOnDemandCapacityUnits: 8,
      MaximumCoreCapacityUnits: 8,
    });
  });

  test('has the name that the state machine looks up, and the tag that its role requires', () => {
    const { DefinitionSubstitutions } = only(
      persistent.templates['pipeline-churn']!,
      'AWS::StepFunctions::StateMachine',
    );
    expect(cluster.Name).toBe(DefinitionSubstitutions.PersistentCluster);
    expect(cluster.Tags).toContainEqual({ Key: 'millrace:prefix', Value: 'millrace-prod' });
  });

  test('encrypts disks and S3, logs to S3, and gives instance credentials by IMDSv2 only', () => {
    const { SecurityConfiguration: security } = only(template, 'AWS::EMR::SecurityConfiguration');
    const { AtRestEncryptionConfiguration } = security.EncryptionConfiguration;
    expect(Object.keys(AtRestEncryptionConfiguration)).toEqual([
      'S3EncryptionConfiguration',
      'LocalDiskEncryptionConfiguration',
    ]);
    expect(security.InstanceMetadataServiceConfiguration.MinimumInstanceMetadataServiceVersion).toBe(2);
    expect(JSON.stringify(cluster.LogUri)).toContain('emr-logs/');
  });
});

describe('the network', () => {
  const template = transient.templates['network']!;

  test('has private subnets in two zones, no route to the internet, and the needed endpoints', () => {
    expect(of(template, 'AWS::EC2::Subnet').map((s) => s.MapPublicIpOnLaunch)).toEqual([false, false]);
    for (const type of ['NatGateway', 'InternetGateway']) expect(of(template, `AWS::EC2::${type}`)).toEqual([]);
    const kinds = of(template, 'AWS::EC2::VPCEndpoint').map((e) => e.VpcEndpointType);
    expect(kinds.sort()).toEqual(['Gateway', 'Gateway', 'Interface', 'Interface', 'Interface']);
    expect(only(template, 'AWS::EC2::FlowLog')).toMatchObject({ TrafficType: 'ALL' });
  });

  test('accepts connections to nodes from nodes and EMR only, and none from everywhere', () => {
    const rules = of(template, 'AWS::EC2::SecurityGroupIngress');
    expect(rules.length).toBe(9);
    for (const rule of rules) expect([rule.CidrIp, typeof rule.SourceSecurityGroupId]).toEqual([undefined, 'object']);
    for (const group of of(template, 'AWS::EC2::SecurityGroup')) expect(group.SecurityGroupIngress).toBeUndefined();
  });

  test('looks up no zones in an account', () => {
    expect(JSON.stringify(template.toJSON())).toContain('Fn::GetAZs');
    const context = transient.app.synth().manifest.missing;
    expect(context).toBeUndefined();
  });

  test('may be your own: then only security groups are created', () => {
    const network = { vpcId: 'vpc-0a1b', subnetIds: ['subnet-0a', 'subnet-0b'] };
    const yours = synthesised('prod', { emr: { network } }, churnOn('emr', 'glue'));
    const types = Object.values(resources(yours.templates['network']!)).map((r) => r.Type);
    expect(new Set(types.map((type) => type.split('::')[2]!.replace(/(In|E)gress$/, '')))).toEqual(
      new Set(['SecurityGroup']),
    );
    const machine = only(yours.templates['pipeline-churn']!, 'AWS::StepFunctions::StateMachine');
    expect(machine.DefinitionSubstitutions.EmrSubnets).toBe('subnet-0a,subnet-0b');
  });

  test('impossible settings are found with their path', () => {
    const wrong = (emr: (typeof environments)['prod']['emr']) =>
      environmentIssues({ ...environments.prod, emr }).map((issue) => `${issue.code} ${issue.path}`);
    expect(wrong({})).toEqual([]);
    expect(wrong({ maxVcpus: 17, network: { zones: 7 } })).toEqual([
      'MR603 environments.ts  prod.emr.maxVcpus',
      'MR603 environments.ts  prod.emr.network.zones',
    ]);
    expect(wrong({ network: { vpcId: 'mine', subnetIds: [] } })).toEqual([
      'MR603 environments.ts  prod.emr.network.vpcId',
      'MR603 environments.ts  prod.emr.network.subnetIds',
    ]);
  });
});

describe('roles', () => {
  const all = [transient, persistent, serverless].flatMap(({ templates }) => Object.values(templates));

  test('name every action, and "every resource" only if AWS requires it or a tag bounds it', () => {
    const every = all.flatMap(statements);
    expect(every.filter(({ Action }) => [Action].flat().some((a) => a.includes('*')))).toEqual([]);
    const everywhere = every.filter(({ Resource }) => [Resource].flat().includes('*'));
    const actions = new Set(everywhere.flatMap(({ Action }) => [Action].flat()));
    const emr = [...actions].filter(
      (action) => !/^(logs|xray|cloudwatch):/.test(action) && !/^ec2:Describe/.test(action),
    );
    expect(emr.sort()).toEqual(['elasticmapreduce:ListClusters', 'elasticmapreduce:RunJobFlow']);
  });

  test('have only the listed statements, and none added by a construct', () => {
    for (const template of all) {
      expect(of(template, 'AWS::IAM::Policy')).toEqual([]);
      for (const role of of(template, 'AWS::IAM::Role')) {
        expect(role.Policies).toBeUndefined();
        expect(role.ManagedPolicyArns).toEqual([{ Ref: expect.stringContaining('ServicePolicy') }]);
      }
    }
  });

  test('fit into the 6,144 characters of a policy', () => {
    const lengths = all.flatMap((template) =>
      of(template, 'AWS::IAM::ManagedPolicy').map(
        ({ PolicyDocument }) => JSON.stringify(filled(PolicyDocument)).length,
      ),
    );
    expect(Math.max(...lengths)).toBeLessThan(6144);
    expect(Math.max(...lengths)).toBeGreaterThan(3000);
  });
});

/** A value with placeholders of the length of the final values. */
function filled(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(filled);
  if (typeof value !== 'object' || value === null) return value;
  const [[name, inner] = []] = Object.entries(value);
  if (name === 'Fn::Join') return ((inner as [string, unknown[]])[1].map(filled) as string[]).join('');
  if (name === 'Ref') return inner === 'AWS::Partition' ? 'aws' : '123456789012';
  if (name?.startsWith('Fn::'))
    return 'arn:aws:iam::123456789012:role/a-name-that-is-made-by-cloudformation-ABCDEFGHIJKL';
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, filled(entry)]));
}

function stateMachineRequest(template: Template) {
  const machine = JSON.parse(only(template, 'AWS::StepFunctions::StateMachine').DefinitionString);
  return machine.States['build makes a cluster'].Arguments;
}

test('the bootstrap installs the given packages and finally checks the imports of the engine', () => {
  const text = readFileSync(path.join(projectFolder, 'lib', 'constructs', 'emr', 'emr-bootstrap.sh'), 'utf8');
  expect(text).toMatch(/^#!\/bin\/bash\n/);
  expect(text.trimEnd().split('\n').at(-1)).toContain('import matplotlib, numpy, orjson, pandas, pyarrow, xgboost');
});
