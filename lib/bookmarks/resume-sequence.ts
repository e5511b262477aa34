import type { PipelineState } from '../documents/bookmark-state.ts';
import { workOrder } from '../documents/work-order.ts';

/** Number of newest runs to read. Run names sort by start, except names that were chosen by hand. */
const newestRuns = 200;

/** Access to work orders: the names of all runs, and the text of a run's work order, or undefined. */
export interface Orders {
  runs(): Promise<readonly string[]>;
  text(run: string): Promise<string | undefined>;
}

/**
 * If the bookmarks are new or were lost, the sequence number continues from the newest work orders of the pipeline. Otherwise a table
 * would mistake a later run with the same number for one that it already has, and leave its rows out.
 */
export async function resumeSequence(state: PipelineState, orders: Orders): Promise<PipelineState> {
  if (state.revision > 0) return state;
  const newest = [...(await orders.runs())].sort().slice(-newestRuns);
  const sequences = newest.map(async (run) => sequenceOf(await orders.text(run), state.pipeline));
  return { ...state, sequence: Math.max(state.sequence, ...(await Promise.all(sequences))) };
}

function sequenceOf(text: string | undefined, pipeline: string): number {
  if (text === undefined) return 0;
  try {
    const order = workOrder.parse(JSON.parse(text));
    return order.pipeline === pipeline ? order.sequence : 0;
  } catch {
    return 0; // not a valid work order, so no run used it
  }
}
