import { Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Names } from '../environment/names.ts';

/** ARNs of an environment's resources by their fixed names, whichever stack they are in. */
export interface Arns {
  bucket(kind: Parameters<Names['bucket']>[0]): string;
  table(kind: Parameters<Names['table']>[0]): string;
  job: string;
  machine: string;
  /** Of the machine's executions whose name starts so; `*` for all. */
  execution(name: string): string;
  function(name: string): string;
  queue(name: string): string;
  schedule: string;
  topic: string;
  /** Of EventBridge. */
  rule(name: string): string;
  /** All clusters of EMR; a tag bounds which. */
  clusters: string;
}

export function arnsOf(scope: Construct, names: Names, pipeline: string): Arns {
  const { partition, region, account } = Stack.of(scope);
  const of = names.pipeline(pipeline);
  const arn = (service: string, resource: string) => `arn:${partition}:${service}:${region}:${account}:${resource}`;
  return {
    bucket: (kind) => `arn:${partition}:s3:::${names.bucket(kind)}`,
    table: (kind) => arn('dynamodb', `table/${names.table(kind)}`),
    job: arn('glue', `job/${of.job}`),
    machine: arn('states', `stateMachine:${of.machine}`),
    execution: (name) => arn('states', `execution:${of.machine}:${name}`),
    function: (name) => arn('lambda', `function:${of.function(name)}`),
    queue: (name) => arn('sqs', name),
    schedule: arn('scheduler', `schedule/default/${of.schedule}`),
    topic: arn('sns', names.topic),
    rule: (name) => arn('events', `rule/${name}`),
    clusters: arn('elasticmapreduce', 'cluster/*'),
  };
}
