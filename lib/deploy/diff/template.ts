import { canonicalJson } from '../../plan/canonical-json.ts';

export interface Resource {
  Type: string;
  Properties?: Record<string, unknown>;
  DeletionPolicy?: string;
}

/** The compared parts of a CloudFormation template. */
export interface Template {
  Resources?: Record<string, Resource>;
}

/** A template value as text: `Ref` and `GetAtt` as `${Id}` and `${Id.Attribute}`, with joins resolved. */
export function textOf(value: unknown): string {
  if (value === null || typeof value !== 'object') return String(value);
  const { Ref, 'Fn::GetAtt': attribute, 'Fn::Join': join, 'Fn::Sub': sub } = value as Record<string, unknown>;
  if (typeof Ref === 'string') return `\${${Ref}}`;
  if (attribute !== undefined)
    return `\${${(Array.isArray(attribute) ? attribute : [attribute]).map(String).join('.')}}`;
  if (Array.isArray(join)) {
    const [separator, parts] = join as [string, unknown];
    if (Array.isArray(parts)) return parts.map(textOf).join(separator);
  }
  if (typeof sub === 'string') return sub;
  return canonicalJson(value);
}
