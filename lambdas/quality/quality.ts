/** The gate between training and use: may this candidate serve? An answer, never an error: the state machine branches on it. */

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
  /** Hold-out AUC of a candidate, from its dossier. */
  auc(model: string, version: number): Promise<number>;
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
  /** Whether any version is live after this verdict, so that there is something to score with. */
  usable: boolean;
}

/**
 * Promotes a candidate that meets its gate. Asked again of the same candidate, it gives the same answer and promotes once; one that was
 * rolled back since is held, and never promoted again.
 */
export async function judge(request: QualityRequest, ports: QualityPorts): Promise<Verdict> {
  const { model, version, gate, run } = request;
  const auc = await ports.auc(model, version);
  const log = await logOf(model, ports);
  const live = log.at(-1);
  const asked = `at least ${gate.auc} is asked`;
  if (auc < gate.auc) {
    const reason = `AUC ${auc.toFixed(4)} on the hold-out, ${asked}`;
    return { model, version, verdict: 'hold', reason, auc, usable: live !== undefined };
  }
  const promoted = log.findIndex((entry) => isPromotionOf(entry, { version, run }));
  const back = promoted < 0 ? undefined : log.slice(promoted).find(({ rollback }) => rollback?.from === version);
  if (back?.rollback !== undefined) {
    const reason = `rolled back to v${back.version} by ${back.rollback.transition}`;
    return { model, version, verdict: 'hold', reason, auc, usable: true };
  }
  if (promoted < 0) await ports.promote(model, { version, run, at: ports.now().toISOString(), auc });
  const before = promoted < 0 ? live : log[promoted - 1];
  const reason = `AUC ${auc.toFixed(4)}, ${asked}`;
  return { model, version, verdict: 'promote', reason, auc, ...(before && { before: before.auc }), usable: true };
}

/** Whether the gate promoted this candidate then. A version's number alone may come again, after the ledger was lost. */
export const isPromotionOf = (entry: Promotion, { version, run }: Pick<Promotion, 'version' | 'run'>): boolean =>
  entry.rollback === undefined && entry.version === version && entry.run === run;

async function logOf(model: string, ports: QualityPorts): Promise<readonly Promotion[]> {
  if (ports.history !== undefined) return ports.history(model);
  const live = await ports.live(model);
  return live === undefined ? [] : [live];
}
