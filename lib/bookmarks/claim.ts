import type { WorkOrder } from '../documents/work-order.ts';
import { MillraceError } from '../errors.ts';
import type { Gate, Plan } from '../plan/schema.ts';
import { again } from './contention.ts';
import { decided, type Peeked, type PeekRequest, recovered } from './peek.ts';
import type { BookmarkPorts } from './ports.ts';

export interface ClaimRequest extends PeekRequest {
  run: string;
  /** Names who works under the claim, so that it can be found out whether they still do. */
  holder: string;
}

/** What the state machine goes on with; small whatever the number of inputs, which travel in the order. */
export interface Claimed {
  run: string;
  /** Grows with every claim. 0 where there is nothing to do, and so nothing is claimed. */
  token: number;
  /** URI of the work order; empty where there is none. */
  work: string;
  /** Stages with work, in order. */
  stages: string[];
  /** Candidates that the gate is to judge. */
  trains: { model: string; version: number; gate: Gate }[];
  /** When the newest input of any source was written, ISO 8601, where the place of the inputs tells. */
  newestInput?: string;
}

/**
 * Takes the pipeline and all that is to be done for one run. A claim whose holder is gone is settled first, by what its tasks
 * reported. Asked again by the same run, it gives the same answer. Throws MR504 while another holder works, MR755 for an answer that no
 * payload holds.
 */
export async function claim(
  request: ClaimRequest,
  ports: BookmarkPorts,
): Promise<{ claimed: Claimed; peeked: Peeked }> {
  return again(async () => {
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
    // The order first: a claim without one could not be settled.
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
  const found = order.items.map((item) => ({ ...item, of: plan.tasks.find((task) => task.name === item.task)! }));
  return {
    run: order.run,
    token: order.sequence,
    work,
    stages: [...new Set(found.map(({ of }) => of.stage))],
    trains: found.flatMap(({ of, modelVersion }) =>
      of.kind === 'train' ? [{ model: of.model, version: modelVersion!, gate: of.gate }] : [],
    ),
  };
}

/** A payload of Step Functions ends at 262,144 bytes, and this one is merged with the input of the execution. */
const mostClaimedBytes = 200_000;

function tooLarge(plan: Plan, bytes: number): MillraceError {
  const message = `the claim has ${bytes} bytes, of which Step Functions takes ${mostClaimedBytes}: too many stages and models`;
  const hint = 'make two pipelines of it: inputs and tasks do not count, stages and models do';
  return new MillraceError([{ code: 'MR755', path: plan.pipeline, message, hint }]);
}
