import { expect, test } from 'vitest';
import { prices } from '../../lib/cost/price-table.ts';
import type { StackFound } from '../../lib/deploy/account.ts';
import { leftoverStacks } from '../../lib/deploy/leftover-stacks.ts';

const stack = (name: string, created: number, environment = 'dev'): StackFound => ({
  name,
  created: new Date(created),
  tags: { 'millrace:environment': environment },
});
const dev = { name: 'dev', prefix: 'acme-dev', region: 'eu-central-1' };
const account = (stacks: StackFound[], Resources: Record<string, unknown> = {}) => ({
  stacks: async () => stacks,
  template: async () => ({ Resources }),
});
const namesOf = async (...stacks: StackFound[]) =>
  (await leftoverStacks(dev, ['acme-dev-data'], account(stacks))).map((each) => each.stack);

test('only stacks with the prefix and the tag of the environment are left over', async () => {
  const untagged = { ...stack('acme-dev-own', 1), tags: {} };
  expect(
    await namesOf(
      stack('acme-dev-data', 1),
      stack('acme-dev-network', 1),
      stack('acme-dev2-network', 1),
      stack('acme-dev-eu-data', 1, 'dev-eu'),
      untagged,
    ),
  ).toEqual(['acme-dev-network']);
});

test('the newest is first: it may import outputs of the others', async () => {
  const found = [stack('acme-dev-network', 1), stack('acme-dev-cluster', 3), stack('acme-dev-ingestion', 2)];
  expect(await namesOf(...found)).toEqual(['acme-dev-cluster', 'acme-dev-ingestion', 'acme-dev-network']);
});

test('a stack is priced by what its resources cost when nothing uses them', async () => {
  const { endpointHour, kinesisShardHour, kinesisStreamHour, alarmMonth, compositeAlarmMonth } = prices.items;
  const at = ({ usd }: typeof endpointHour) => usd['eu-central-1'];
  const Resources = {
    Endpoint: { Type: 'AWS::EC2::VPCEndpoint', Properties: { VpcEndpointType: 'Interface', SubnetIds: ['a', 'b'] } },
    Gateway: { Type: 'AWS::EC2::VPCEndpoint', Properties: { VpcEndpointType: 'Gateway' } },
    Sharded: { Type: 'AWS::Kinesis::Stream', Properties: { ShardCount: 3 } },
    OnDemand: { Type: 'AWS::Kinesis::Stream', Properties: {}, DeletionPolicy: 'RetainExceptOnCreate' },
    Alarm: { Type: 'AWS::CloudWatch::Alarm' },
    Composite: { Type: 'AWS::CloudWatch::CompositeAlarm' },
  };
  const hours = 2 * at(endpointHour) + 3 * at(kinesisShardHour) + at(kinesisStreamHour);
  const [found] = await leftoverStacks(dev, [], account([stack('acme-dev-a', 1)], Resources));
  expect(found).toMatchObject({ resources: 6, stateful: ['AWS::Kinesis::Stream'] });
  expect(found!.usdPerMonth).toBeCloseTo(hours * 730 + at(alarmMonth) + at(compositeAlarmMonth), 6);
  const kept = account([stack('acme-dev-a', 1)], { Table: { Type: 'AWS::DynamoDB::Table', DeletionPolicy: 'Retain' } });
  expect((await leftoverStacks(dev, [], kept))[0]).toMatchObject({ stateful: [], usdPerMonth: 0 });
  const elsewhere = { ...dev, region: 'sa-east-1' };
  expect((await leftoverStacks(elsewhere, [], kept))[0]!.usdPerMonth).toBeUndefined();
});
