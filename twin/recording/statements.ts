import { createHash } from 'node:crypto';

export type Templates = Record<string, { Resources: Record<string, { Type: string; Properties?: unknown }> }>;

/** One statement of one of our roles. */
export interface Statement {
  /** Short name of the role: `Trigger`, `Engine`. */
  role: string;
  /** Its position in the policy. */
  number: number;
  actions: string[];
  /** The resources as in the template, with placeholders, but without parts that differ from build to build. */
  resources: string[];
  /** A hash of the whole statement, which changes with it. */
  digest: string;
}

export interface RoleStatements {
  name: string;
  /** The beginning of its name in the account. */
  physical: string;
  statements: Statement[];
}

/** The roles in the templates that have one of our policies, each with its statements. */
export function rolesOf(templates: Templates): RoleStatements[] {
  return Object.entries(templates).flatMap(([stack, { Resources }]) =>
    Object.entries(Resources).flatMap(([id, { Type, Properties }]) => {
      const { ManagedPolicyArns = [], RoleName } = (Properties ?? {}) as {
        ManagedPolicyArns?: { Ref?: string }[];
        RoleName?: string;
      };
      const policy = ManagedPolicyArns[0]?.Ref;
      if (Type !== 'AWS::IAM::Role' || policy === undefined) return [];
      const { PolicyDocument } = Resources[policy]!.Properties as { PolicyDocument: { Statement: Written[] } };
      const name = id.replace(/ServiceRole[0-9A-F]{8}$|(Service)?Role[0-9A-F]{8}$/, '');
      // A role name has at most 64 characters; the last 13 make it unique.
      const physical = RoleName ?? `${stack}-${id.replace(/[0-9A-F]{8}$/, '')}`.slice(0, 64 - 13);
      return [{ name, physical, statements: PolicyDocument.Statement.map((one, i) => statementOf(name, i, one)) }];
    }),
  );
}

interface Written {
  Action: string | string[];
  Resource: unknown;
  Condition?: unknown;
}

function statementOf(role: string, number: number, { Action, Resource, Condition }: Written): Statement {
  const actions = [Action].flat().sort();
  const resources = [Resource].flat().map(textOf).sort();
  const digest = createHash('sha256').update(JSON.stringify([role, actions, resources, Condition ?? null]));
  return { role, number, actions, resources, digest: digest.digest('hex').slice(0, 12) };
}

/** A template value as text: `<Name>` for a value known only after deployment, `<build>` for a value that differs in each build. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value.replace(/[0-9a-f]{64}/g, '<build>');
  const [[name, inner]] = Object.entries(value as object) as [[string, unknown]];
  if (name === 'Fn::Join') return (inner as [string, unknown[]])[1].map(textOf).join((inner as [string])[0]);
  if (name === 'Fn::Sub') return textOf(inner);
  const text = [inner].flat().map(String).join('.');
  return `<${text.replace(/^.*ExportsOutput(Ref|FnGetAtt)/, '').replace(/[0-9A-F]{8}/g, '')}>`;
}
