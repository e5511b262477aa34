import { type ComputeSizes, dpuOfWorker } from '../compute/billing.ts';
import type { Issue } from '../errors.ts';
import { type Region, regions } from './prices.ts';

/** The sizes of an environment that cost money. */
export interface CostEnvironment extends ComputeSizes {
  name: string;
  region: Region;
  runsPerMonth: number;
  /** The share of the data, 0 to 1, that is new in a run after the first. */
  newShare: number;
  /** Days for which an earlier version of a table is kept. */
  retentionDays: number;
  logRetentionDays: number;
  lambdaMemoryMb: number;
  alarms: number;
  /** Custom metrics. */
  metrics: number;
  dashboards: number;
  kmsKeys: number;
  /** VPC interface endpoints, each counted once a zone. */
  interfaceEndpoints: number;
  natGateways: number;
  /** Shards of each stream; 0 where streams are on demand. */
  shards: number;
  /** Hours that a stream keeps a record; 24 are in the price. */
  streamRetentionHours: number;
  /** Seconds and MiB after which records of a stream are landed as one file. */
  streamBufferSeconds: number;
  streamBufferMiB: number;
}

/** What is assumed where a deployment says nothing. */
export const typical: CostEnvironment = {
  name: 'typical',
  region: 'eu-central-1',
  workerType: 'G.1X',
  workers: 5,
  flex: false,
  runsPerMonth: 30,
  newShare: 0.02,
  retentionDays: 30,
  logRetentionDays: 90,
  lambdaMemoryMb: 512,
  alarms: 17,
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

/** What makes an environment's sizes unusable for a forecast; MR631 each. */
export function environmentIssues(environment: CostEnvironment): Issue[] {
  const issues: Issue[] = [];
  const wrong = (field: keyof CostEnvironment, hint: string) =>
    issues.push({
      code: 'MR631',
      path: `environment ${environment.name}  ${field}`,
      message: `${field} is ${String(environment[field])}`,
      hint,
    });
  if (!regions.includes(environment.region)) wrong('region', `the price table has ${regions.join(', ')}`);
  if (!(environment.workerType in dpuOfWorker)) wrong('workerType', Object.keys(dpuOfWorker).join(', '));
  if (!Number.isInteger(environment.workers) || environment.workers < 2) wrong('workers', 'a whole number, 2 or more');
  if (!(environment.newShare >= 0 && environment.newShare <= 1)) wrong('newShare', 'a share from 0 to 1');
  for (const field of counts) {
    if (!(Number.isFinite(environment[field]) && environment[field] >= 0)) wrong(field, 'a number, 0 or more');
  }
  for (const field of ['streamBufferSeconds', 'streamBufferMiB'] as const) {
    if (!(Number.isFinite(environment[field]) && environment[field] > 0)) wrong(field, 'a number above 0');
  }
  return issues;
}

const counts = [
  'runsPerMonth',
  'retentionDays',
  'logRetentionDays',
  'lambdaMemoryMb',
  'alarms',
  'metrics',
  'dashboards',
  'kmsKeys',
  'interfaceEndpoints',
  'natGateways',
  'shards',
  'streamRetentionHours',
] as const satisfies readonly (keyof CostEnvironment)[];
