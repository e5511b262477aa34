import type { CostEnvironment } from './cost-sizes.ts';
import type { Item } from './items.ts';
import { type PriceName, type Prices, price } from './prices.ts';
import { exactly, type Range, ranged, times } from './range.ts';
import { gigabyte } from './services.ts';

/** AWS counts a month as 730 hours. */
export const hoursPerMonth = 730;
const daysPerMonth = hoursPerMonth / 24;

export interface Stored {
  /** Raw input at the end of the month. */
  rawBytes: number;
  /** Tables in their latest version. */
  lakeBytes: Range;
  /** Bytes that one run rewrites; the earlier version stays until retention ends. */
  rewrittenBytes: Range;
  /** Logs that one run writes. */
  logBytes: Range;
}

/** Monthly costs without any run, and storage. Items that cost nothing are left out. */
export function fixedCostItems(stored: Stored, environment: CostEnvironment, prices: Prices): Item[] {
  const at = (name: PriceName) => price(prices, name, environment.region);
  const kept = (environment.runsPerMonth * environment.retentionDays) / daysPerMonth;
  const lake = ranged((level) => (stored.lakeBytes[level] + stored.rewrittenBytes[level] * kept) / gigabyte);
  const raw = exactly(stored.rawBytes / gigabyte);
  const logs = times(
    stored.logBytes,
    (environment.runsPerMonth * environment.logRetentionDays) / daysPerMonth / gigabyte / 5,
  );
  const counted = (id: string, what: string, count: number, unit: string, each: number): Item => ({
    id,
    kind: 'fixed',
    what,
    detail: `${count} x ${unit}`,
    usd: exactly(count * each),
  });
  const held = (id: string, what: string, size: Range, each: number): Item => ({
    id,
    kind: 'storage',
    what,
    detail: `${gigabytes(size.expected)} stored`,
    usd: times(size, each),
  });
  return [
    held('s3.raw', 'S3: raw input', raw, at('s3GbMonth')),
    held('s3.lake', `S3: tables, ${environment.retentionDays} days of versions`, lake, at('s3GbMonth')),
    held('logs.kept', `CloudWatch Logs, ${environment.logRetentionDays} days`, logs, at('logsGbMonth')),
    counted('cloudwatch.alarms', 'CloudWatch alarms', environment.alarms, 'alarm', at('alarmMonth')),
    counted(
      'cloudwatch.composite-alarms',
      'CloudWatch composite alarms',
      environment.compositeAlarms,
      'alarm',
      at('compositeAlarmMonth'),
    ),
    counted('cloudwatch.metrics', 'CloudWatch metrics', environment.metrics, 'metric', at('metricMonth')),
    counted('cloudwatch.dashboards', 'CloudWatch dashboard', environment.dashboards, 'dashboard', at('dashboardMonth')),
    counted('kms.keys', 'KMS keys', environment.kmsKeys, 'key', at('kmsKeyMonth')),
    counted(
      'vpc.endpoints',
      'VPC interface endpoints',
      environment.interfaceEndpoints,
      '730 h',
      at('endpointHour') * hoursPerMonth,
    ),
    counted('vpc.nat', 'NAT gateways', environment.natGateways, '730 h', at('natHour') * hoursPerMonth),
  ].filter((item) => item.usd.high > 0);
}

/** 0.0123 -> `12.3 MB`, 4.5 -> `4.5 GB`, 12,000 -> `12.0 TB`; in powers of ten. */
export function gigabytes(n: number): string {
  if (n < 1) return `${(n * 1000).toFixed(1)} MB`;
  return n < 1000 ? `${n.toFixed(1)} GB` : `${(n / 1000).toFixed(1)} TB`;
}
