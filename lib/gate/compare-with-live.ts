import type { Compared, Dossier } from '../documents/model.ts';
import type { Finding } from '../learning/findings.ts';
import { objectiveOf } from '../learning/learning.ts';
import type { Gate } from '../plan/schema.ts';
import { counted } from '../words.ts';

/** Compares the candidate with the live version: both scored the same rows, which neither learned from. */

export interface LiveComparison {
  finding: Finding;
  /** Set if the two could be compared. */
  compared?: Compared;
}

/** `live` is the version that the candidate would replace. */
export function compareWithLive(live: number, dossier: Dossier, rule: NonNullable<Gate['live']>): LiveComparison {
  const { comparisons } = dossier;
  const found = comparisons?.find(({ against }) => against === live);
  if (found === undefined) {
    // An older engine compared nothing; a newer one compared with the version that was live when it started.
    if (comparisons === undefined) return uncompared(rule, live, 'an older engine trained it');
    const text = `v${live} became live while this version was trained, so it was not compared with it`;
    return { finding: { met: rule === 'ignored', text } };
  }
  if ('why_not' in found) return uncompared(rule, live, found.why_not);
  const [low, high] = found.interval;
  if (found.same_scores === true) {
    const text = `no better than v${live}: the same score for each of the same ${counted(found.rows, 'row')}`;
    return { finding: { met: rule !== 'better', text }, compared: found };
  }
  const met = rule === 'ignored' || (rule === 'better' ? low > 0 : high >= 0);
  return { finding: { met, text: `${relation(low, high, live)} ${figuresOf(dossier, found)}` }, compared: found };
}

/** Without a comparison, a candidate passes `not-worse` but not `better`. */
const uncompared = (rule: NonNullable<Gate['live']>, live: number, why: string): LiveComparison => ({
  finding: { met: rule !== 'better', text: `not compared with v${live}: ${why}` },
});

function relation(low: number, high: number, live: number): string {
  if (high < 0) return `worse than v${live}`;
  return low > 0 ? `better than v${live}` : `not shown to be worse than v${live}`;
}

const signed = (value: number) => `${value < 0 ? '-' : '+'}${Math.abs(value).toFixed(4)}`;

/** `on the same 1,409 rows: R² 0.8098 against 0.8412, a difference of -0.0314 (95 % interval -0.0452 to -0.0187)`. */
export function figuresOf(candidate: Dossier, compared: Compared): string {
  const { label, in: figureIn } = objectiveOf(candidate).judgedBy;
  const { rows, metrics, difference, interval } = compared;
  const [low, high] = interval;
  const both = `${label} ${figureIn(compared).toFixed(4)} against ${figureIn(metrics).toFixed(4)}`;
  const range = `95 % interval ${signed(low)} to ${signed(high)}`;
  return `on the same ${counted(rows, 'row')}: ${both}, a difference of ${signed(difference)} (${range})`;
}
