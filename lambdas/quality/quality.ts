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
}

export interface QualityPorts {
  /** Hold-out AUC of a candidate, from its dossier. */
  auc(model: string, version: number): Promise<number>;
  /** The promotion log is append-only: its last entry is what is live. */
  live(model: string): Promise<Promotion | undefined>;
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

/** Promotes a candidate that meets its gate. Asked again of the same version, it gives the same answer and promotes once. */
export async function judge(request: QualityRequest, ports: QualityPorts): Promise<Verdict> {
  const { model, version, gate, run } = request;
  const auc = await ports.auc(model, version);
  const live = await ports.live(model);
  const asked = `at least ${gate.auc} is asked`;
  if (auc < gate.auc) {
    const reason = `AUC ${auc.toFixed(4)} on the hold-out, ${asked}`;
    return { model, version, verdict: 'hold', reason, auc, usable: live !== undefined };
  }
  const replaces = live !== undefined && live.version !== version;
  if (live?.version !== version) await ports.promote(model, { version, run, at: ports.now().toISOString(), auc });
  const reason = `AUC ${auc.toFixed(4)}, ${asked}`;
  return { model, version, verdict: 'promote', reason, auc, ...(replaces && { before: live.auc }), usable: true };
}
