import { type Grant, type Judged, nameOf, type Unreached } from './judge.ts';
import type { Reason, UnreachedReason } from './reasons.ts';
import type { Statement } from './statements.ts';
import type { TakenAway } from './taken-away.ts';

/** The reason to keep a grant that was never used. */
const reasonFor = ({ role, action }: Pick<Grant, 'role' | 'action'>, reasons: readonly Reason[]): Reason | undefined =>
  reasons.find((reason) => [role, '*'].includes(reason.role) && reason.actions.includes(action));

const unreachedReasonFor = ({ role, resource }: Unreached, reasons: readonly UnreachedReason[]) =>
  reasons.find((reason) => reason.role === role && resource.includes(reason.resource));

const rerun = 'run `npm run permissions -- --mutate`';

/** The reasons to keep permissions that were not used. */
export interface Excuses {
  reasons: readonly Reason[];
  unreachedReasons: readonly UnreachedReason[];
}

/**
 * What is wrong: refused calls, permissions without a use or a reason, reasons without a permission, and statements that are needed
 * but were not taken away since they changed.
 */
export function faultsOf(judged: Judged, excuses: Excuses, taken: readonly TakenAway[]): string[] {
  const { refused, statements, needed } = judged;
  const tried = new Set(taken.map(({ digest }) => digest));
  const known = new Set(statements.map(({ digest }) => digest));
  return [
    ...refused.map(({ role, action, resource }) => `${role} was refused ${action} on ${resource}`),
    ...unexcused(judged, excuses),
    ...statements
      .filter((one) => needed.has(nameOf(one)) && !tried.has(one.digest))
      .map(
        (one) =>
          `${nameOf(one)} (${one.actions.join(', ')}) is new, or has changed since it was last taken away: ${rerun}`,
      ),
    ...taken
      .filter(({ digest }) => !known.has(digest))
      .map(
        ({ role, actions }) => `${role} no longer has the statement that was tested (${actions.join(', ')}): ${rerun}`,
      ),
  ];
}

/** Permissions without a use or a reason, and reasons without a permission. */
function unexcused({ grants, unreached }: Judged, { reasons, unreachedReasons }: Excuses): string[] {
  const unused = unusedIn(grants);
  const kept = new Set(unused.map((grant) => reasonFor(grant, reasons)));
  const reached = new Set(unreached.map((one) => unreachedReasonFor(one, unreachedReasons)));
  return [
    ...unused
      .filter((grant) => reasonFor(grant, reasons) === undefined)
      .map(
        ({ role, statement, action }) =>
          `${role} may ${action} (statement ${statement}), but never does: remove it, or add a reason`,
      ),
    ...unreached
      .filter((one) => unreachedReasonFor(one, unreachedReasons) === undefined)
      .map(
        ({ role, statement, resource }) =>
          `${role} (statement ${statement}) never reaches ${resource}: remove it, or add a reason`,
      ),
    ...reasons
      .filter((reason) => !kept.has(reason))
      .map(({ role, actions }) => `no permission needs the reason for ${role} ${actions.join(', ')}`),
    ...unreachedReasons
      .filter((reason) => !reached.has(reason))
      .map(({ role, resource }) => `no statement needs the reason for ${role} ${resource}`),
  ];
}

/** The text of docs/permissions.md. Without numbers of calls, because they differ from run to run. */
export function permissionsText(
  { grants, statements, unreached }: Judged,
  { reasons, unreachedReasons }: Excuses,
  taken: readonly TakenAway[],
): string {
  const roles = [...new Set(statements.map(({ role }) => role))].sort();
  const found = new Map(taken.map((one) => [one.digest, one]));
  const counts = roles.map((role) => {
    const ofRole = statements.filter((one) => one.role === role);
    const failing = ofRole.filter(({ digest }) => found.has(digest)).length;
    return `| ${role} | ${ofRole.length} | ${failing} | ${ofRole.length - failing} |`;
  });
  const known = roles.flatMap((role) =>
    statements
      .filter((one) => one.role === role)
      .map((one) => {
        const { scenario, refused } = found.get(one.digest) ?? {};
        const how =
          scenario === undefined
            ? `not exercised: ${reasonsOf(one, reasons).join('; ')}`
            : `taken away: "${scenario}" fails, ${refused!.join(', ')} refused`;
        return `| ${role} | ${one.actions.join(', ')} | ${one.resources.map(shortened).join(', ')} | ${how} |`;
      }),
  );
  const rows = new Map<string, string[]>();
  const unused = unusedIn(grants).sort((a, b) => a.role.localeCompare(b.role) || a.action.localeCompare(b.action));
  for (const grant of unused) {
    const key = `${grant.role} | ${reasonFor(grant, reasons)?.why ?? '**none**'}`;
    rows.set(key, [...new Set([...(rows.get(key) ?? []), grant.action])]);
  }
  const listed = [...rows].map(([key, actions]) => {
    const [role, why] = key.split(' | ');
    return `| ${role} | ${actions.join(', ')} | ${why} |`;
  });
  const missed = unreached.map((one) => {
    const why = unreachedReasonFor(one, unreachedReasons)?.why ?? '**none**';
    return `| ${one.role} | ${shortened(one.resource)} | ${why} |`;
  });
  return `# Permissions: used and unused

Generated by \`npm run permissions\`, which deploys the environment \`twin\` with a schedule, enforces IAM, and records each call of each role
while it plays scenarios (twin/proof/scenarios.ts). No call was refused. The engine runs under the Glue job's role. Calls that Step Functions,
Glue, Scheduler and Lambda make under a role are checked as well, and so is the use of encryption keys (twin/roles_of_services.py).

\`npm run permissions -- --mutate\` takes each statement in turn away from its deployed role, plays a scenario that needs it, and puts it
back. Below, a statement is *taken away* if that scenario then failed and the twin refused the role an action of that statement.
In the end all scenarios are played again and succeed.

| role | statements | something fails without it | not exercised |
|---|---|---|---|
${counts.join('\n')}

Roles that this environment does not have are missing here: those of EMR, the delivery pipeline and Lake Formation readers. Tests of
their templates limit them (test/stacks), but no scenario plays them.

## Why each statement is needed

| role | may | on | evidence |
|---|---|---|---|
${known.join('\n')}

## Never used in the recording

An action is listed even if another statement of the same role uses it.

| role | actions | why it stays |
|---|---|---|
${listed.join('\n')}

Resources in used statements that no call reached:

| role | resource | why it stays |
|---|---|---|
${missed.join('\n')}
`;
}

const unusedIn = (grants: readonly Grant[]) => grants.filter(({ calls }) => calls === 0);

const reasonsOf = ({ role, actions }: Statement, reasons: readonly Reason[]): string[] => [
  ...new Set(actions.map((action) => reasonFor({ role, action }, reasons)?.why ?? '**none**')),
];

/** A resource without the parts that all have in common: partition, region, account. */
const shortened = (resource: string): string =>
  resource
    .replace(/^arn:(<AWS::Partition>|aws):/, '')
    .replace(/-\d{12}-[a-z]+-[a-z]+-\d/, '')
    .replace(/^([a-z0-9]+):[^:]*:[^:]*:/, '$1 ')
    .replace(/^\*$/, 'everything')
    .replace(/\*$/, '…')
    .replaceAll('<build>', '[build]')
    .replaceAll(/<([^>]+)>/g, '$1');
