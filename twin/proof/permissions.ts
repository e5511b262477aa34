import type { Call } from '../recording/calls.ts';
import { judge, nameOf } from '../recording/judge.ts';
import { rolesOf, type Templates } from '../recording/statements.ts';
import { playedPipeline } from './played-pipeline.ts';
import type { Scenario } from './scenarios/scenario.ts';
import { scenariosOf } from './scenarios.ts';
import { type RecordingOptions, type UnderRoles, underRoles } from './under-roles.ts';

/** What was called while scenarios were played under the roles, and the templates that those roles came from. */
export interface Recorded {
  calls: Call[];
  templates: Templates;
}

/** A scenario that was played and ended well. */
export interface Played {
  scenario: Scenario;
  seconds: number;
  /** Statements, as `Trigger 0`, without which a call of it would have been refused. */
  needs: ReadonlySet<string>;
}

/** Plays every scenario while IAM is enforced. Throws where one does not end well, as it does where a role lacks what it needs. */
export const recordPermissions = (options: RecordingOptions): Promise<Recorded> =>
  underRoles(options, async (here) => {
    await playAll(here, scenariosOf(playedPipeline(here)), options.tell);
    return { calls: await here.calls(), templates: here.templates };
  });

/** Plays scenarios one after the other. */
export async function playAll(
  here: UnderRoles,
  scenarios: readonly Scenario[],
  tell: (line: string) => void,
): Promise<Played[]> {
  const played: Played[] = [];
  for (const scenario of scenarios) {
    const mark = await here.mark();
    const started = Date.now();
    await scenario.play().catch((error: Error) => {
      throw new Error(`${scenario.name}: ${error.message}`, { cause: error });
    });
    const seconds = (Date.now() - started) / 1000;
    const { needed, statements } = judge(await here.calls(mark), here.templates);
    const own = statements.filter(({ role }) => scenario.roles.includes(role)).map(nameOf);
    played.push({ scenario, seconds, needs: new Set(own.filter((name) => needed.has(name))) });
    tell(`${scenario.name} (${seconds.toFixed(1)} s)`);
  }
  const known = rolesOf(here.templates).map(({ name }) => name);
  const strange = scenarios.flatMap(({ roles }) => roles).filter((role) => !known.includes(role));
  if (strange.length > 0) throw new Error(`no template has a role ${strange.join(', ')}`);
  return played;
}
