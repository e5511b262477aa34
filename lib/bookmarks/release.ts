import type { PipelineState } from '../documents/bookmark-state.ts';
import type { TaskOutcome } from '../documents/task-outcome.ts';
import { MillraceError } from '../errors.ts';
import { again } from './contention.ts';
import type { BookmarkPorts } from './ports.ts';
import { settled } from './settle.ts';

export interface SettleRequest {
  pipeline: string;
  run: string;
  token: number;
}

/** The run came to its end: what its tasks reported is done, and the pipeline is free. Done twice, it is done once. */
export const commit = (request: SettleRequest, ports: BookmarkPorts) => release(request, ports, true);

/** The run failed: what its tasks reported is done all the same, the rest stays in doubt, and the pipeline is free. */
export const abort = (request: SettleRequest, ports: BookmarkPorts) => release(request, ports, false);

/** What a run's tasks reported: their names, and how many of the rows that they read went to quarantine. */
export interface Settled {
  settled: string[];
  read: number;
  quarantined: number;
  /** Rows read of each source that the run took in. */
  sources: Record<string, number>;
}

async function release(request: SettleRequest, ports: BookmarkPorts, complete: boolean): Promise<Settled> {
  return again(async () => {
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
    sources: Object.fromEntries(outcomes.filter(({ kind }) => kind === 'ingest').map(({ task, read }) => [task, read])),
  };
}

function fenced(request: SettleRequest, state: PipelineState): MillraceError {
  const now = state.claim === undefined ? 'nobody' : `run ${state.claim.run} (token ${state.claim.token})`;
  const message = `run ${request.run} holds "${request.pipeline}" no more (token ${request.token}): ${now} does`;
  const hint = 'nothing is lost: the newer run takes up what this one left';
  return new MillraceError([{ code: 'MR514', path: request.pipeline, message, hint }]);
}
