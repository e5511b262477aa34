import type { PipelineState } from '../documents/bookmark-state.ts';
import type { TaskOutcome } from '../documents/task-outcome.ts';
import { MillraceError } from '../errors.ts';
import { fromSource } from '../plan/task-kinds.ts';
import { retryOnConflict } from './contention.ts';
import type { BookmarkPorts } from './ports.ts';
import { settled } from './settle.ts';

export interface SettleRequest {
  pipeline: string;
  run: string;
  token: number;
}

/** The run finished: records the reported outcomes and releases the pipeline. Idempotent. */
export const commit = (request: SettleRequest, ports: BookmarkPorts) => release(request, ports, true);

/** The run failed: records the reported outcomes, leaves the other tasks in doubt, and releases the pipeline. */
export const abort = (request: SettleRequest, ports: BookmarkPorts) => release(request, ports, false);

/** A summary of the reported outcomes: task names, rows read and rows quarantined. */
export interface Settled {
  settled: string[];
  read: number;
  quarantined: number;
  /** Source -> rows read by this run. */
  sources: Record<string, number>;
}

async function release(request: SettleRequest, ports: BookmarkPorts, complete: boolean): Promise<Settled> {
  return retryOnConflict(async () => {
    const state = await ports.store.load(request.pipeline);
    const outcomes = await ports.outcomes(request.run);
    const report = reportOf(outcomes);
    if (state.claim === undefined && state.sequence === request.token && state.lastRun === request.run) {
      return report;
    }
    if (state.claim?.token !== request.token || state.claim.run !== request.run) throw fenced(request, state);
    await ports.store.save(settled(state, await ports.order(request.run), outcomes, complete));
    return report;
  });
}

function reportOf(outcomes: readonly TaskOutcome[]): Settled {
  const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);
  return {
    settled: outcomes.map((outcome) => outcome.task),
    read: sum(outcomes.map((outcome) => outcome.read)),
    quarantined: sum(outcomes.flatMap((outcome) => Object.values(outcome.quarantined))),
    sources: Object.fromEntries(outcomes.filter(fromSource).map(({ task, read }) => [task, read])),
  };
}

function fenced(request: SettleRequest, state: PipelineState): MillraceError {
  const now = state.claim === undefined ? 'no run' : `run ${state.claim.run} (token ${state.claim.token})`;
  const message = `run ${request.run} (token ${request.token}) no longer holds "${request.pipeline}"; ${now} holds it`;
  const hint = 'nothing to do: the newer run finishes the work of this one';
  return new MillraceError([{ code: 'MR514', path: request.pipeline, message, hint }]);
}
