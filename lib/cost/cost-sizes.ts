import { type ComputeSizes, dpuOfWorker } from '../compute/billing.ts';
import type { Issue } from '../errors.ts';
import { isPriced, type Region, regions } from './prices.ts';

/** The sizes of an environment that determine its cost. */
export interface CostEnvironment extends ComputeSizes {
  name: string;
  region: Region;
  runsPerMonth: number;
  /** The share (0 to 1) of the data that is new in each later run. */
  newShare: number;
  /** Days that earlier versions of a table are kept. */
  retentionDays: number;
  logRetentionDays: number;
  lambdaMemoryMb: number;
  alarms: number;
  /** Alarms on missing data, which begin after there has been some. */
  compositeAlarms: number;
  /** Custom metrics. */
  metrics: number;
  dashboards: number;
  kmsKeys: number;
  /** VPC interface endpoints, counted per zone. */
  interfaceEndpoints: number;
  natGateways: number;
  /** Shards of each stream; 0 for on-demand streams. */
  shards: number;
  /** Hours that a stream keeps a record; 24 are included in the price. */
  streamRetentionHours: number;
  /** Seconds and MiB after which records of a stream are landed as one file. */
  streamBufferSeconds: number;
  streamBufferMiB: number;
}

/** Default values. */
export const typical: CostEnvironment = {
  name: 'typical',
  region: 'eu-central-1',
  workerType: 'G.1X',
  workers: 5,
  flex: false,
  cluster: 'transient',
  runsPerMonth: 30,
  newShare: 0.02,
  retentionDays: 30,
  logRetentionDays: 90,
  lambdaMemoryMb: 512,
  alarms: 17,
  compositeAlarms: 0,
  metrics: 12,
  dashboards: 1,
  kmsKeys: 1,
  interfaceEndpoints: 0,
  natGateways: 0,
  shards: 0,
  streamRetentionHours: 24,
  streamBufferSeconds: 300,
  streamBufferMiB: 64,
};

/** MR631 for each size that makes a forecast impossible. */
export function environmentIssues(environment: CostEnvironment): Issue[] {
  const issues: Issue[] = [];
  const wrong = (field: keyof CostEnvironment, hint: string) =>
    issues.push({
      code: 'MR631',
      path: `environment ${environment.name}  ${field}`,
      message: `${field} is ${String(environment[field])}`,
      hint,
    });
  if (!isPriced(environment.region)) wrong('region', `use one of the price table: ${regions.join(', ')}`);
  if (!(environment.workerType in dpuOfWorker)) wrong('workerType', Object.keys(dpuOfWorker).join(', '));
  if (!Number.isInteger(environment.workers) || environment.workers < 2)
    wrong('workers', 'use a whole number, 2 or more');
  if (!(environment.newShare >= 0 && environment.newShare <= 1)) wrong('newShare', 'use a share from 0 to 1');
  for (const field of counts) {
    if (!(Number.isFinite(environment[field]) && environment[field] >= 0)) wrong(field, 'use a number, 0 or more');
  }
  for (const field of ['streamBufferSeconds', 'streamBufferMiB'] as const) {
    if (!(Number.isFinite(environment[field]) && environment[field] > 0)) wrong(field, 'use a number above 0');
  }
  return issues;
}

const counts = [
  'runsPerMonth',
  'retentionDays',
  'logRetentionDays',
  'lambdaMemoryMb',
  'alarms',
  'compositeAlarms',
  'metrics',
  'dashboards',
  'kmsKeys',
  'interfaceEndpoints',
  'natGateways',
  'shards',
  'streamRetentionHours',
] as const satisfies readonly (keyof CostEnvironment)[];
