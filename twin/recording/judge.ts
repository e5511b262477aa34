import type { Call } from './calls.ts';

/** An action of a statement of a role. */
export interface Grant {
  /** Short name: `Trigger`, `Engine`. */
  role: string;
  /** Number of the statement in the role's policy. */
  statement: number;
  action: string;
  /** How many different resources were called by it. */
  calls: number;
}

export interface Judged {
  grants: Grant[];
  /** Calls that no statement allows. */
  refused: Call[];
  /** Statements, as `Trigger 0`, without which some recorded call would have been refused. */
  needed: string[];
  /** Statements that have no such call. */
  idle: string[];
}

export type Templates = Record<string, { Resources: Record<string, { Type: string; Properties?: unknown }> }>;

interface Statement {
  Action: string | string[];
}

/** Compares calls with what the templates' roles allow, both ways. Throws where a caller is no role of theirs. */
export function judge(calls: readonly Call[], templates: Templates): Judged {
  const roles = rolesOf(templates);
  const grants: Grant[] = [];
  const needed = new Set<string>();
  const names: string[] = [];
  for (const { name, physical, statements } of roles) {
    const own = calls.filter((call) => call.role.startsWith(physical));
    for (const call of own) {
      if (call.statements !== statements.length)
        throw new Error(
          `${name} has ${statements.length} statements in its template and ${call.statements} on the twin`,
        );
      if (call.allowed && call.by.length === 1) needed.add(`${name} ${call.by[0]}`);
    }
    for (const [number, { Action }] of statements.entries()) {
      names.push(`${name} ${number}`);
      for (const action of [Action].flat()) {
        const by = own.filter((call) => call.action === action && call.by.includes(number));
        grants.push({ role: name, statement: number, action, calls: new Set(by.map((call) => call.resource)).size });
      }
    }
  }
  const strangers = calls.filter((call) => !roles.some(({ physical }) => call.role.startsWith(physical)));
  if (strangers.length > 0) throw new Error(`no role of a template made the call ${JSON.stringify(strangers[0])}`);
  return {
    grants,
    refused: calls.filter((call) => !call.allowed),
    needed: names.filter((name) => needed.has(name)),
    idle: names.filter((name) => !needed.has(name)),
  };
}

function rolesOf(templates: Templates): { name: string; physical: string; statements: Statement[] }[] {
  return Object.entries(templates).flatMap(([stack, { Resources }]) =>
    Object.entries(Resources).flatMap(([id, { Type, Properties }]) => {
      const { ManagedPolicyArns = [], RoleName } = (Properties ?? {}) as {
        ManagedPolicyArns?: { Ref?: string }[];
        RoleName?: string;
      };
      const policy = ManagedPolicyArns[0]?.Ref;
      if (Type !== 'AWS::IAM::Role' || policy === undefined) return [];
      const document = Resources[policy]!.Properties as { PolicyDocument: { Statement: Statement[] } };
      const name = id.replace(/ServiceRole[0-9A-F]{8}$|(Service)?Role[0-9A-F]{8}$/, '');
      // The end of the id may be cut from the name, which has 64 characters at most.
      const physical = RoleName ?? `${stack}-${id.replace(/[0-9A-F]{8}$/, '')}`;
      return [{ name, physical, statements: document.PolicyDocument.Statement }];
    }),
  );
}
