import path from 'node:path';
import { EmrEngine, EmrRoles, EmrSecurity, PersistentCluster } from 'millrace/constructs';
import { describe, expect, test } from 'vitest';
import { projectFolder } from '../../../lib/local/root.ts';
import { account, keyArn, onlyOf, plainStack, region, resourcesFor, statementsIn } from '../alone.ts';

const { stack, key } = plainStack();
const subnetIds = ['subnet-1', 'subnet-2'];
const groups = { primary: 'sg-1', workers: 'sg-2', service: 'sg-3' };
const roles = new EmrRoles(stack, 'Roles', {
  subnetIds,
  groups,
  permissions: [{ actions: ['s3:GetObject'], resources: ['arn:aws:s3:::acme-lake/one'] }],
});
new PersistentCluster(stack, 'Cluster', {
  name: 'acme',
  prefix: 'acme-prod',
  subnetIds,
  groups,
  roles,
  security: new EmrSecurity(stack, 'Security', { name: 'acme', key }),
  engine: new EmrEngine(stack, 'Engine', {
    engineFolder: path.join(projectFolder, 'glue-scripts'),
    packages: { hash: 'f00d'.repeat(16), command: ['node', 'pack.mjs'] },
  }),
  logs: 's3://acme-artefacts/emr/',
  maxVcpus: 128,
});
const cluster = onlyOf(stack, 'AWS::EMR::Cluster');

describe('the persistent cluster', () => {
  test('waits for steps of several pipelines, and ends after an hour without one', () => {
    expect(cluster).toMatchObject({
      Name: 'acme',
      ReleaseLabel: 'emr-7.12.0',
      StepConcurrencyLevel: 4,
      AutoTerminationPolicy: { IdleTimeout: 3600 },
      Instances: { KeepJobFlowAliveWhenNoSteps: true, TerminationProtected: false },
      LogUri: 's3://acme-artefacts/emr/',
    });
  });

  test('is in the given subnets and groups', () => {
    expect(cluster.Instances).toMatchObject({
      Ec2SubnetIds: subnetIds,
      EmrManagedMasterSecurityGroup: 'sg-1',
      EmrManagedSlaveSecurityGroup: 'sg-2',
      ServiceAccessSecurityGroup: 'sg-3',
    });
  });

  test('grows up to its limit, beyond eight vCPUs only by spot nodes, which hold no data', () => {
    expect(cluster.ManagedScalingPolicy.ComputeLimits).toEqual({
      UnitType: 'InstanceFleetUnits',
      MinimumCapacityUnits: 8,
      MaximumCapacityUnits: 128,
      MaximumOnDemandCapacityUnits: 8,
      MaximumCoreCapacityUnits: 8,
    });
    const { CoreInstanceFleet, TaskInstanceFleets } = cluster.Instances;
    expect([CoreInstanceFleet.TargetOnDemandCapacity, CoreInstanceFleet.TargetSpotCapacity]).toEqual([8, 0]);
    expect(TaskInstanceFleets).toMatchObject([
      {
        TargetOnDemandCapacity: 0,
        TargetSpotCapacity: 8,
        LaunchSpecifications: { SpotSpecification: { AllocationStrategy: 'price-capacity-optimized' } },
      },
    ]);
  });

  test('has the tags by which it can be managed and found', () => {
    expect(cluster.Tags).toContainEqual({ Key: 'for-use-with-amazon-emr-managed-policies', Value: 'true' });
    expect(cluster.Tags.map(({ Value }: { Value: string }) => Value)).toContain('acme-prod');
  });
});

describe('its security', () => {
  test('encrypts S3 and disks with the key, and gives credentials by IMDSv2 only', () => {
    expect(onlyOf(stack, 'AWS::EMR::SecurityConfiguration').SecurityConfiguration).toMatchObject({
      EncryptionConfiguration: {
        EnableAtRestEncryption: true,
        AtRestEncryptionConfiguration: {
          S3EncryptionConfiguration: { EncryptionMode: 'SSE-KMS', AwsKmsKey: keyArn },
          LocalDiskEncryptionConfiguration: { EncryptionKeyProviderType: 'AwsKms', AwsKmsKey: keyArn },
        },
      },
      InstanceMetadataServiceConfiguration: { MinimumInstanceMetadataServiceVersion: 2 },
    });
  });
});

describe('its roles', () => {
  const ec2 = (resource: string) => `arn:aws:ec2:${region}:${account}:${resource}`;

  test('nodes may do what they are granted, and nothing else', () => {
    expect(resourcesFor(stack, 's3:GetObject')).toEqual(['arn:aws:s3:::acme-lake/one']);
    expect(onlyOf(stack, 'AWS::IAM::InstanceProfile').Roles).toEqual([expect.stringMatching(/^<RolesNodesService/)]);
  });

  test('EMR starts nodes in the given subnets and groups, and passes them one role', () => {
    const where = resourcesFor(stack, 'ec2:RunInstances');
    expect(where).toEqual(
      expect.arrayContaining([...subnetIds.map((id) => ec2(`subnet/${id}`)), ec2('security-group/sg-1')]),
    );
    expect(where).not.toContain(ec2('subnet/*'));
    expect(where).not.toContain(ec2('security-group/*'));
    expect(resourcesFor(stack, 'iam:PassRole')).toEqual([expect.stringMatching(/^<RolesNodesServiceRole\w+\.Arn>$/)]);
  });

  test('EC2 resources must have the tag of EMR to be created or terminated', () => {
    const ended = statementsIn(stack).filter(({ Action }) => [Action].flat().includes('ec2:TerminateInstances'));
    expect(ended.map(({ Condition }) => Condition)).toEqual([
      { StringEquals: { 'aws:ResourceTag/for-use-with-amazon-emr-managed-policies': 'true' } },
    ]);
  });
});
