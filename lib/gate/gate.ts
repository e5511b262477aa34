/** The gate between training and use: may this candidate serve? An answer, never an error: the state machine branches on it. */

import type { Compared, Dossier, Review } from '../documents/model.ts';
import { objectiveOf } from '../learning/learning.ts';
import type { Gate } from '../plan/schema.ts';
import { type BesideLive, besideLive } from './beside-live.ts';
import { judgedBy } from './judged.ts';
import { type Moves, movesSince, movesText } from './moves.ts';
import type { Promotion, QualityPorts } from './ports.ts';
import { knownDossier, twinRolledBack } from './twins.ts';

export interface QualityRequest {
  pipeline: string;
  model: string;
  version: number;
  run: string;
  gate: Gate;
}

/** The comparison with the version that a candidate would replace. */
export type Beside = Omit<Compared, 'metrics' | 'same_scores'>;

export interface Verdict {
  model: string;
  version: number;
  /** `keep`: there was nothing new to learn, so there is no candidate, or it scores as the live version does, which stays live. */
  verdict: 'promote' | 'hold' | 'keep';
  reason: string;
  /** The figure that versions are judged by, as `auc`, and the candidate's on its hold-out. */
  metric: string;
  value: number;
  /** That of the version that it replaces: on the same rows where the two were compared. */
  before?: number;
  /** There where the two were compared. */
  compared?: Beside;
  /** Figures that are published of a candidate, by metric. */
  watched: Record<string, number>;
  /** How far rows are from those that the version before learned from; absent for a first version. */
  drift?: Moves;
  /** Features that explain the label alone, with the AUC that each reaches. */
  leaks?: { feature: string; auc: number }[];
  /** Whether any version is live after this verdict, so that there is something to score with. */
  usable: boolean;
}

/**
 * Promotes a candidate that meets its gate. Asked again of the same candidate, it gives the same answer and promotes once; one that was
 * rolled back since is held and never promoted again, and so is another that learned from the same rows in the same way.
 */
export async function judge(request: QualityRequest, ports: QualityPorts): Promise<Verdict> {
  const { model, version, gate, run } = request;
  const log = await logOf(model, ports);
  const review = log.length === 0 ? undefined : await ports.review?.(model, run);
  if (review?.unchanged !== undefined) return kept(model, review, review.unchanged, log, ports);
  const dossier = await ports.dossier(model, version);
  const objective = objectiveOf(dossier);
  const promoted = log.findIndex((entry) => isPromotionOf(entry, { version, run }));
  const before = promoted < 0 ? log.at(-1) : log[promoted - 1];
  const drift = before && movesSince(await known(before.version, model, ports), review, dossier);
  const { leaks = [] } = dossier;
  const rule = gate.live ?? 'not-worse';
  const beside: BesideLive | undefined = before && besideLive(before.version, dossier, rule);
  const { metrics: its, same_scores: same, ...compared } = beside?.compared ?? {};
  const measured = {
    model,
    version,
    ...measuredOf(dossier),
    ...(drift && { drift }),
    ...(leaks.length > 0 && { leaks }),
    ...(its !== undefined && { compared: compared as Beside }),
  };
  const told = `${gate.leak === 'hold' ? '' : leaks.map((leak) => `; ${objective.leakText(leak)}`).join('')}${movesText(drift)}`;
  const asked = objective.findings(gate, dossier);
  const hold = (reason: string): Verdict => ({ ...measured, verdict: 'hold', reason, usable: log.length > 0 });

  const missed = asked.filter(({ met }) => !met);
  if (missed.length > 0) return hold(`${missed.map(({ text }) => text).join('; ')}${told}`);
  const back = promoted < 0 ? undefined : log.slice(promoted).find(({ rollback }) => rollback?.from === version);
  if (back?.rollback !== undefined) return hold(`rolled back to v${back.version} by ${back.rollback.transition}`);
  // What was promoted already is not judged anew by what came since.
  if (promoted < 0) {
    const twin = await twinRolledBack(dossier, request, log, ports);
    if (twin !== undefined) {
      return hold(`it learned from the same rows in the same way as v${twin}, which was rolled back${told}`);
    }
    if (beside?.finding.met === false) return hold(`${beside.finding.text}${told}`);
    if (same === true && rule === 'not-worse') {
      return { ...measured, verdict: 'keep', reason: `${beside!.finding.text}, so it stays live${told}`, usable: true };
    }
  }
  const comparisons = (dossier.comparisons ?? []).flatMap((each) =>
    'difference' in each ? [{ against: each.against, difference: each.difference }] : [],
  );
  const { metric, value } = measured;
  const entry = { version, run, at: ports.now().toISOString(), metric, value };
  await ports.promote(model, log[promoted] ?? { ...entry, ...(comparisons.length > 0 && { compared: comparisons }) });
  const place = beside?.finding.text ?? 'the first version';
  const reason = `${[...asked.map(({ text }) => text), place].join('; ')}${told}`;
  const replaced = its?.[objective.judgedBy.metric] ?? before?.value;
  return { ...measured, verdict: 'promote', reason, ...(replaced !== undefined && { before: replaced }), usable: true };
}

/** What is said of a training that had nothing new to learn; drift of new rows without a label is told all the same. */
async function kept(
  model: string,
  review: Review,
  unchanged: string,
  log: readonly Promotion[],
  ports: QualityPorts,
): Promise<Verdict> {
  const live = await known(review.against, model, ports);
  const drift = movesSince(live, review, undefined);
  return {
    model,
    version: review.against,
    verdict: 'keep',
    reason: `${unchanged}${movesText(drift)}`,
    ...(live.dossier === undefined ? { ...lastKnown(review.against, log), watched: {} } : measuredOf(live.dossier)),
    ...(drift && { drift }),
    usable: true,
  };
}

/** What a verdict says of a version's figures. */
const measuredOf = (dossier: Dossier): Pick<Verdict, 'metric' | 'value' | 'watched'> => ({
  ...judgedBy(dossier),
  watched: Object.fromEntries(objectiveOf(dossier).watched.map(({ metric, of }) => [metric, of(dossier)])),
});

/** What the log remembers of a version whose dossier is gone. */
function lastKnown(version: number, log: readonly Promotion[]): Pick<Verdict, 'metric' | 'value'> {
  const { metric, value } = log.findLast((entry) => entry.version === version) ?? log.at(-1)!;
  return { metric, value };
}

async function known(version: number, model: string, ports: QualityPorts) {
  return { version, dossier: await knownDossier(model, version, ports) };
}

/** Whether the gate promoted this candidate then. A version's number alone may come again, after the bookmarks were lost. */
export const isPromotionOf = (entry: Promotion, { version, run }: Pick<Promotion, 'version' | 'run'>): boolean =>
  entry.rollback === undefined && entry.by === undefined && entry.version === version && entry.run === run;

async function logOf(model: string, ports: QualityPorts): Promise<readonly Promotion[]> {
  if (ports.history !== undefined) return ports.history(model);
  const live = await ports.live(model);
  return live === undefined ? [] : [live];
}
