import type { Context } from 'aws-lambda';
import { environment } from '../shared/aws/environment.ts';
import { begin, lambdaLogger } from '../shared/aws/logger.ts';
import { triggerPorts, triggerVariables } from '../shared/aws/trigger-ports.ts';
import { answer } from './answer.ts';

const env = environment(triggerVariables);
const own = { bucket: env.RAW_BUCKET, stateMachineArn: env.STATE_MACHINE_ARN };
const ports = triggerPorts(env);
const logger = lambdaLogger('trigger', env);

/** Invoked by the queue of object events, the schedule, the ends of executions and by hand. */
export async function handler(event: unknown, context: Context): Promise<unknown> {
  begin(logger, context);
  const to = { ...own, requestId: context.awsRequestId, now: new Date() };
  const { response, outcome, issues, warnings = [] } = await answer(event, to, ports);
  if (outcome && 'run' in outcome) logger.appendKeys({ runId: outcome.run });
  for (const issue of issues) logger.error(issue.message, { issue });
  for (const issue of warnings) logger.warn(issue.message, { issue });
  if (outcome) logger.info(outcome.started ? 'run started' : `no run started: ${outcome.why}`, { outcome });
  return response;
}
