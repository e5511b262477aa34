import { readAlarms } from '../../lib/responses/alarms.ts';
import { type LiftAnswer, lift, readLift } from '../../lib/responses/lift-stop.ts';
import { type RespondPorts, type Response, respond } from '../../lib/responses/respond.ts';

/** Receives each response as soon as it is done. */
export interface Listener {
  about(alarm: string): void;
  done(response: Response | LiftAnswer): void;
}

/** Handles one invocation: alarm state changes, a budget notice, or a request to lift the stop. */
export async function answer(
  event: unknown,
  ports: RespondPorts,
  listener: Listener,
): Promise<Response[] | LiftAnswer> {
  const request = readLift(event);
  if (request !== undefined) {
    const lifted = await lift(request, ports);
    listener.done(lifted);
    return lifted;
  }
  const responses: Response[] = [];
  for (const change of readAlarms(event)) {
    listener.about(change.alarm);
    const response = await respond(change, ports);
    listener.done(response);
    responses.push(response);
  }
  return responses;
}
