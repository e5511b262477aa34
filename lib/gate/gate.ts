/** The quality gate: may this candidate be promoted? A held candidate is an answer, not an error: the state machine branches on it. */

import type { Compared, Dossier, Review } from '../documents/model.ts';
import { leakText } from '../learning/findings.ts';
import { objectiveOf, type PublishedFigure } from '../learning/learning.ts';
import type { Gate } from '../plan/schema.ts';
import { compareWithLive, type LiveComparison } from './compare-with-live.ts';
import { findingsOf } from './findings.ts';
import { judgedBy } from './judged.ts';
import type { Promotion, QualityPorts } from './ports.ts';
import { driftPhrase, type RowDrift, rowDrift } from './row-drift.ts';
import { knownDossier, twinRolledBack } from './twins.ts';

export interface QualityRequest {
  pipeline: string;
  model: string;
  version: number;
  run: string;
  gate: Gate;
}

/** The comparison with the version that a candidate would replace. */
export type ComparisonFigures = WithoutMetrics<Compared>;

type WithoutMetrics<Each> = Each extends unknown ? Omit<Each, 'metrics' | 'same_scores'> : never;

export interface Verdict {
  model: string;
  version: number;
  /** `keep`: there is no candidate because there was nothing new to learn, or it gives the same scores as the live version, which stays live. */
  verdict: 'promote' | 'hold' | 'keep';
  reason: string;
  /** The metric that judges versions, by its name in documents, and its value on the candidate's hold-out. */
  metric: string;
  value: number;
  /** The value of the replaced version; on the same rows if the two were compared. */
  before?: number;
  /** Set if the two were compared. */
  compared?: ComparisonFigures;
  /** Published figures of the candidate, by metric. */
  watched: Partial<Record<PublishedFigure, number>>;
  /** Drift from the rows that the previous version learned from; absent for a first version. */
  drift?: RowDrift;
  /** Features that explain the label alone, with the value of that metric that each reaches. */
  leaks?: NonNullable<Dossier['leaks']>;
  /** Whether any version is live after this verdict and can score. */
  usable: boolean;
}

/**
 * Promotes a candidate that passes its gate. A repeated call for the same candidate returns the same verdict and promotes only once. A
 * version that was rolled back is held and never promoted again, and so is one that learned from the same rows in the same way.
 */
