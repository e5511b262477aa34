import { fullDiff, ResourceImpact } from '@aws-cdk/cloudformation-diff';
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
  return { change: isReplaced(old, now, properties) ? 'replaced' : 'changed', properties };
}

/**
 * Whether CloudFormation cannot change one of these properties in place, by its own specification, which is part of the package: no
 * account is asked. What may replace the resource counts as what does. Of a property that the specification does not know, a name does.
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

/** `Name`, or `BucketName` of a bucket. */
const isName = (type: string, property: string) => property === 'Name' || property === `${type.split('::').at(-1)}Name`;
