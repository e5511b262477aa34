import type { WorkerType } from '../compute/billing.ts';
import type { LakeReader } from '../constructs/lake/lake-access.ts';
import type { Compute } from '../definition/compute.ts';
import type { StageName } from '../definition/stages.ts';
import { type Issue, MillraceError } from '../errors.ts';
import type { Plan } from '../plan/schema.ts';
import { suggestion } from '../plan/suggest.ts';

/** Where and how large Millrace is deployed. Everything that may differ between two deployments is here, and nothing else is. */
export interface Environment {
  name: string;
  /** Leads every physical name, so that two environments in one account share none. Lower-case letters, digits, `-`. */
  prefix: string;
  /** 12 digits. Without one, the account of whoever deploys. */
  account?: string;
  region: string;
  /** Folder names below `pipelines/`. */
  pipelines: readonly string[];
  /** `retain`: what holds data outlives its stack, and the data stack can't be deleted. `destroy`: empty buckets go with it. */
  removal: 'retain' | 'destroy';
  retentionDays: {
    /** One of the periods that CloudWatch Logs has. */
    logs: number;
    /** Of overwritten and deleted objects; what a rollback of the lake can reach back to. */
    oldVersions: number;
    /** Of raw input files, after which they are deleted; kept for good unless told. */
    raw?: number;
    accessLogs: number;
  };
  workers: { type: WorkerType /** Auto-scaling stays below it. */; max: number };
  /** Where stages run, otherwise than their pipelines say. */
  stages?: { readonly [Stage in StageName]?: Compute };
  /** For stages on EMR; what is left out is as `emrOf` has it. */
  emr?: Partial<EmrSettings>;
  /** For sources that arrive by streams; what is left out is as `streamsOf` has it. */
  streams?: Partial<StreamSettings>;
  /** Roles that may read tables by Lake Formation, whose data lake then holds these; it is left alone unless there are any. */
  readers?: readonly LakeReader[];
  glue: {
    /** `flex` runs on spare capacity: about a third cheaper, may start late. */ executionClass: 'standard' | 'flex';
  };
  /** A month, USD. */
  budgetUsd: number;
  /** Who is told of alarms. Each address has to confirm the subscription. */
  alarmAddresses: readonly string[];
  /** `cron(...)` or `rate(...)` of EventBridge Scheduler, UTC; without one, only files and people start runs. */
  schedule?: string;
  /** A run is late when none has succeeded for so long; at most 24, which is as far as one alarm period reaches. */
  lateAfterHours: number;
  /** How old the newest input may be when a scheduled run looks; twice `lateAfterHours` unless told. More: no alarm asks for rows every day. */
  inputAfterHours?: number;
  /** Where the runbook is read: a URL or a path; alarms link to its sections. */
  runbook: string;
  /** Resource types that the place does not have. Only an emulator lacks any. */
  lacks?: readonly ('AWS::Budgets::Budget' | 'AWS::Glue::SecurityConfiguration')[];
}

export interface EmrSettings {
  /** `transient`: a run makes its own, and ends it. `persistent`: one outlives runs, for teams with many; it ends after an idle hour. */
  cluster: 'transient' | 'persistent';
  /** Core and task nodes of one cluster, or all jobs of one serverless application, at once. */
  maxVcpus: number;
  /** Zones of a network that is made, with endpoints in each; or subnets of yours that reach S3, EMR, KMS and CloudWatch Logs. */
  network: { zones: number } | { vpcId: string; subnetIds: readonly string[] };
}

export interface StreamSettings {
  /** `on-demand` follows the load and is billed by the GB; shards take 1 MB/s or 1,000 records a second each, and cost whether used or not. */
  capacity: 'on-demand' | { shards: number };
  /** How long a record waits in the stream for its landing, at most: 24 to 8760. */
  retentionHours: number;
  /** Records land in one file that come within it, 60 to 900, or that make up `bufferMiB`, 64 to 128. */
  bufferSeconds: number;
  bufferMiB: number;
}

/** The settings of streams, with what is not told. */
export const streamsOf = ({ streams }: Environment): StreamSettings => ({
  capacity: 'on-demand',
  retentionHours: 24,
  bufferSeconds: 300,
  bufferMiB: 64,
  ...streams,
});

/** The settings of EMR, with what is not told. */
export const emrOf = ({ emr }: Environment): EmrSettings => ({
  cluster: 'transient',
  maxVcpus: 64,
  network: { zones: 2 },
  ...emr,
});

/** The plan with its stages where the environment has them. Nothing that a task does depends on it. */
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

/** The environment of that name, checked. Throws MR600 (no such name), MR603 (a value that AWS would refuse) or MR604 (names shared). */
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

