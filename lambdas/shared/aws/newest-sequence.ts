import { workOrder } from '../../../lib/plan/work-order.ts';
import { getObject, listFolders } from './objects.ts';

/** Names of runs sort in the order of the runs, but for those that somebody named by hand. */
const looked = 200;

/**
 * The greatest sequence number among the newest work orders of a pipeline, 0 where there are none. A ledger that starts anew has to
 * go on from it: a table that knows a run's transaction takes a later run under the same number for the same one, and leaves its
 * rows out.
 */
export async function newestSequence(lake: string, pipeline: string): Promise<number> {
  const folders = (await listFolders({ bucket: lake, key: 'runs/' })).slice(-looked);
  const sequences = await Promise.all(folders.map((key) => sequenceOf(lake, `${key}work.json`, pipeline)));
  return Math.max(0, ...sequences);
}

async function sequenceOf(bucket: string, key: string, pipeline: string): Promise<number> {
  const bytes = await getObject({ bucket, key });
  if (bytes === undefined) return 0;
  try {
    const order = workOrder.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
    return order.pipeline === pipeline ? order.sequence : 0;
  } catch {
    return 0; // not an order of ours, so no run worked by it
  }
}
