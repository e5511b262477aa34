/** The gate between training and use: may this candidate serve? An answer, never an error: the state machine branches on it. */

import { MillraceError } from '../../lib/errors.ts';
import { calibrationError } from '../../lib/plan/calibration.ts';
import { driftThatMatters } from '../../lib/plan/metric-names.ts';
import type { Dossier } from '../../lib/plan/model-schema.ts';
import { driftBetween } from './drift.ts';

export interface QualityRequest {
  pipeline: string;
  model: string;
  version: number;
  run: string;
  /** The least hold-out AUC at which a candidate is promoted. */
  gate: { auc: number };
}

export interface Promotion {
  version: number;
  run: string;
  at: string;
  auc: number;
  /** Of a roll-back to this version: the version that was live and is not good, and the change of an alarm that asked for it. */
  rollback?: { from: number; transition: string };
}

export interface QualityPorts {
  /** Throws MillraceError where there is none, or one that is damaged. */
  dossier(model: string, version: number): Promise<Dossier>;
  /** The promotion log is append-only: its last entry is what is live. */
  live(model: string): Promise<Promotion | undefined>;
  /** All of the log, oldest first. Where nothing is ever rolled back, what is live is enough of it. */
  history?(model: string): Promise<readonly Promotion[]>;
  /** Appends to the log, unless it tells of this very promotion already. */
  promote(model: string, promotion: Promotion): Promise<void>;
  now(): Date;
}

export interface Verdict {
  model: string;
  version: number;
  verdict: 'promote' | 'hold';
  reason: string;
  /** Hold-out AUC of the candidate, and of the version that it replaces, where there is one. */
  auc: number;
  before?: number;
  /** Expected calibration error on the hold-out, 0 to 1. */
  calibration: number;
  /** How far the candidate's rows are from those that the version before it learned from; absent for a first version. */
  drift?: Moves;
  /** Whether any version is live after this verdict, so that there is something to score with. */
  usable: boolean;
}

export interface Moves {
  /** The version that the candidate is compared with. */
  against: number;
  /** The features that moved most, the greatest population stability index first, ten at most. */
  features: { feature: string; psi: number }[];
  /** Stability index of the scores on the hold-out. */
  scores: number;
}

/** More are seldom looked at, and a verdict travels in the state of the run. */
const mostFeatures = 10;

/**
 * Promotes a candidate that meets its gate. Asked again of the same candidate, it gives the same answer and promotes once; one that was
 * rolled back since is held, and never promoted again.
 */
export async function judge(request: QualityRequest, ports: QualityPorts): Promise<Verdict> {
  const { model, version, gate, run } = request;
  const dossier = await ports.dossier(model, version);
  const { auc } = dossier.metrics;
  const log = await logOf(model, ports);
  const promoted = log.findIndex((entry) => isPromotionOf(entry, { version, run }));
  const before = promoted < 0 ? log.at(-1) : log[promoted - 1];
  const drift = before && (await moves(dossier, before.version, model, ports));
  const measured = { model, version, auc, calibration: calibrationError(dossier.calibration), ...(drift && { drift }) };
  const asked = `at least ${gate.auc} is asked`;
  if (auc < gate.auc) {
    const reason = `AUC ${auc.toFixed(4)} on the hold-out, ${asked}${told(drift)}`;
    return { ...measured, verdict: 'hold', reason, usable: log.length > 0 };
  }
  const back = promoted < 0 ? undefined : log.slice(promoted).find(({ rollback }) => rollback?.from === version);
  if (back?.rollback !== undefined) {
    const reason = `rolled back to v${back.version} by ${back.rollback.transition}`;
    return { ...measured, verdict: 'hold', reason, usable: true };
  }
  await ports.promote(model, log[promoted] ?? { version, run, at: ports.now().toISOString(), auc });
  const reason = `AUC ${auc.toFixed(4)}, ${asked}${told(drift)}`;
  return { ...measured, verdict: 'promote', reason, ...(before && { before: before.auc }), usable: true };
}

/** What a person should know of a drift, as the end of a reason. */
function told(drift: Moves | undefined): string {
  const [most] = drift?.features ?? [];
  if (drift === undefined || most === undefined || most.psi < driftThatMatters) return '';
  return `; ${most.feature} has drifted since v${drift.against} (PSI ${most.psi.toFixed(2)})`;
}

/** Whether the gate promoted this candidate then. A version's number alone may come again, after the ledger was lost. */
export const isPromotionOf = (entry: Promotion, { version, run }: Pick<Promotion, 'version' | 'run'>): boolean =>
  entry.rollback === undefined && entry.version === version && entry.run === run;

async function logOf(model: string, ports: QualityPorts): Promise<readonly Promotion[]> {
  if (ports.history !== undefined) return ports.history(model);
  const live = await ports.live(model);
  return live === undefined ? [] : [live];
}

/** Undefined where either dossier has no distribution, or that of the version before is gone: a candidate is not held for that. */
async function moves(
  { distribution }: Dossier,
  against: number,
  model: string,
  ports: QualityPorts,
): Promise<Moves | undefined> {
  const before = await ports.dossier(model, against).catch((error: unknown) => {
    if (error instanceof MillraceError) return undefined;
    throw error;
  });
  if (distribution === undefined || before?.distribution === undefined) return undefined;
  const { features, scores } = driftBetween(before.distribution, distribution);
  return { against, features: features.slice(0, mostFeatures), scores };
}