/** A prefix that leads another's could make two pipelines of two environments into one name. */
function clashes(environments: Readonly<Record<string, Environment>>, environment: Environment): Issue[] {
  const { name, prefix } = environment;
  return Object.entries(environments)
    .filter(([other, { prefix: theirs }]) => other !== name && leads(prefix, theirs))
    .map(([other, { prefix: theirs }]) => ({
      code: 'MR604',
      path: `environments.ts  ${name}.prefix`,
      message: `the prefixes "${prefix}" and "${theirs}" (${other}) can make the same names`,
      hint: 'let neither be the beginning of the other',
    }));
}

const leads = (a: string, b: string) => `${a}-`.startsWith(`${b}-`) || `${b}-`.startsWith(`${a}-`);

/** All that is wrong with an environment's values, each with its place in environments.ts. */
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
      wrong('prefix', `"${prefix}" can't lead the name of a bucket`, 'lower-case letters, digits and single -'),
    );
  if (account !== undefined && !/^\d{12}$/.test(account))
    issues.push(wrong('account', `"${account}" is no account`, '12 digits'));
  if (!/^[a-z]{2}(-[a-z]+)+-\d$/.test(region))
    issues.push(wrong('region', `"${region}" is no region`, 'such as eu-central-1'));
  if (!logDays.includes(retentionDays.logs))
    issues.push(
      wrong(
        'retentionDays.logs',
        `CloudWatch has no period of ${retentionDays.logs} days`,
        `one of ${logDays.join(', ')}`,
      ),
    );
  if (!Number.isInteger(workers.max) || workers.max < 2)
    issues.push(wrong('workers.max', `Glue takes no job with ${workers.max} workers`, 'a whole number of at least 2'));
  if (schedule !== undefined && !/^(cron|rate)\(.+\)$/.test(schedule))
    issues.push(wrong('schedule', `"${schedule}" is no schedule`, 'such as cron(0 3 * * ? *) or rate(1 day)'));
  if (!(environment.budgetUsd > 0)) issues.push(wrong('budgetUsd', 'a budget is more than nothing', 'USD a month'));
  if (!(environment.lateAfterHours >= 1 && environment.lateAfterHours <= 24))
    issues.push(wrong('lateAfterHours', `${environment.lateAfterHours} hours can't be one alarm period`, '1 to 24'));
  const { lateAfterHours, inputAfterHours = lateAfterHours } = environment;
  if (!(inputAfterHours >= lateAfterHours))
    issues.push(
      wrong(
        'inputAfterHours',
        `runs every ${lateAfterHours} hours can't see that inputs are older than ${inputAfterHours}`,
        `hours, at least ${lateAfterHours}`,
      ),
    );
  for (const { roleArn } of environment.readers ?? []) {
    if (!/^arn:aws[a-z-]*:iam::\d{12}:role\/.+$/.test(roleArn))
      issues.push(wrong('readers', `"${roleArn}" is no role`, 'such as arn:aws:iam::123456789012:role/analysts'));
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
      wrong(`streams.${field}`, `a stream can't have ${value} ${unit}`, `a whole number, ${least} to ${most}`),
    );
  };
  if (capacity !== 'on-demand') whole('capacity.shards', capacity.shards, 'shards', 1, 10_000);
  whole('retentionHours', counts.retentionHours, 'hours of retention', 24, 8760);
  whole('bufferSeconds', counts.bufferSeconds, 'seconds of buffer', 60, 900);
  // The least that Firehose takes where it partitions by a column.
  whole('bufferMiB', counts.bufferMiB, 'MiB of buffer', 64, 128);
  return issues;
}

function emrIssues(environment: Environment, wrong: (field: string, message: string, hint: string) => Issue): Issue[] {
  const { maxVcpus, network } = emrOf(environment);
  const issues: Issue[] = [];
  if (!Number.isInteger(maxVcpus / 4) || maxVcpus < 16)
    issues.push(
      wrong('emr.maxVcpus', `a cluster can't be bounded by ${maxVcpus} vCPUs`, 'a multiple of 4, at least 16'),
    );
  if ('zones' in network) {
    if (!Number.isInteger(network.zones) || network.zones < 1 || network.zones > 3)
      issues.push(wrong('emr.network.zones', `${network.zones} zones can't be had everywhere`, '1 to 3'));
    return issues;
  }
  if (!/^vpc-[0-9a-f]+$/.test(network.vpcId))
    issues.push(wrong('emr.network.vpcId', `"${network.vpcId}" is no VPC`, 'such as vpc-0a1b2c3d'));
  const strange = network.subnetIds.filter((id) => !/^subnet-[0-9a-f]+$/.test(id));
  if (network.subnetIds.length === 0 || strange.length > 0)
    issues.push(
      wrong(
        'emr.network.subnetIds',
        `these are no subnets: ${strange.join(', ') || 'none given'}`,
        'such as subnet-0a1b2c3d',
      ),
    );
  return issues;
}
