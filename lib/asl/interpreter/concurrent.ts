import type { Json } from '../machine.ts';
import type { ExecutionContext } from './context.ts';
import { Scope } from './context.ts';
import { Aborted, asStatesError } from './errors.ts';
import { newStop } from './timeout.ts';

/** The number of jobs, the concurrency limit, and the handling of failures. */
export interface Jobs {
  count: number;
  limit: number;
  /** The failure of the whole state because of this failure; undefined to continue without that job. */
  verdict(failure: unknown, failed: number): unknown;
}

/** Runs jobs, each in its own scope. Returns the results in order, without failed jobs. The first verdict stops the others. */
export async function runConcurrently(
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
        // After the first failure, the others only report that they were stopped.
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
