import { fullDiff, ResourceImpact } from '@aws-cdk/cloudformation-diff';
import { canonicalJson } from '../../plan/canonical-json.ts';
import type { Resource, Template } from './template.ts';

export interface ResourceChange {
  change: 'added' | 'removed' | 'changed' | 'replaced';
  stack: string;
  /** Logical id. */
  id: string;
  type: string;
  /** Whether it holds data or a name that others depend on. */
  stateful: boolean;
  /** Changed properties, for a changed or replaced resource. */
  properties: string[];
}

/** Types of resources that hold data or a name that others depend on. */
export const statefulTypes = [
  'AWS::DynamoDB::Table',
  'AWS::Glue::Database',
  'AWS::Glue::Table',
  'AWS::Kinesis::Stream',
  'AWS::KMS::Key',
  'AWS::S3::Bucket',
  'AWS::SQS::Queue',
];

type Templates = Readonly<Record<string, Template>>;

/** Added, removed, changed and replaced resources, sorted by stack and id. Only changes that CloudFormation acts on count. */
export function resourceChanges(before: Templates, after: Templates): ResourceChange[] {
  const stacks = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return stacks.flatMap((stack) => {
    const [old, now] = [before[stack]?.Resources ?? {}, after[stack]?.Resources ?? {}];
    const ids = [...new Set([...Object.keys(old), ...Object.keys(now)])].sort();
    return ids.flatMap((id) => {
      const found = changeOf(old[id], now[id]);
      const type = (now[id] ?? old[id])!.Type;
      return found === undefined ? [] : [{ ...found, stack, id, type, stateful: statefulTypes.includes(type) }];
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
  return { change: isReplaced(old, now, properties) ? 'replaced' : 'changed', properties };
}

/**
 * Whether a change of one of these properties replaces the resource, by CloudFormation's specification, which is part of the package.
 * A possible replacement counts as one. If the specification does not know a property, a name property counts as one.
 */
function isReplaced(old: Resource, now: Resource, properties: readonly string[]): boolean {
  const { changes } = fullDiff({ Resources: { it: old } }, { Resources: { it: now } }).resources;
  const updates = changes['it']?.propertyUpdates ?? {};
  return properties.some((name) => {
    const impact = updates[name]?.changeImpact ?? ResourceImpact.NO_CHANGE;
    if (impact === ResourceImpact.NO_CHANGE) return isName(now.Type, name);
    return impact === ResourceImpact.WILL_REPLACE || impact === ResourceImpact.MAY_REPLACE;
  });
}

/** `Name`, or for example `BucketName` of a bucket. */
const isName = (type: string, property: string) => property === 'Name' || property === `${type.split('::').at(-1)}Name`;
