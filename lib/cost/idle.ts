import { hoursPerMonth } from './fixed-costs.ts';
import { type PriceName, type Prices, price, type Region } from './prices.ts';

/** A resource of a CloudFormation template. */
interface Resource {
  Type: string;
  Properties?: Record<string, unknown>;
}

/** USD a month of deployed resources if nothing uses them. A cluster is not in it, because it ends when it is idle. */
export const idleUsd = (resources: readonly Resource[], region: Region, prices: Prices): number =>
  resources.reduce((sum, resource) => sum + idleUsdOf(resource, (name) => price(prices, name, region)), 0);

function idleUsdOf({ Type, Properties = {} }: Resource, at: (name: PriceName) => number): number {
  switch (Type) {
    case 'AWS::EC2::VPCEndpoint': {
      const { VpcEndpointType: type, SubnetIds: subnets } = Properties;
      return type === 'Interface'
        ? (Array.isArray(subnets) ? subnets.length : 1) * at('endpointHour') * hoursPerMonth
        : 0;
    }
    case 'AWS::EC2::NatGateway':
      return at('natHour') * hoursPerMonth;
    case 'AWS::Kinesis::Stream': {
      const { ShardCount: shards, RetentionPeriodHours: kept = 24 } = Properties;
      if (shards === undefined) return at('kinesisStreamHour') * hoursPerMonth;
      const hour = at('kinesisShardHour') + (Number(kept) > 24 ? at('kinesisShardHourKept') : 0);
      return Number(shards) * hour * hoursPerMonth;
    }
    case 'AWS::CloudWatch::Alarm':
      return at('alarmMonth');
    case 'AWS::CloudWatch::CompositeAlarm':
      return at('compositeAlarmMonth');
    case 'AWS::CloudWatch::Dashboard':
      return at('dashboardMonth');
    case 'AWS::KMS::Key':
      return at('kmsKeyMonth');
    default:
      return 0;
  }
}
