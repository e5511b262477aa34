import { Stack, Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** The cdk-nag packs that Millrace follows, by the prefix of their rules. */
export const packs = ['AwsSolutions', 'Serverless', 'HIPAA.Security', 'NIST.800.53.R5', 'PCI.DSS.321'] as const;

export interface Acknowledged {
  /** Name of the rule without its pack, such as `LambdaInsideVPC`. */
  rule: string;
  /** The packs whose version of the rule reports this resource. */
  in: readonly (typeof packs)[number][];
  /** Why this resource may break the rule. */
  reason: string;
}

/** Acknowledges rules that a resource breaks on purpose. A test fails for each acknowledgement that is no longer needed. */
export function acknowledge(resource: IConstruct, ...rules: readonly Acknowledged[]): void {
  const given = rules.flatMap(({ rule, in: where, reason }) =>
    where.map((pack) => ({ id: `${pack}-${rule}`, reason })),
  );
  Validations.of(resource).acknowledge(...given);
}

/** The name of cdk-nag's finding about a wildcard in a resource of a policy: placeholders become `<Name>`. */
export function wildcardFinding(scope: IConstruct, resource: string): string {
  return `IAM5[Resource::${flattened(Stack.of(scope).resolve(resource))}]`;
}

function flattened(value: unknown): string {
  if (typeof value === 'string') return value;
  const [[name, inner]] = Object.entries(value as object) as [[string, unknown]];
  switch (name) {
    case 'Ref':
      return `<${inner}>`;
    case 'Fn::GetAtt':
      return `<${(inner as string[]).join('.')}>`;
    case 'Fn::Join': {
      const [separator, parts] = inner as [string, unknown[]];
      return parts.map(flattened).join(separator);
    }
    default:
      throw new Error(`a policy resource uses ${name}, which cannot be acknowledged by name`);
  }
}
