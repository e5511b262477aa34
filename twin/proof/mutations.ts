import {
  CreatePolicyVersionCommand,
  DeletePolicyVersionCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  IAMClient,
  ListAttachedRolePoliciesCommand,
  ListPolicyVersionsCommand,
  paginateListRoles,
} from '@aws-sdk/client-iam';
import { recorded } from '../recording/environment.ts';
import { nameOf } from '../recording/judge.ts';
import { rolesOf, type Statement } from '../recording/statements.ts';
import type { TakenAway } from '../recording/taken-away.ts';
import { type Played, playAll, type Recorded } from './permissions.ts';
import { playedPipeline } from './played-pipeline.ts';
import { scenariosOf } from './scenarios.ts';
import { type RecordingOptions, type UnderRoles, underRoles } from './under-roles.ts';

/** Its recording was made before any statement was taken away. */
export interface Mutated extends Recorded {
  /** For each statement that a scenario needs: what failed without it. */
  taken: TakenAway[];
  /** Statements without which nothing failed, or something failed for another reason. */
  faults: string[];
}

/**
 * Takes each statement of each deployed role away in turn, plays scenarios that need it until one fails, fastest first, and puts it back.
 * Skips statements in `known` that have not changed. In the end all scenarios are played again.
 */
export const takeEachAway = (options: RecordingOptions, known: readonly TakenAway[]): Promise<Mutated> =>
  underRoles(options, async (here) => {
    const { tell } = options;
    const pipeline = playedPipeline(here);
    const scenarios = scenariosOf(pipeline);
    const played = await playAll(here, scenarios, tell);
    const calls = await here.calls();
    const policies = await policiesOf(here);
    const mutated: Mutated = { calls, templates: here.templates, taken: [], faults: [] };
    for (const statement of rolesOf(here.templates).flatMap(({ statements }) => statements)) {
      const policy = policies.get(statement.role)!;
      const needing = played
        .filter(({ needs }) => needs.has(nameOf(statement)))
        .sort((a, b) => Math.round(a.seconds) - Math.round(b.seconds));
      if (needing.length === 0) continue;
      const before = known.find(({ role, digest }) => role === statement.role && digest === statement.digest);
      if (before !== undefined) {
        mutated.taken.push(before);
        continue;
      }
      const found = await policy.without(statement.number, () => firstToFail(here, statement, needing));
      await pipeline.heal();
      tell(`without ${nameOf(statement)}: ${found.summary}`);
      if ('taken' in found) mutated.taken.push(found.taken);
      else mutated.faults.push(`without ${nameOf(statement)} (${statement.actions.join(', ')}) ${found.summary}`);
    }
    await playAll(here, scenarios, (line) => tell(`once more: ${line}`));
    return mutated;
  });

async function firstToFail(
  here: UnderRoles,
  statement: Statement,
  needing: readonly Played[],
): Promise<{ taken: TakenAway; summary: string } | { summary: string }> {
  const { role, actions, resources, digest } = statement;
  const physical = rolesOf(here.templates).find(({ name }) => name === role)!.physical;
  for (const { scenario } of needing) {
    const mark = await here.mark();
    const failure = await scenario.play().then(
      () => undefined,
      (error: Error) => error.message,
    );
    if (failure === undefined) continue;
    const calls = await here.calls(mark);
    const denied = calls.filter((call) => !call.allowed && call.role.startsWith(physical));
    const refused = [...new Set(denied.map(({ action }) => action))]
      .filter((action) => actions.includes(action))
      .sort();
    if (refused.length === 0) return { summary: `"${scenario.name}" fails for another reason: ${failure}` };
    const taken = { role, actions, resources, digest, scenario: scenario.name, refused };
    return { taken, summary: `"${scenario.name}" fails, ${refused.join(', ')} refused: ${failure.slice(0, 160)}` };
  }
  return { summary: `nothing fails: ${needing.map(({ scenario }) => `"${scenario.name}"`).join(', ')} succeed` };
}

interface DeployedPolicy {
  /** Runs an action while the policy lacks one statement. */
  without<T>(number: number, action: () => Promise<T>): Promise<T>;
}

/** The deployed policies of our roles, by the roles' short names. */
async function policiesOf({ templates }: UnderRoles): Promise<Map<string, DeployedPolicy>> {
  const iam = new IAMClient({ region: recorded.region });
  const names: string[] = [];
  for await (const { Roles = [] } of paginateListRoles({ client: iam }, {}))
    names.push(...Roles.map(({ RoleName }) => RoleName!));
  const found = rolesOf(templates).map(async ({ name, physical }) => {
    const RoleName = names.find((one) => one.startsWith(physical));
    if (RoleName === undefined) throw new Error(`the account has no role ${physical}`);
    const { AttachedPolicies } = await iam.send(new ListAttachedRolePoliciesCommand({ RoleName }));
    const PolicyArn = AttachedPolicies![0]!.PolicyArn!;
    const VersionId = (await iam.send(new GetPolicyCommand({ PolicyArn }))).Policy!.DefaultVersionId!;
    const { PolicyVersion } = await iam.send(new GetPolicyVersionCommand({ PolicyArn, VersionId }));
    const document = JSON.parse(documentText(PolicyVersion!.Document!)) as { Statement: unknown[] };
    const write = async (Statement: unknown[]) => {
      const PolicyDocument = JSON.stringify({ ...document, Statement });
      await iam.send(new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument, SetAsDefault: true }));
      // A policy can have five versions at most, so delete the old ones.
      const { Versions = [] } = await iam.send(new ListPolicyVersionsCommand({ PolicyArn }));
      for (const { VersionId: old, IsDefaultVersion: isDefault } of Versions)
        if (!isDefault) await iam.send(new DeletePolicyVersionCommand({ PolicyArn, VersionId: old! }));
    };
    const policy: DeployedPolicy = {
      without: async (number, action) => {
        await write(document.Statement.toSpliced(number, 1));
        try {
          return await action();
        } finally {
          await write(document.Statement);
        }
      },
    };
    return [name, policy] as const;
  });
  return new Map(await Promise.all(found));
}

/** IAM returns a document URL-encoded, the emulator as plain JSON. */
const documentText = (text: string): string => (text.startsWith('%7B') ? decodeURIComponent(text) : text);
