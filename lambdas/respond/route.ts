import { readAlarms } from '../../lib/responses/alarms.ts';
import { type LiftAnswer, lift, readLift } from '../../lib/responses/lift-stop.ts';
import { type RespondPorts, type Response, respond } from '../../lib/responses/respond.ts';

/** Who hears of what is done, as it is done. */
export interface Listener {
  about(alarm: string): void;
  done(response: Response | LiftAnswer): void;
}

/** Acts on one invocation: alarms that changed, a budget's notice, or the request to lift a stop. */
export async function answer(
  event: unknown,
  ports: RespondPorts,
  listener: Listener,
): Promise<Response[] | LiftAnswer> {
  const asked = readLift(event);
  if (asked !== undefined) {
    const lifted = await lift(asked, ports);
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
