import { Aws, Token } from 'aws-cdk-lib';
import { type Issue, MillraceError } from '../errors.ts';
import type { Plan } from '../plan/schema.ts';
import { streamedTasks } from '../plan/streams.ts';
import type { Environment } from './environment.ts';

/**
 * Every physical name of an environment. Names are fixed, so that a policy in one stack can name the exact resource of another, and
 * stacks need no exports, which would block each other's updates.
 */
export interface Names {
  stack(part: string): string;
  bucket(kind: 'raw' | 'lake' | 'artefacts' | 'access-logs'): string;
  table(kind: 'bookmarks' | 'runs' | 'registry'): string;
  /** Alias of the environment's encryption key. */
  keyAlias: string;
  budget: string;
  /** Topic for alarms and budget notices. */
  topic: string;
  /** The dedicated network of clusters. */
  network: string;
  /** The persistent EMR cluster; runs find it by this name. */
  cluster: string;
  /** Prefix in the artefacts bucket for logs of EMR clusters and jobs. */
  emrLogs: string;
  pipeline(pipeline: string): PipelineNames;
}

export interface PipelineNames {
  /** Glue catalog database; its name may not contain `-`. */
  database: string;
  job: string;
  /** Prefix of the names of transient clusters, and name of the serverless application. */
  emr: string;
  machine: string;
  function(name: string): string;
  arrivals: string;
  deadLetters(part: string): string;
  schedule: string;
  alarm(kind: string): string;
  /** Alarm that is only part of another; does not begin as `alarm` does, so that nothing answers it. */
  alarmPart(kind: string): string;
  dashboard: string;
  /** Kinesis stream name. */
  stream(source: string): string;
  /** Firehose delivery stream name. Partitioning cannot be enabled later, so a partitioned one has another name. */
  landing(source: string, partitioned: boolean): string;
  /** Namespace of the pipeline's own metrics. */
  metrics: string;
  /** Name of a log group, below the environment's prefix. */
  logs(part: string): string;
}

/** Maximum length of names per service. */
const limits = {
  bucket: 63,
  function: 64,

  machine: 80,
  queue: 80,
  schedule: 64,
  database: 255,
  table: 255,
  stream: 128,
  landing: 64,
};

/** Length of the account id, which is a placeholder until the stack is deployed. */
const accountLength = 12;

/** Throws MR601 with every name of the environment that is too long for AWS. */
export function namesOf(environment: Environment): Names {
  const { prefix, region } = environment;
  const account = environment.account ?? Aws.ACCOUNT_ID;
  const names: Names = {
    // Only stack names may not contain `_`.
    stack: (part) => `${prefix}-${part.replaceAll('_', '-')}`,
    bucket: (kind) => `${prefix}-${kind}-${account}-${region}`,
    table: (kind) => `${prefix}-${kind}`,
    keyAlias: `alias/${prefix}`,
    budget: `${prefix}-month`,
    topic: `${prefix}-alarms`,
    network: `${prefix}-network`,
    cluster: `${prefix}-cluster`,
    emrLogs: 'emr-logs/',
    pipeline: (pipeline) => {
      // Pipeline names contain no `-`, so names of one pipeline never begin with those of another.
      const base = `${prefix}-${pipeline}`;
      return {
        database: base.replaceAll('-', '_'),
        job: `${base}-engine`,
        emr: `${base}-emr`,
        machine: base,
        function: (name) => `${base}-${name}`,
        arrivals: `${base}-arrivals`,
        deadLetters: (part) => `${base}-${part}-dead-letters`,
        schedule: base,
        alarm: (kind) => `${base}-${kind}`,
        alarmPart: (kind) => `${base}.${kind}`,
        dashboard: base,
        stream: (source) => `${base}-${source}`,
        landing: (source, partitioned) => `${base}-${source}${partitioned ? '-by-day' : ''}`,
        metrics: `Millrace/${base}`,
        logs: (part) => `/millrace/${prefix}/${pipeline}/${part}`,
      };
    },
  };
  const issues = tooLong(environment, names);
  if (issues.length > 0) throw new MillraceError(issues);
  return names;
}

/** MR601 for each stream of a plan whose name is too long for AWS. */
export function streamNameIssues(environment: Environment, plan: Plan): Issue[] {
  const pipelineNames = namesOf(environment).pipeline(plan.pipeline);
  return streamedTasks(plan).flatMap(({ name, source: { stream } }) => [
    ...lengthIssues(environment, 'stream', pipelineNames.stream(name), "the source's"),
    ...lengthIssues(
      environment,
      'landing',
      pipelineNames.landing(name, stream.partitionBy !== undefined),
      "the source's",
    ),
  ]);
}

function tooLong(environment: Environment, names: Names): Issue[] {
  const { pipelines } = environment;
  const checked: [keyof typeof limits, string][] = [
    ...(['raw', 'lake', 'artefacts', 'access-logs'] as const).map((kind): [keyof typeof limits, string] => [
      'bucket',
      names.bucket(kind),
    ]),
    ...pipelines.flatMap((pipeline): [keyof typeof limits, string][] => {
      const pipelineNames = names.pipeline(pipeline);
      return [
        ['database', pipelineNames.database],
        ['machine', pipelineNames.machine],
        ['function', pipelineNames.function('bookmarks')],
        ['queue', pipelineNames.deadLetters('arrivals')],
        ['schedule', pipelineNames.schedule],
      ];
    }),
  ];
  return checked.flatMap(([service, text]) => lengthIssues(environment, service, text, "the pipeline's"));
}

function lengthIssues({ name, prefix }: Environment, service: keyof typeof limits, text: string, or: string): Issue[] {
  const length = text.length + (Token.isUnresolved(text) ? accountLength - Aws.ACCOUNT_ID.length : 0);
  if (length <= limits[service]) return [];
  const message = `the ${service} name "${shown(text)}" has ${length} characters; the limit is ${limits[service]}`;
  const hint = `shorten the prefix "${prefix}" by ${length - limits[service]}, or ${or} name`;
  return [{ code: 'MR601', path: `environments.ts  ${name}.prefix`, message, hint }];
}

const shown = (text: string) => text.replaceAll(Aws.ACCOUNT_ID, '<account>');
