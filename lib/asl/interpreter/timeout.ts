import { setMaxListeners } from 'node:events';
import type { ExecutionContext } from './context.ts';
import { Aborted, StatesError } from './errors.ts';

/** Runs an action with a timeout in seconds; after it, aborts the action's signal and throws States.Timeout. */
export async function withTimeout<T>(
  seconds: number | undefined,
  execution: Pick<ExecutionContext, 'ports' | 'signal'>,
  action: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  if (execution.signal.aborted) throw new Aborted('stopped');
  const inner = newStop();
  const finished = new AbortController();
  const stop = () => inner.abort(new Aborted('stopped'));
  execution.signal.addEventListener('abort', stop, { once: true });
  const stopped = new Promise<never>((_, reject) => {
    inner.signal.addEventListener('abort', () => reject(inner.signal.reason), { once: true });
  });
  stopped.catch(() => undefined);
  if (seconds !== undefined) {
    const late = new StatesError('States.Timeout', `not done within ${seconds} seconds`);
    const timer = execution.ports.clock.sleep(seconds * 1000, finished.signal);
    timer.then(() => finished.signal.aborted || inner.abort(late)).catch(() => undefined);
  }
  try {
    return await Promise.race([action(inner.signal), stopped]);
  } finally {
    finished.abort(new Aborted('finished'));
    execution.signal.removeEventListener('abort', stop);
  }
}

/** A controller whose signal many states can listen to, without Node's warning about a leak. */
export function newStop(): AbortController {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  return controller;
}
