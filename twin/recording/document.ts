import { type Grant, type Judged, nameOf, type Unreached } from './judge.ts';
import type { Reason, UnreachedReason } from './reasons.ts';
import type { Statement } from './statements.ts';
import type { TakenAway } from './taken-away.ts';

/** The reason for a grant that was never used. */
const reasonFor = ({ role, action }: Pick<Grant, 'role' | 'action'>, reasons: readonly Reason[]): Reason | undefined =>
  reasons.find((reason) => [role, '*'].includes(reason.role) && reason.actions.includes(action));

const unreachedReasonFor = ({ role, resource }: Unreached, reasons: readonly UnreachedReason[]) =>
  reasons.find((reason) => reason.role === role && resource.includes(reason.resource));

const rerun = 'run `npm run permissions -- --mutate`';

/** What excuses that a permission is not used. */
export interface Excuses {
  reasons: readonly Reason[];
  unreachedReasons: readonly UnreachedReason[];
}

/**
 * What is wrong: calls refused, permissions that nothing uses and no reason keeps, reasons that no permission asks for, statements
 * that are used and were not taken away as they are now.
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
      .map((one) => `${nameOf(one)} (${one.actions.join(', ')}) was never taken away as it is now: ${rerun}`),
    ...taken
      .filter(({ digest }) => !known.has(digest))
      .map(
        ({ role, actions }) => `${role} has no statement any more as was taken away (${actions.join(', ')}): ${rerun}`,
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
          `${role} may ${action} (statement ${statement}) and never does: take it away, or say why`,
      ),
    ...unreached
      .filter((one) => unreachedReasonFor(one, unreachedReasons) === undefined)
      .map(
        ({ role, statement, resource }) =>
          `${role} (statement ${statement}) never reaches ${resource}: take it away, or say why`,
      ),
    ...reasons
      .filter((reason) => !kept.has(reason))
      .map(({ role, actions }) => `no permission needs the reason for ${role} ${actions.join(', ')}`),
    ...unreachedReasons
      .filter((reason) => !reached.has(reason))
      .map(({ role, resource }) => `no statement needs the reason for ${role} ${resource}`),
  ];
}

/** docs/permissions.md. It has no numbers of calls, which differ from run to run. */
export function permissionsText(
  { grants, statements, unreached }: Judged,
  { reasons, unreachedReasons }: Excuses,
  taken: readonly TakenAway[],
): string {
  const roles = [...new Set(statements.map(({ role }) => role))].sort();
  const found = new Map(taken.map((one) => [one.digest, one]));
  const counts = roles.map((role) => {
    const own = statements.filter((one) => one.role === role);
    const failing = own.filter(({ digest }) => found.has(digest)).length;
    return `| ${role} | ${own.length} | ${failing} | ${own.length - failing} |`;
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
  return `# Permissions: used, and not

Made by \`npm run permissions\`, which deploys the environment \`twin\` with a schedule, has IAM enforced, and records each call of each role
while scenarios are played (twin/proof/scenarios.ts). No call was refused. The engine runs under the Glue job's role; what Step Functions,
Glue, Scheduler and Lambda do under a role is asked of it, and so is the key of what is encrypted (twin/roles_of_services.py).

\`npm run permissions -- --mutate\` takes one statement after the other away from its deployed role, plays a scenario that needs it, and puts it
back. A statement is *taken away* here where that scenario failed and the twin had refused the role an action of that very statement.
Afterwards all scenarios are played again, and end well.

| role | statements | something fails without | not exercised |
|---|---|---|---|
${counts.join('\n')}

Roles that the environment has none of are not here: of EMR, of streams, of the delivery, of readers by Lake Formation. Tests of their templates
bound them (test/stacks), nothing plays them.

## How each statement is known to be needed

| role | may | on | how it is known |
|---|---|---|---|
${known.join('\n')}

## Never used in the recording

Where one statement of a role uses an action and another does not, the action is here all the same.

| role | actions | why it stays |
|---|---|---|
${listed.join('\n')}

Of statements that are used, resources that no call reached:

| role | resource | why it stays |
|---|---|---|
${missed.join('\n')}
`;
}

const unusedIn = (grants: readonly Grant[]) => grants.filter(({ calls }) => calls === 0);

const reasonsOf = ({ role, actions }: Statement, reasons: readonly Reason[]): string[] => [
  ...new Set(actions.map((action) => reasonFor({ role, action }, reasons)?.why ?? '**none**')),
];

/** Without what is the same in each: partition, region, account. */
const shortened = (resource: string): string =>
  resource
    .replace(/^arn:(<AWS::Partition>|aws):/, '')
    .replace(/-\d{12}-[a-z]+-[a-z]+-\d/, '')
    .replace(/^([a-z0-9]+):[^:]*:[^:]*:/, '$1 ')
    .replace(/^\*$/, 'everything')
    .replace(/\*$/, '…')
    .replaceAll('<build>', '[build]')
    .replaceAll(/<([^>]+)>/g, '$1');
