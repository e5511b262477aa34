import { canonicalJson } from '../../plan/canonical-json.ts';
import type { Resource, Template } from './template.ts';

export interface ResourceChange {
  change: 'added' | 'removed' | 'changed' | 'replaced';
  stack: string;
  /** Logical id. */
  id: string;
  type: string;
  /** Whether it holds data or a name that others know: what its loss would cost is worth a look. */
  stateful: boolean;
  /** Properties that differ, of one that is changed or replaced. */
  properties: string[];
}

/** Properties that CloudFormation cannot change in place; of other types, whatever names the resource. */
const fixed: Readonly<Record<string, readonly string[]>> = {
  'AWS::DynamoDB::Table': ['TableName', 'ImportSourceSpecification'],
  'AWS::EMR::Cluster': ['Name', 'Applications', 'Instances', 'JobFlowRole', 'ReleaseLabel', 'ServiceRole', 'LogUri'],
  'AWS::EMRServerless::Application': ['Name', 'Type'],
  'AWS::Glue::Database': ['CatalogId', 'DatabaseName'],
  'AWS::Glue::Table': ['CatalogId', 'DatabaseName', 'OpenTableFormatInput'],
  'AWS::Glue::SecurityConfiguration': ['Name', 'EncryptionConfiguration'],
  'AWS::IAM::ManagedPolicy': ['ManagedPolicyName', 'Path', 'Description'],
  'AWS::IAM::Role': ['RoleName', 'Path'],
  'AWS::Kinesis::Stream': ['Name'],
  'AWS::KMS::Key': [],
  'AWS::Lambda::Function': ['FunctionName', 'PackageType', 'TenancyConfig'],
  'AWS::Lambda::EventSourceMapping': [
    'EventSourceArn',
    'SelfManagedEventSource',
    'StartingPosition',
    'StartingPositionTimestamp',
  ],
  'AWS::Lambda::Permission': ['Action', 'FunctionName', 'Principal', 'SourceAccount', 'SourceArn', 'PrincipalOrgID'],
  'AWS::Logs::MetricFilter': ['FilterName', 'LogGroupName'],
  'AWS::S3::BucketPolicy': ['Bucket'],
  'AWS::SNS::Subscription': ['Endpoint', 'Protocol', 'TopicArn'],
  'AWS::SQS::Queue': ['QueueName', 'FifoQueue'],
  'AWS::StepFunctions::StateMachine': ['StateMachineName', 'StateMachineType'],
};

const stateful = [
  'AWS::DynamoDB::Table',
  'AWS::Glue::Database',
  'AWS::Glue::Table',
  'AWS::Kinesis::Stream',
  'AWS::KMS::Key',
  'AWS::S3::Bucket',
  'AWS::SQS::Queue',
];

type Templates = Readonly<Record<string, Template>>;

/** What would be added, removed, changed and replaced, in the order of stacks and ids. Only what CloudFormation acts on counts. */
export function resourceChanges(before: Templates, after: Templates): ResourceChange[] {
  const stacks = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return stacks.flatMap((stack) => {
    const [old, now] = [before[stack]?.Resources ?? {}, after[stack]?.Resources ?? {}];
    const ids = [...new Set([...Object.keys(old), ...Object.keys(now)])].sort();
    return ids.flatMap((id) => {
      const found = changeOf(old[id], now[id]);
      const type = (now[id] ?? old[id])!.Type;
      return found === undefined ? [] : [{ ...found, stack, id, type, stateful: stateful.includes(type) }];
    });
  });
}

function changeOf(
  old: Resource | undefined,
  now: Resource | undefined,
): Pick<ResourceChange, 'change' | 'properties'> | undefined {
  if (old === undefined) return { change: 'added', properties: [] };
  if (now === undefined) return { change: 'removed', properties: [] };
  if (old.Type !== now.Type) return { change: 'replaced', properties: ['Type'] };
  const [was, is] = [old.Properties ?? {}, now.Properties ?? {}];
  const properties = [...new Set([...Object.keys(was), ...Object.keys(is)])]
    .filter((name) => canonicalJson(was[name] ?? null) !== canonicalJson(is[name] ?? null))
    .sort();
  if (properties.length === 0) return undefined;
  const replaced = properties.some((name) => fixed[now.Type]?.includes(name) ?? isName(now.Type, name));
  return { change: replaced ? 'replaced' : 'changed', properties };
}

/** `Name`, or `BucketName` of a bucket. */
const isName = (type: string, property: string) => property === 'Name' || property === `${type.split('::').at(-1)}Name`;
