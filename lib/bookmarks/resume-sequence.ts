import type { PipelineState } from '../documents/bookmark-state.ts';
import { workOrder } from '../documents/work-order.ts';

/** Names of runs sort in the order of the runs, but for those that somebody named by hand. */
const looked = 200;

/** Where work orders lie: the names of all runs, and the text of a run's order, undefined where it has none. */
export interface Orders {
  runs(): Promise<readonly string[]>;
  text(run: string): Promise<string | undefined>;
}

/**
 * The state with a sequence number that goes on from the newest work orders of its pipeline, where the bookmarks are new or were lost. A
 * table that knows a run's transaction takes a later run under the same number for the same one, and leaves its rows out.
 */
export async function countedOn(state: PipelineState, orders: Orders): Promise<PipelineState> {
  if (state.revision > 0) return state;
  const newest = [...(await orders.runs())].sort().slice(-looked);
  const sequences = newest.map(async (run) => sequenceOf(await orders.text(run), state.pipeline));
  return { ...state, sequence: Math.max(state.sequence, ...(await Promise.all(sequences))) };
}

function sequenceOf(text: string | undefined, pipeline: string): number {
  if (text === undefined) return 0;
  try {
    const order = workOrder.parse(JSON.parse(text));
    return order.pipeline === pipeline ? order.sequence : 0;
  } catch {
    return 0; // not an order of ours, so no run worked by it
  }
}
