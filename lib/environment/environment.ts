import { type ClusterLife, type ComputeSizes, flexWorkers, type WorkerType } from '../compute/billing.ts';
import type { LakeReader } from '../constructs/lake/lake-access.ts';
import type { Compute } from '../definition/compute.ts';
import type { StageName } from '../definition/stages.ts';
import { type Issue, MillraceError } from '../errors.ts';
import type { Plan } from '../plan/schema.ts';
import { suggestion } from '../plan/suggest.ts';

/** The settings of a deployment: everything that may differ between two environments. */
export interface Environment {
  name: string;
  /** Prefix of every physical name, so that two environments in one account share none. Lower-case letters, digits, `-`. */
  prefix: string;
  /** 12 digits. Default: the account of the credentials. */
  account?: string;
  region: string;
  /** Folder names below `pipelines/`. */
  pipelines: readonly string[];
  /** `retain`: data resources outlive their stack, and the data stack cannot be deleted. `destroy`: they are deleted with it; buckets must be empty. */
  removal: 'retain' | 'destroy';
  retentionDays: {
    /** One of the retention periods of CloudWatch Logs. */
    logs: number;
    /** Days that overwritten and deleted objects are kept; limits how far the lake can be rolled back. */
    oldVersions: number;
    /** Days after which raw input files are deleted; by default they are kept. */
    raw?: number;
    accessLogs: number;
  };
  /** `max`: the limit of auto-scaling. */
  workers: { type: WorkerType; max: number };
  /** Overrides the compute of stages. */
  stages?: { readonly [Stage in StageName]?: Compute };
  /** For stages on EMR; defaults in `emrOf`. */
  emr?: Partial<EmrSettings>;
  /** For stream sources; defaults in `streamsOf`. */
  streams?: Partial<StreamSettings>;
  /** Roles that may read tables through Lake Formation. Without any, Lake Formation is not used. */
  readers?: readonly LakeReader[];
  glue: {
    /** `flex` runs on spare capacity: about a third cheaper, may start late. */
    executionClass: 'standard' | 'flex';
  };
  /** USD per month. */
  budgetUsd: number;
  /** Email addresses that receive alarms. Each must confirm the subscription. */
  alarmAddresses: readonly string[];
  /** `cron(...)` or `rate(...)` of EventBridge Scheduler, UTC; without one, only files and people start runs. */
  schedule?: string;
  /** A run is late if none has succeeded for this many hours; at most 24, the maximum alarm period. */
  lateAfterHours: number;
  /** Maximum age of the newest input at a scheduled run; default twice `lateAfterHours`. If larger, there is no `volume` alarm. */
  inputAfterHours?: number;
  /** URL or path of the runbook; alarms link to its sections. */
  runbook: string;
  /** Resource types that are not available. Only an emulator lacks any. */
  lacks?: readonly ('AWS::Budgets::Budget' | 'AWS::CloudWatch::CompositeAlarm' | 'AWS::Glue::SecurityConfiguration')[];
}

export interface EmrSettings {
  /** `transient`: each run starts and terminates a cluster. `persistent`: one cluster outlives runs, for teams with many; it ends after an idle hour. */
  cluster: ClusterLife;
  /** Limit for core and task nodes of a cluster together, or for all concurrent jobs of a serverless application. */
  maxVcpus: number;
  /** Number of zones of a new network, with endpoints in each; or existing subnets that reach S3, EMR, KMS and CloudWatch Logs. */
  network: { zones: number } | { vpcId: string; subnetIds: readonly string[] };
}

export interface StreamSettings {
  /** `on-demand` scales with the load and is billed per GB; each shard takes 1 MB/s or 1,000 records per second and is billed per hour. */
  capacity: 'on-demand' | { shards: number };
  /** How long the stream keeps a record for its landing: 24 to 8760 hours. */
  retentionHours: number;
  /** A file is written after this time, 60 to 900 s, or after `bufferMiB`, 64 to 128. */
  bufferSeconds: number;
  bufferMiB: number;
}

