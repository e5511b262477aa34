import type { Call } from '../recording/calls.ts';
import { judge, nameOf } from '../recording/judge.ts';
import { rolesOf, type Templates } from '../recording/statements.ts';
import { playedPipeline } from './played-pipeline.ts';
import type { Scenario } from './scenarios/scenario.ts';
import { scenariosOf } from './scenarios.ts';
import { type RecordingOptions, type UnderRoles, underRoles } from './under-roles.ts';

/** The calls made while scenarios were played under the roles, and the templates that define those roles. */
export interface Recorded {
  calls: Call[];
  templates: Templates;
}

/** A scenario that was played and succeeded. */
export interface Played {
  scenario: Scenario;
  seconds: number;
  /** The statements, such as `Trigger 0`, without which one of its calls would have been refused. */
  needs: ReadonlySet<string>;
}

/** Plays every scenario with IAM enforced. Throws if a scenario fails, for example because a role lacks a permission. */
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
    const tested = statements.filter(({ role }) => scenario.roles.includes(role)).map(nameOf);
    played.push({ scenario, seconds, needs: new Set(tested.filter((name) => needed.has(name))) });
    tell(`${scenario.name} (${seconds.toFixed(1)} s)`);
  }
  const known = rolesOf(here.templates).map(({ name }) => name);
  const unknown = scenarios.flatMap(({ roles }) => roles).filter((role) => !known.includes(role));
  if (unknown.length > 0) throw new Error(`no template has a role ${unknown.join(', ')}`);
  return played;
}
