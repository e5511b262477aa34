import type { WorkOrder } from '../documents/work-order.ts';
import { MillraceError } from '../errors.ts';
import type { Gate, Plan } from '../plan/schema.ts';
import { learns } from '../plan/task-kinds.ts';
import { retryOnConflict } from './contention.ts';
import { decided, type Peeked, type PeekRequest, recovered } from './peek.ts';
import type { BookmarkPorts } from './ports.ts';

export interface ClaimRequest extends PeekRequest {
  run: string;
  /** Identifies the process or execution that holds the claim, so that others can check whether it is alive. */
  holder: string;
}

/** The result for the state machine. It is small for any number of inputs, because these are in the work order. */
export interface Claimed {
  run: string;
  /** Grows with every claim. 0 if there is nothing to do, so nothing is claimed. */
  token: number;
  /** URI of the work order; empty if there is none. */
  work: string;
  /** Stages with work, in order. */
  stages: string[];
  /** Candidates for the gate to judge. */
  trains: { model: string; version: number; gate: Gate }[];
  /** When the newest input of any source was written, ISO 8601, if the storage provides it. */
  newestInput?: string;
}

/**
 * Claims the pipeline and all pending work for one run. First settles a claim whose holder is gone, from the outcomes that its tasks
 * reported. A repeated call by the same run gives the same result. Throws MR504 while another holder works, MR755 if the result is too
 * large for a payload.
 */
export async function claim(
  request: ClaimRequest,
  ports: BookmarkPorts,
): Promise<{ claimed: Claimed; peeked: Peeked }> {
  return retryOnConflict(async () => {
    const { state, changed } = await recovered(request.pipeline, ports, request);
    const peeked = await decided(state, request, ports);
    const { decisions, plan } = peeked;
    const newest = peeked.newestInput !== undefined && { newestInput: peeked.newestInput };
    if (state.claim?.run === request.run) {
      const order = await ports.order(request.run);
      if (order !== undefined) {
        return { claimed: { ...claimedOf(plan, order, await ports.writeOrder(order)), ...newest }, peeked };
      }
    }
    if (decisions.items.length === 0) {
      if (changed) await ports.store.save(peeked.state);
      return { claimed: { run: request.run, token: 0, work: '', stages: [], trains: [], ...newest }, peeked };
    }
    if (decisions.drops.length > 0) throw new MillraceError(decisions.drops);
    const startedAt = ports.now().toISOString();
    const order: WorkOrder = {
      format: 'millrace-work',
      version: 1,
      run: request.run,
      pipeline: plan.pipeline,
      sequence: peeked.state.sequence + 1,
      startedAt,
      parameters: { ...peeked.parameters },
      items: decisions.items,
      skipped: decisions.skipped,
      ...(peeked.warnings.length > 0 && { warnings: peeked.warnings }),
    };
    // The work order first: a claim without one could not be settled.
    const work = await ports.writeOrder(order);
    const claimed = { ...claimedOf(plan, order, work), ...newest };
    const bytes = Buffer.byteLength(JSON.stringify(claimed));
    if (bytes > mostClaimedBytes) throw tooLarge(plan, bytes);
    const inDoubt = { ...peeked.state.inDoubt };
    const tried = { ...peeked.state.tried };
    for (const { task, files, fingerprint, forced = false } of decisions.items) {
      inDoubt[task] = [...new Set([...(inDoubt[task] ?? []), ...(files ?? []).map((file) => file.path)])];
      tried[task] = { fingerprint, forced };
    }
    await ports.store.save({
      ...peeked.state,
      sequence: order.sequence,
      lastRun: request.run,
      inDoubt,
      tried,
      claim: { run: request.run, token: order.sequence, holder: request.holder, at: startedAt },
    });
    return { claimed, peeked };
  });
}

function claimedOf(plan: Plan, order: WorkOrder, work: string): Claimed {
  const found = order.items.map((item) => ({ ...item, planned: plan.tasks.find((task) => task.name === item.task)! }));
  return {
    run: order.run,
    token: order.sequence,
    work,
    stages: [...new Set(found.map(({ planned }) => planned.stage))],
    trains: found.flatMap(({ planned, modelVersion }) =>
      learns(planned) ? [{ model: planned.model, version: modelVersion!, gate: planned.gate }] : [],
    ),
  };
}

/** A Step Functions payload is limited to 262,144 bytes, and this one is merged with the input of the execution. */
const mostClaimedBytes = 200_000;

function tooLarge(plan: Plan, bytes: number): MillraceError {
  const message = `the claim has ${bytes} bytes; the limit is ${mostClaimedBytes}: too many stages and models`;
  const hint = 'split the pipeline in two; only the numbers of stages and models count';
  return new MillraceError([{ code: 'MR755', path: plan.pipeline, message, hint }]);
}