/** The settings of streams, with defaults. */
export const streamsOf = ({ streams }: Environment): StreamSettings => ({
  capacity: 'on-demand',
  retentionHours: 24,
  bufferSeconds: 300,
  bufferMiB: 64,
  ...streams,
});

/** The settings of EMR, with defaults. */
export const emrOf = ({ emr }: Environment): EmrSettings => ({
  cluster: 'transient',
  maxVcpus: 64,
  network: { zones: 2 },
  ...emr,
});

/** The sizes that determine what a stage runs on and what is billed for it. */
export const computeSizesOf = (environment: Environment): ComputeSizes => ({
  workerType: environment.workers.type,
  workers: environment.workers.max,
  flex: environment.glue.executionClass === 'flex',
  cluster: emrOf(environment).cluster,
});

/** The plan with the compute that the environment sets for its stages. The results of tasks do not depend on it. */
export function placedIn({ stages = {} }: Environment, plan: Plan): Plan {
  const placed = new Map(Object.entries(stages));
  return {
    ...plan,
    stages: plan.stages.map((stage) => ({ ...stage, compute: placed.get(stage.name) ?? stage.compute })),
  };
}

const logDays = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

/** The environment with this name, validated. Throws MR600 (unknown name), MR603 (a value that AWS would refuse) or MR604 (names could clash). */
export function environmentNamed(environments: Readonly<Record<string, Environment>>, name: string): Environment {
  const environment = Object.hasOwn(environments, name) ? environments[name] : undefined;
  if (environment === undefined) {
    const hint = suggestion(name, Object.keys(environments));
    const issue = { code: 'MR600', path: 'environments.ts', message: `there is no environment "${name}"`, hint };
    throw new MillraceError([issue], 2);
  }
  const issues = [...environmentIssues(environment), ...clashes(environments, environment)];
  if (issues.length > 0) throw new MillraceError(issues);
  return environment;
}

/** If one prefix begins with another, pipelines of two environments could get the same name. */
function clashes(environments: Readonly<Record<string, Environment>>, environment: Environment): Issue[] {
  const { name, prefix } = environment;
  return Object.entries(environments)
    .filter(([other, { prefix: theirs }]) => other !== name && leads(prefix, theirs))
    .map(([other, { prefix: theirs }]) => ({
      code: 'MR604',
      path: `environments.ts  ${name}.prefix`,
      message: `the prefixes "${prefix}" and "${theirs}" (${other}) can produce the same names`,
      hint: 'choose prefixes of which neither begins with the other',
    }));
}

const leads = (a: string, b: string) => `${a}-`.startsWith(`${b}-`) || `${b}-`.startsWith(`${a}-`);

