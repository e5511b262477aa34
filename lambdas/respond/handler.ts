import type { Context } from 'aws-lambda';
import { environment } from '../shared/aws/environment.ts';
import { begin, lambdaLogger } from '../shared/aws/logger.ts';
import { respondPorts, respondVariables } from '../shared/aws/respond-ports.ts';
import { readAlarms } from './alarms.ts';
import { type Response, respond } from './respond.ts';

const env = environment(respondVariables, ['SCHEDULE_NAME']);
const ports = respondPorts(env);
const logger = lambdaLogger('respond', env);

/** Invoked by alarms, through EventBridge or SNS. A thrown fault is delivered again, and answers only what is not answered. */
export async function handler(event: unknown, context: Context): Promise<Response[]> {
  begin(logger, context);
  const responses: Response[] = [];
  for (const change of readAlarms(event)) {
    logger.appendKeys({ alarm: change.alarm });
    const response = await respond(change, ports);
    logger.info(response.detail, { response });
    responses.push(response);
  }
  return responses;
}
