import { Aws, Token } from 'aws-cdk-lib';
import { type Issue, MillraceError } from '../errors.ts';
import type { Plan } from '../plan/schema.ts';
import { streamedTasks } from '../plan/streams.ts';
import type { Environment } from './environment.ts';

/**
 * Every physical name of an environment. Names are fixed, so that a policy in one stack can name a resource of another to the
 * letter, and stacks need no exports between them that would lock each other's updates.
 */
export interface Names {
  stack(part: string): string;
  bucket(kind: 'raw' | 'lake' | 'artefacts' | 'access-logs'): string;
  table(kind: 'bookmarks' | 'runs' | 'registry'): string;
  /** Alias of the key that encrypts everything of the environment. */
  keyAlias: string;
  budget: string;
  /** Who is told of alarms and of the budget. */
  topic: string;
  /** Of clusters, for those who have a network of their own made. */
  network: string;
  /** The persistent cluster of EMR, which runs find by it. */
  cluster: string;
  /** Where clusters and jobs of EMR write their logs, below the artefacts bucket. */
  emrLogs: string;
  pipeline(pipeline: string): PipelineNames;
}

export interface PipelineNames {
  /** Of the Glue catalog, where names may hold no `-`. */
  database: string;
  job: string;
  /** Leads the names of the clusters that runs make, and is that of the serverless application. */
  emr: string;
  machine: string;
  function(name: string): string;
  arrivals: string;
  deadLetters(of: string): string;
  schedule: string;
  alarm(kind: string): string;
  dashboard: string;
  /** Of Kinesis, where records of a source are put. */
  stream(source: string): string;
  /** Of Firehose, which lands them. It can't be made to partition later, so one that does has another name. */
  landing(source: string, partitioned: boolean): string;
  /** Namespace of the metrics that the pipeline itself measures. */
  metrics: string;
  /** Of a log group, below the environment's own folder. */
  logs(part: string): string;
}

/** Longest name each service takes, in characters. */
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

/** Of the account's number, which is a placeholder until the stack is deployed. */
const accountLength = 12;

/** Throws MR601 with every name of the environment that AWS would refuse as too long. */
export function namesOf(environment: Environment): Names {
  const { prefix, region } = environment;
  const account = environment.account ?? Aws.ACCOUNT_ID;
  const names: Names = {
    // Stacks are the only ones whose names may hold no `_`.
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
      // A pipeline's name holds no `-`, so none is the beginning of another's names.
      const base = `${prefix}-${pipeline}`;
      return {
        database: base.replaceAll('-', '_'),
        job: `${base}-engine`,
        emr: `${base}-emr`,
        machine: base,
        function: (name) => `${base}-${name}`,
        arrivals: `${base}-arrivals`,
        deadLetters: (of) => `${base}-${of}-dead-letters`,
        schedule: base,
        alarm: (kind) => `${base}-${kind}`,
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

/** MR601 for each stream of a plan whose name AWS would refuse as too long. */
export function streamNameIssues(environment: Environment, plan: Plan): Issue[] {
  const of = namesOf(environment).pipeline(plan.pipeline);
  return streamedTasks(plan).flatMap(({ name, source: { stream } }) => [
    ...lengthIssues(environment, 'stream', of.stream(name), "the source's"),
    ...lengthIssues(environment, 'landing', of.landing(name, stream.partitionBy !== undefined), "the source's"),
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
      const of = names.pipeline(pipeline);
      return [
        ['database', of.database],
        ['machine', of.machine],
        ['function', of.function('bookmarks')],
        ['queue', of.deadLetters('arrivals')],
        ['schedule', of.schedule],
      ];
    }),
  ];
  return checked.flatMap(([service, text]) => lengthIssues(environment, service, text, "the pipeline's"));
}

function lengthIssues({ name, prefix }: Environment, service: keyof typeof limits, text: string, or: string): Issue[] {
  const length = text.length + (Token.isUnresolved(text) ? accountLength - Aws.ACCOUNT_ID.length : 0);
  if (length <= limits[service]) return [];
  const message = `the ${service} name "${shown(text)}" has ${length} characters, ${limits[service]} are allowed`;
  const hint = `shorten the prefix "${prefix}" by ${length - limits[service]}, or ${or} name`;
  return [{ code: 'MR601', path: `environments.ts  ${name}.prefix`, message, hint }];
}

const shown = (text: string) => text.replaceAll(Aws.ACCOUNT_ID, '<account>');
