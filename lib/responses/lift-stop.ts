import * as z from 'zod/mini';
import { MillraceError } from '../errors.ts';
import type { RespondPorts } from './respond.ts';

/** Asks that runs may start before their stop is over: `{"liftStop": true, "by": "your name", "why": "..."}`. */
export interface LiftRequest {
  /** Who asks, for the audit. */
  by: string;
  why?: string | undefined;
}

const word = z.string().check(z.minLength(1), z.maxLength(200));
const request = z.object({ liftStop: z.literal(true), by: word, why: z.optional(word) });

/** Undefined for an event that is about something else. Throws MR761 for a request that does not say who asks. */
export function readLift(event: unknown): LiftRequest | undefined {
  if (typeof event !== 'object' || event === null || !('liftStop' in event)) return undefined;
  const read = request.safeParse(event);
  if (read.success) return read.data;
  const hint = 'send {"liftStop": true, "by": "your name"}';
  const message = 'who asks that runs may start again is not said, or not in this form';
  throw new MillraceError([{ code: 'MR761', path: 'liftStop', message, hint }]);
}

export interface LiftAnswer {
  lifted: boolean;
  detail: string;
}

/** Lets runs and the schedule go on, and writes down who asked for it. Asked again, it says that nothing is stopped. */
export async function lift({ by, why }: LiftRequest, ports: RespondPorts): Promise<LiftAnswer> {
  const stop = await ports.stopped();
  if (stop === undefined) return { lifted: false, detail: 'runs are not stopped' };
  const transition = `lift@${ports.now().toISOString()}`;
  const asked = `asked by ${by}${why === undefined ? '' : `: ${why}`}`;
  const audit = (outcome: 'done' | 'failed', detail: string) =>
    ports.audit({ at: ports.now(), alarm: 'lift', transition, action: 'lift', outcome, detail });
  try {
    // The schedule first: while there is a stop, this can be asked again.
    const schedule = await ports.resume(new Date(stop.until));
    const { outcome } = await ports.lift();
    const next = outcome.started ? `; run ${outcome.run} takes what arrived meanwhile` : '';
    const detail = `runs may start again, the schedule is ${schedule}${next}; ${asked}`;
    await audit('done', detail);
    return { lifted: true, detail };
  } catch (error) {
    await audit('failed', `${String(error)}; ${asked}`);
    throw error;
  }
}
