import { createHash } from 'node:crypto';

export type Templates = Record<string, { Resources: Record<string, { Type: string; Properties?: unknown }> }>;

/** One statement of a role of ours, in the order in which its policy has them. */
export interface Statement {
  /** Short name of the role: `Trigger`, `Engine`. */
  role: string;
  number: number;
  actions: string[];
  /** As the template has them, placeholders and all, but for what differs from build to build. */
  resources: string[];
  /** Of all that the statement says: another one where it changed. */
  digest: string;
}

export interface RoleStatements {
  name: string;
  /** Beginning of its name in the account. */
  physical: string;
  statements: Statement[];
}

/** The roles of templates that have a policy of ours, each with its statements. */
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
      // The end of the id may be cut from the name, which has 64 characters at most.
      const physical = RoleName ?? `${stack}-${id.replace(/[0-9A-F]{8}$/, '')}`;
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

/** A value of a template as text: `<Name>` for what is known once it is deployed, `<build>` for what each build makes anew. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value.replace(/[0-9a-f]{64}/g, '<build>');
  const [[name, inner]] = Object.entries(value as object) as [[string, unknown]];
  if (name === 'Fn::Join') return (inner as [string, unknown[]])[1].map(textOf).join((inner as [string])[0]);
  if (name === 'Fn::Sub') return textOf(inner);
  const said = [inner].flat().map(String).join('.');
  return `<${said.replace(/^.*ExportsOutput(Ref|FnGetAtt)/, '').replace(/[0-9A-F]{8}/g, '')}>`;
}
