import type { Issue } from '../errors.ts';
import type { Verdict } from './gate.ts';

/** MR407 for a run whose candidate the gate holds. `look` says where to find the candidate's figures. */
export function heldIssue(
  cause: string,
  verdicts: readonly Pick<Verdict, 'verdict' | 'usable'>[],
  look: string,
): Issue {
  const held = verdicts.filter(({ verdict }) => verdict === 'hold');
  // Before the first promotion, no version is live.
  const nothingLive = held.length > 0 && held.every(({ usable }) => !usable);
  const live = nothingLive ? 'no version is live, so no rows are scored' : 'the live version still scores';
  return { code: 'MR407', path: 'quality gate', message: `held: ${cause}`, hint: `${look}: ${live}` };
}
