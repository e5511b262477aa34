import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { PrivateNetwork } from 'millrace/constructs';
import { expect, test } from 'vitest';
import { account, keyArn, onlyOf, plainStack, propertiesOf, region, typesIn } from './alone.ts';

function network(zones: number) {
  const { stack, key } = plainStack();
  const logs = { logGroupName: '/acme/network', logDays: RetentionDays.ONE_MONTH };
  new PrivateNetwork(stack, 'Network', { name: 'acme', zones, key, ...logs });
  return stack;
}
const stack = network(2);

test('it has a private subnet in each zone, and no internet access', () => {
  expect(typesIn(stack).filter((type) => type === 'AWS::EC2::Subnet')).toHaveLength(2);
  expect(typesIn(network(1)).filter((type) => type === 'AWS::EC2::Subnet')).toHaveLength(1);
  const ways = ['AWS::EC2::InternetGateway', 'AWS::EC2::NatGateway', 'AWS::EC2::Route', 'AWS::EC2::EIP'];
  expect(typesIn(stack).filter((type) => ways.includes(type))).toEqual([]);
  for (const { MapPublicIpOnLaunch } of propertiesOf(stack, 'AWS::EC2::Subnet'))
    expect(MapPublicIpOnLaunch).toBe(false);
});

test('required services are reached through endpoints, which admit nobody until allowed', () => {
  const services = propertiesOf(stack, 'AWS::EC2::VPCEndpoint').map(({ ServiceName, VpcEndpointType }) => [
    ServiceName.replace('<AWS::Region>', region).split('.').at(-1),
    VpcEndpointType,
  ]);
  expect(services.sort()).toEqual([
    ['dynamodb', 'Gateway'],
    ['elasticmapreduce', 'Interface'],
    ['kms', 'Interface'],
    ['logs', 'Interface'],
    ['s3', 'Gateway'],
  ]);
  const group = onlyOf(stack, 'AWS::EC2::SecurityGroup');
  expect(group.SecurityGroupIngress).toBeUndefined();
  expect(group.SecurityGroupEgress).toMatchObject([{ CidrIp: '255.255.255.255/32' }]);
});

test('all its flows are logged, encrypted, by a role that VPC flow logs of this account use', () => {
  expect(onlyOf(stack, 'AWS::EC2::FlowLog')).toMatchObject({ TrafficType: 'ALL', LogGroupName: '/acme/network' });
  expect(onlyOf(stack, 'AWS::Logs::LogGroup')).toMatchObject({ RetentionInDays: 30, KmsKeyId: keyArn });
  expect(onlyOf(stack, 'AWS::IAM::Role').AssumeRolePolicyDocument.Statement).toMatchObject([
    {
      Principal: { Service: 'vpc-flow-logs.amazonaws.com' },
      Condition: { StringEquals: { 'aws:SourceAccount': account } },
    },
  ]);
});
