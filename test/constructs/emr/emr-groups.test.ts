import { EmrGroups } from 'millrace/constructs';
import { expect, test } from 'vitest';
import { plainStack, propertiesOf } from '../alone.ts';

const { stack } = plainStack();
new EmrGroups(stack, 'Groups', { vpcId: 'vpc-1' });
const groups = propertiesOf(stack, 'AWS::EC2::SecurityGroup');
const of = (type: string) =>
  propertiesOf(stack, type).map(({ Description, IpProtocol, FromPort }) => [Description, IpProtocol, FromPort]);

const rules = [
  ['primary to primary', '-1', undefined],
  ['primary to workers', '-1', undefined],
  ['workers to primary', '-1', undefined],
  ['workers to workers', '-1', undefined],
  ['service to primary', 'tcp', 8443],
  ['service to workers', 'tcp', 8443],
  ['primary to service', 'tcp', 9443],
];

test('there are three groups in the given network, and EMR may manage each', () => {
  expect(groups).toHaveLength(3);
  for (const { VpcId, Tags } of groups) {
    expect(VpcId).toBe('vpc-1');
    expect(Tags).toContainEqual({ Key: 'for-use-with-amazon-emr-managed-policies', Value: 'true' });
  }
});

test('nodes connect to each other, EMR to nodes, the primary to EMR, and each egress rule has its ingress rule', () => {
  expect(of('AWS::EC2::SecurityGroupIngress')).toEqual(rules);
  expect(of('AWS::EC2::SecurityGroupEgress')).toEqual(rules);
});

test('everything else is reachable by TLS only, and not from the group of EMR', () => {
  const ways = groups.map(({ GroupDescription, SecurityGroupEgress: [way] }) => [
    GroupDescription,
    way.IpProtocol,
    way.CidrIp,
  ]);
  expect(ways).toEqual([
    ['EMR primary nodes', 'tcp', '0.0.0.0/0'],
    ['EMR core and task nodes', 'tcp', '0.0.0.0/0'],
    ['EMR into private subnets', 'icmp', '127.0.0.1/32'],
  ]);
  expect(groups.flatMap(({ SecurityGroupIngress = [] }) => SecurityGroupIngress)).toEqual([]);
});
