import * as z from 'zod/mini';
import { MillraceError } from '../errors.ts';
import type { RespondPorts } from './respond.ts';

/** A request to lift the stop early: `{"liftStop": true, "by": "your name", "why": "..."}`. */
export interface LiftRequest {
  /** The requester, for the audit. */
  by: string;
  why?: string | undefined;
}

const word = z.string().check(z.minLength(1), z.maxLength(200));
const request = z.object({ liftStop: z.literal(true), by: word, why: z.optional(word) });

/** Undefined for any other event. Throws MR761 for a request that does not name the requester. */
export function readLift(event: unknown): LiftRequest | undefined {
  if (typeof event !== 'object' || event === null || !('liftStop' in event)) return undefined;
  const read = request.safeParse(event);
  if (read.success) return read.data;
  const hint = 'send {"liftStop": true, "by": "your name"}';
  const message = 'the request to lift the stop does not name the requester, or has the wrong form';
  throw new MillraceError([{ code: 'MR761', path: 'liftStop', message, hint }]);
}

export interface LiftAnswer {
  lifted: boolean;
  detail: string;
}

/** Resumes runs and the schedule, and records the requester. A second request reports that nothing is stopped. */
export async function lift({ by, why }: LiftRequest, ports: RespondPorts): Promise<LiftAnswer> {
  const stop = await ports.stopped();
  if (stop === undefined) return { lifted: false, detail: 'runs are not stopped' };
  const transition = `lift@${ports.now().toISOString()}`;
  const requester = `requested by ${by}${why === undefined ? '' : `: ${why}`}`;
  const audit = (outcome: 'done' | 'failed', detail: string) =>
    ports.audit({ at: ports.now(), alarm: 'lift', transition, action: 'lift', outcome, detail });
  try {
    // The schedule first: as long as the stop exists, this can be repeated.
    const schedule = await ports.resume(new Date(stop.until));
    const { outcome } = await ports.lift();
    const next = outcome.started ? `; run ${outcome.run} reads the inputs that arrived meanwhile` : '';
    const detail = `runs may start again, the schedule is ${schedule}${next}; ${requester}`;
    await audit('done', detail);
    return { lifted: true, detail };
  } catch (error) {
    await audit('failed', `${String(error)}; ${requester}`);
    throw error;
  }
}
