import type { Grant, Judged } from './judge.ts';
import type { Reason } from './reasons.ts';

/** The reason for a grant that was never used. */
const reasonFor = ({ role, action }: Grant, reasons: readonly Reason[]): Reason | undefined =>
  reasons.find((reason) => [role, '*'].includes(reason.role) && reason.actions.includes(action));

/** What is wrong: calls refused, permissions that nothing uses and no reason keeps, reasons that no permission asks for. */
export function faultsOf({ grants, refused }: Judged, reasons: readonly Reason[]): string[] {
  const unused = unusedIn(grants);
  const kept = new Set(unused.map((grant) => reasonFor(grant, reasons)));
  return [
    ...refused.map(({ role, action, resource }) => `${role} was refused ${action} on ${resource}`),
    ...unused
      .filter((grant) => reasonFor(grant, reasons) === undefined)
      .map(
        ({ role, statement, action }) =>
          `${role} may ${action} (statement ${statement}) and never does: take it away, or say why`,
      ),
    ...reasons
      .filter((reason) => !kept.has(reason))
      .map(({ role, actions }) => `no permission needs the reason for ${role} ${actions.join(', ')}`),
  ];
}

/** docs/permissions.md. It has no numbers of calls, which differ from run to run. */
export function permissionsText({ grants, needed, idle }: Judged, reasons: readonly Reason[]): string {
  const roles = [...new Set(grants.map(({ role }) => role))].sort();
  const unused = unusedIn(grants);
  const of = (role: string, names: readonly string[]) => names.filter((name) => name.startsWith(`${role} `)).length;
  const counts = roles.map((role) => {
    const used = grants.filter((grant) => grant.role === role && grant.calls > 0).map(({ action }) => action);
    return `| ${role} | ${of(role, needed)} | ${of(role, idle)} | ${[...new Set(used)].sort().join(', ') || '-'} |`;
  });
  const rows = new Map<string, string>();
  for (const grant of [...unused].sort((a, b) => a.role.localeCompare(b.role) || a.action.localeCompare(b.action))) {
    const why = reasonFor(grant, reasons)?.why ?? '**none**';
    const key = `${grant.role} | ${why}`;
    const actions = rows.get(key)?.split(', ') ?? [];
    rows.set(key, [...new Set([...actions, grant.action])].join(', '));
  }
  const listed = [...rows].map(([key, actions]) => {
    const [role, why] = key.split(' | ');
    return `| ${role} | ${actions} | ${why} |`;
  });
  return `# Permissions: used, and not

Made by \`node scripts/permissions.mjs\`, which deploys the environment \`twin\`, has IAM enforced, and records each call of the roles while files
start a run, new rows a second one, and an alarm rolls the model back. No call was refused. The engine runs under the Glue job's role.

A statement is *needed* where a recorded call is allowed by it alone: without it that call is refused. This is judged by the twin's own
evaluation of each call against each statement, not by a run for each; where a call is allowed by two, neither is counted for it.

| role | statements needed | others | actions used |
|---|---|---|---|
${counts.join('\n')}

## Never used in the recording

Where one statement of a role uses an action and another does not, the action is in both tables.

| role | actions | why it stays |
|---|---|---|
${listed.join('\n')}
`;
}

const unusedIn = (grants: readonly Grant[]) => grants.filter(({ calls }) => calls === 0);