/** All invalid values of an environment, each with its place in environments.ts. */
export function environmentIssues(environment: Environment): Issue[] {
  const { name, prefix, account, region, retentionDays, workers, schedule } = environment;
  const wrong = (field: string, message: string, hint: string): Issue => ({
    code: 'MR603',
    path: `environments.ts  ${name}.${field}`,
    message,
    hint,
  });
  const issues: Issue[] = [];
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(prefix))
    issues.push(
      wrong(
        'prefix',
        `"${prefix}" is not a valid prefix of a bucket name`,
        'use lower-case letters, digits and single -',
      ),
    );
  if (account !== undefined && !/^\d{12}$/.test(account))
    issues.push(wrong('account', `"${account}" is not an account id`, 'write 12 digits'));
  if (!/^[a-z]{2}(-[a-z]+)+-\d$/.test(region))
    issues.push(wrong('region', `"${region}" is not a region`, 'for example eu-central-1'));
  if (!logDays.includes(retentionDays.logs))
    issues.push(
      wrong(
        'retentionDays.logs',
        `CloudWatch Logs has no retention of ${retentionDays.logs} days`,
        `use one of ${logDays.join(', ')}`,
      ),
    );
  if (!Number.isInteger(workers.max) || workers.max < 2)
    issues.push(
      wrong('workers.max', `Glue refuses a job with ${workers.max} workers`, 'use a whole number of at least 2'),
    );
  if (environment.glue.executionClass === 'flex' && !flexWorkers.includes(workers.type))
    issues.push(
      wrong(
        'workers.type',
        `Glue Flex has no workers of type ${workers.type}`,
        `use ${flexWorkers.join(' or ')}, or executionClass 'standard'`,
      ),
    );
  if (schedule !== undefined && !/^(cron|rate)\(.+\)$/.test(schedule))
    issues.push(wrong('schedule', `"${schedule}" is not a schedule`, 'for example cron(0 3 * * ? *) or rate(1 day)'));
  if (!(environment.budgetUsd > 0))
    issues.push(wrong('budgetUsd', 'the budget must be more than 0', 'write USD per month'));
  if (!(environment.lateAfterHours >= 1 && environment.lateAfterHours <= 24))
    issues.push(
      wrong('lateAfterHours', `${environment.lateAfterHours} hours is not a valid alarm period`, 'use 1 to 24'),
    );
  const { lateAfterHours, inputAfterHours = lateAfterHours } = environment;
  if (!(inputAfterHours >= lateAfterHours))
    issues.push(
      wrong(
        'inputAfterHours',
        `runs every ${lateAfterHours} hours cannot notice inputs older than ${inputAfterHours} hours`,
        `use at least ${lateAfterHours} hours`,
      ),
    );
  for (const { roleArn } of environment.readers ?? []) {
    if (!/^arn:aws[a-z-]*:iam::\d{12}:role\/.+$/.test(roleArn))
      issues.push(
        wrong('readers', `"${roleArn}" is not a role ARN`, 'for example arn:aws:iam::123456789012:role/analysts'),
      );
  }
  issues.push(...emrIssues(environment, wrong), ...streamIssues(environment, wrong));
  return issues;
}

function streamIssues(
  environment: Environment,
  wrong: (field: string, message: string, hint: string) => Issue,
): Issue[] {
  const { capacity, ...counts } = streamsOf(environment);
  const issues: Issue[] = [];
  const whole = (field: string, value: number, unit: string, least: number, most: number) => {
    if (Number.isInteger(value) && value >= least && value <= most) return;
    issues.push(
      wrong(`streams.${field}`, `a stream cannot have ${value} ${unit}`, `use a whole number from ${least} to ${most}`),
    );
  };
  if (capacity !== 'on-demand') whole('capacity.shards', capacity.shards, 'shards', 1, 10_000);
  whole('retentionHours', counts.retentionHours, 'hours of retention', 24, 8760);
  whole('bufferSeconds', counts.bufferSeconds, 'seconds of buffer', 60, 900);
  // 64 MiB is Firehose's minimum with dynamic partitioning.
  whole('bufferMiB', counts.bufferMiB, 'MiB of buffer', 64, 128);
  return issues;
}

function emrIssues(environment: Environment, wrong: (field: string, message: string, hint: string) => Issue): Issue[] {
  const { maxVcpus, network } = emrOf(environment);
  const issues: Issue[] = [];
  if (!Number.isInteger(maxVcpus / 4) || maxVcpus < 16)
    issues.push(
      wrong('emr.maxVcpus', `${maxVcpus} vCPUs is not a valid limit for a cluster`, 'use a multiple of 4, at least 16'),
    );
  if ('zones' in network) {
    if (!Number.isInteger(network.zones) || network.zones < 1 || network.zones > 3)
      issues.push(wrong('emr.network.zones', `not every region has ${network.zones} zones`, 'use 1 to 3'));
    return issues;
  }
  if (!/^vpc-[0-9a-f]+$/.test(network.vpcId))
    issues.push(wrong('emr.network.vpcId', `"${network.vpcId}" is not a VPC id`, 'for example vpc-0a1b2c3d'));
  const strange = network.subnetIds.filter((id) => !/^subnet-[0-9a-f]+$/.test(id));
  if (network.subnetIds.length === 0 || strange.length > 0)
    issues.push(
      wrong(
        'emr.network.subnetIds',
        `not subnet ids: ${strange.join(', ') || 'none given'}`,
        'for example subnet-0a1b2c3d',
      ),
    );
  return issues;
}
