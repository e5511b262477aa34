import type { Setting } from './context.ts';
import { Aborted, StatesError } from './errors.ts';
import { newStop } from './stop.ts';

/** Runs an action that may take so many seconds; past them its signal is aborted and States.Timeout thrown. */
export async function within<T>(
  seconds: number | undefined,
  setting: Pick<Setting, 'ports' | 'signal'>,
  action: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  if (setting.signal.aborted) throw new Aborted('stopped');
  const own = newStop();
  const finished = new AbortController();
  const stop = () => own.abort(new Aborted('stopped'));
  setting.signal.addEventListener('abort', stop, { once: true });
  const stopped = new Promise<never>((_, reject) => {
    own.signal.addEventListener('abort', () => reject(own.signal.reason), { once: true });
  });
  stopped.catch(() => undefined);
  if (seconds !== undefined) {
    const late = new StatesError('States.Timeout', `not done within ${seconds} seconds`);
    const timer = setting.ports.clock.sleep(seconds * 1000, finished.signal);
    timer.then(() => finished.signal.aborted || own.abort(late)).catch(() => undefined);
  }
  try {
    return await Promise.race([action(own.signal), stopped]);
  } finally {
    finished.abort(new Aborted('finished'));
    setting.signal.removeEventListener('abort', stop);
  }
}
