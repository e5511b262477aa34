import type { Issue } from '../errors.ts';
import type { Verdict } from './gate.ts';

/** MR407, the end of a run whose candidate the gate holds. `look` says where the candidate's figures are. */
export function heldIssue(
  cause: string,
  verdicts: readonly Pick<Verdict, 'verdict' | 'usable'>[],
  look: string,
): Issue {
  const held = verdicts.filter(({ verdict }) => verdict === 'hold');
  // The first version ever has none before it.
  const nothingLive = held.length > 0 && held.every(({ usable }) => !usable);
  const live = nothingLive
    ? 'no version is live, so no row is scored'
    : 'the version that was live before still scores';
  return { code: 'MR407', path: 'quality gate', message: `held: ${cause}`, hint: `${look}: ${live}` };
}
