import { Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Names } from '../environment/names.ts';
import type { Arns } from '../permissions/arns.ts';

export function arnsOf(scope: Construct, names: Names, pipeline: string): Arns {
  const { partition, region, account } = Stack.of(scope);
  const pipelineNames = names.pipeline(pipeline);
  const arn = (service: string, resource: string) => `arn:${partition}:${service}:${region}:${account}:${resource}`;
  return {
    bucket: (kind) => `arn:${partition}:s3:::${names.bucket(kind)}`,
    table: (kind) => arn('dynamodb', `table/${names.table(kind)}`),
    job: arn('glue', `job/${pipelineNames.job}`),
    machine: arn('states', `stateMachine:${pipelineNames.machine}`),
    execution: (name) => arn('states', `execution:${pipelineNames.machine}:${name}`),
    function: (name) => arn('lambda', `function:${pipelineNames.function(name)}`),
    queue: (name) => arn('sqs', name),
    schedule: arn('scheduler', `schedule/default/${pipelineNames.schedule}`),
    topic: arn('sns', names.topic),
    rule: (name) => arn('events', `rule/${name}`),
    clusters: arn('elasticmapreduce', 'cluster/*'),
  };
}