export async function judge(request: QualityRequest, ports: QualityPorts): Promise<Verdict> {
  const { model, version, gate, run } = request;
  const log = await logOf(model, ports);
  const review = log.length === 0 ? undefined : await ports.review?.(model, run);
  if (review?.unchanged !== undefined) return nothingLearned(model, review, review.unchanged, log, ports);
  const dossier = await ports.dossier(model, version);
  const { judgedBy } = objectiveOf(dossier);
  const promoted = log.findIndex((entry) => isPromotionOf(entry, { version, run }));
  const before = promoted < 0 ? log.at(-1) : log[promoted - 1];
  const drift = before && rowDrift(await known(before.version, model, ports), review, dossier);
  const { leaks = [] } = dossier;
  const rule = gate.live ?? 'not-worse';
  const beside: LiveComparison | undefined = before && compareWithLive(before.version, dossier, rule);
  const measured = {
    model,
    version,
    ...measuredOf(dossier),
    ...(drift && { drift }),
    ...(leaks.length > 0 && { leaks }),
    ...(beside?.compared && { compared: withoutMetrics(beside.compared) }),
  };
  const leaking = leaks.map((leak) => `; ${leak.feature} ${leakText(judgedBy.label, judgedBy.in(leak))}`);
  const remarks = `${gate.leak === 'hold' ? '' : leaking.join('')}${driftPhrase(drift)}`;
  const findings = findingsOf(gate, dossier);
  const hold = (reason: string): Verdict => ({ ...measured, verdict: 'hold', reason, usable: log.length > 0 });

  const missed = findings.filter(({ met }) => !met);
  if (missed.length > 0) return hold(`${missed.map(({ text }) => text).join('; ')}${remarks}`);
  const back = promoted < 0 ? undefined : log.slice(promoted).find(({ rollback }) => rollback?.from === version);
  if (back?.rollback !== undefined) return hold(`rolled back to v${back.version} by ${back.rollback.transition}`);
  // A promoted version is not judged again by later comparisons.
  if (promoted < 0) {
    const twin = await twinRolledBack(dossier, request, log, ports);
    if (twin !== undefined) {
      return hold(`it learned from the same rows in the same way as v${twin}, which was rolled back${remarks}`);
    }
    if (beside?.finding.met === false) return hold(`${beside.finding.text}${remarks}`);
    if (beside?.compared?.same_scores === true && rule === 'not-worse') {
      return {
        ...measured,
        verdict: 'keep',
        reason: `${beside.finding.text}, so it stays live${remarks}`,
        usable: true,
      };
    }
  }
  const comparisons = (dossier.comparisons ?? []).flatMap((each) =>
    'difference' in each ? [{ against: each.against, difference: each.difference }] : [],
  );
  const { metric, value } = measured;
  const entry = { version, run, at: ports.now().toISOString(), metric, value };
  await ports.promote(model, log[promoted] ?? { ...entry, ...(comparisons.length > 0 && { compared: comparisons }) });
  const place = beside?.finding.text ?? 'the first version';
  const reason = `${[...findings.map(({ text }) => text), place].join('; ')}${remarks}`;
  // A version that predicted something else was judged by another metric.
  const valueBefore = before?.metric === metric ? before.value : undefined;
  const replaced = beside?.compared === undefined ? valueBefore : judgedBy.in(beside.compared.metrics);
  return { ...measured, verdict: 'promote', reason, ...(replaced !== undefined && { before: replaced }), usable: true };
}

const withoutMetrics = ({ metrics: _, same_scores: __, ...compared }: Compared): ComparisonFigures => compared;

/** The verdict on a training with nothing new to learn. It still reports the drift of new rows without a label. */
async function nothingLearned(
  model: string,
  review: Review,
  unchanged: string,
  log: readonly Promotion[],
  ports: QualityPorts,
): Promise<Verdict> {
  const live = await known(review.against, model, ports);
  const drift = rowDrift(live, review, undefined);
  return {
    model,
    version: review.against,
    verdict: 'keep',
    reason: `${unchanged}${driftPhrase(drift)}`,
    ...(live.dossier === undefined ? { ...lastKnown(review.against, log), watched: {} } : measuredOf(live.dossier)),
    ...(drift && { drift }),
    usable: true,
  };
}

/** The figures of a version for a verdict. */
const measuredOf = (dossier: Dossier): Pick<Verdict, 'metric' | 'value' | 'watched'> => ({
  ...judgedBy(dossier),
  watched: Object.fromEntries(objectiveOf(dossier).watched.map(({ metric, of }) => [metric, of(dossier)])),
});

/** The figures from the promotion log, for a version whose dossier is gone. */
function lastKnown(version: number, log: readonly Promotion[]): Pick<Verdict, 'metric' | 'value'> {
  const { metric, value } = log.findLast((entry) => entry.version === version) ?? log.at(-1)!;
  return { metric, value };
}

async function known(version: number, model: string, ports: QualityPorts) {
  return { version, dossier: await knownDossier(model, version, ports) };
}

/** Whether this entry is the promotion of this candidate. The version number alone may repeat after the bookmarks were lost. */
export const isPromotionOf = (entry: Promotion, { version, run }: Pick<Promotion, 'version' | 'run'>): boolean =>
  entry.rollback === undefined && entry.by === undefined && entry.version === version && entry.run === run;

async function logOf(model: string, ports: QualityPorts): Promise<readonly Promotion[]> {
  if (ports.history !== undefined) return ports.history(model);
  const live = await ports.live(model);
  return live === undefined ? [] : [live];
}
