import type { Call } from './calls.ts';
import { rolesOf, type Statement, type Templates } from './statements.ts';

/** One action in a statement of a role. */
export interface Grant {
  /** Short name: `Trigger`, `Engine`. */
  role: string;
  /** Number of the statement in the role's policy. */
  statement: number;
  action: string;
  /** On how many different resources the action was called. */
  calls: number;
}

/** A resource in a statement that no call reached. */
export interface Unreached {
  role: string;
  statement: number;
  resource: string;
}

export interface Judged {
  grants: Grant[];
  unreached: Unreached[];
  /** Calls that no statement allows. */
  refused: Call[];
  /** All statements of all roles. */
  statements: Statement[];
  /** The statements, such as `Trigger 0`, without which a recorded call would have been refused. */
  needed: ReadonlySet<string>;
}

export const nameOf = ({ role, number }: Pick<Statement, 'role' | 'number'>): string => `${role} ${number}`;

/** Compares calls with what the templates' roles allow, in both directions. Throws if a caller is not a role of the templates. */
export function judge(calls: readonly Call[], templates: Templates): Judged {
  const roles = rolesOf(templates);
  const grants: Grant[] = [];
  const unreached: Unreached[] = [];
  const needed = new Set<string>();
  for (const { name, physical, statements } of roles) {
    const ofRole = calls.filter((call) => call.role.startsWith(physical));
    for (const call of ofRole) {
      if (call.statements !== statements.length)
        throw new Error(
          `${name} has ${statements.length} statements in its template, but ${call.statements} on the twin`,
        );
      if (call.allowed && call.by.length === 1) needed.add(`${name} ${call.by[0]}`);
    }
    for (const { number, actions, resources } of statements) {
      const reached = ofRole.filter((call) => call.by.includes(number)).map((call) => call.resource);
      // A statement without any call is reported by its actions.
      const missed = reached.length === 0 ? [] : resources.filter((one) => !reached.some(patternOf(one)));
      unreached.push(...missed.map((resource) => ({ role: name, statement: number, resource })));
      for (const action of actions) {
        const by = ofRole.filter((call) => call.action === action && call.by.includes(number));
        grants.push({ role: name, statement: number, action, calls: new Set(by.map((call) => call.resource)).size });
      }
    }
  }
  const strangers = calls.filter((call) => !roles.some(({ physical }) => call.role.startsWith(physical)));
  if (strangers.length > 0) throw new Error(`no role of a template made the call ${JSON.stringify(strangers[0])}`);
  return {
    grants,
    unreached,
    refused: calls.filter((call) => !call.allowed),
    statements: roles.flatMap(({ statements }) => statements),
    needed,
  };
}

/** Whether an ARN matches a statement's resource. A placeholder, whose value is known only after deployment, matches anything. */
function patternOf(resource: string): (arn: string) => boolean {
  const parts = resource.split(/(<[^>]+>|\*)/);
  const pattern = parts.map((part, i) => (i % 2 === 0 ? part.replace(/[.+?^${}()|[\]\\]/g, '\\$&') : '.*')).join('');
  return (arn) => new RegExp(`^${pattern}$`).test(arn);
}
