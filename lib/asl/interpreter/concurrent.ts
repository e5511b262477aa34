import type { Json } from '../machine.ts';
import type { ExecutionContext } from './context.ts';
import { Scope } from './context.ts';
import { Aborted, asStatesError } from './errors.ts';
import { newStop } from './timeout.ts';

/** How many jobs there are, how many of them run at once, and what becomes of one that fails. */
export interface Jobs {
  count: number;
  limit: number;
  /** What the whole fails with because of this failure; undefined where it goes on without that job. */
  verdict(failure: unknown, failed: number): unknown;
}

/** Runs jobs, each in a scope of its own, results in order and without the jobs that failed. The first verdict stops the others. */
export async function together(
  execution: ExecutionContext,
  { count, limit, verdict }: Jobs,
  job: (index: number, inner: ExecutionContext) => Promise<Json>,
): Promise<Json[]> {
  if (execution.signal.aborted) throw new Aborted('stopped');
  const siblings = newStop();
  const stop = () => siblings.abort(new Aborted('stopped'));
  execution.signal.addEventListener('abort', stop, { once: true });
  const results: (readonly [Json] | undefined)[] = new Array(count).fill(undefined);
  let next = 0;
  let failed = 0;
  let end: unknown;
  const worker = async () => {
    while (next < count && end === undefined) {
      const index = next++;
      try {
        const inner = { ...execution, scope: new Scope(execution.scope), signal: siblings.signal };
        results[index] = [await job(index, inner)];
      } catch (failure) {
        // Once one failure has ended the whole, the others only tell that they were stopped.
        if (end === undefined) end = failure instanceof Aborted ? failure : verdict(failure, ++failed);
        if (end !== undefined) stop();
      }
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(limit, count) }, worker));
  } finally {
    execution.signal.removeEventListener('abort', stop);
  }
  if (execution.signal.aborted) throw new Aborted('stopped');
  if (end !== undefined) throw end instanceof Aborted ? end : asStatesError(end);
  return results.flatMap((result) => result ?? []);
}
