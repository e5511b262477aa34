import type { Context } from 'aws-lambda';
import { environment } from '../shared/aws/environment.ts';
import { observer } from '../shared/aws/observer.ts';
import { triggerPorts, triggerVariables } from '../shared/aws/trigger-ports.ts';
import { answer } from './answer.ts';

const env = environment(triggerVariables);
const own = { bucket: env.RAW_BUCKET, stateMachineArn: env.STATE_MACHINE_ARN };
const ports = triggerPorts(env);
const observed = observer('trigger', env);

/** Invoked by the queue of object events, the schedule, the ends of executions and by hand. */
export const handler = (event: unknown, context: Context): Promise<unknown> =>
  observed(context, async ({ logger, about }) => {
    const to = { ...own, requestId: context.awsRequestId, now: new Date() };
    const { response, outcome, issues, warnings = [] } = await answer(event, to, ports);
    if (outcome && 'run' in outcome) about({ run: outcome.run });
    for (const issue of issues) logger.error(issue.message, { issue });
    for (const issue of warnings) logger.warn(issue.message, { issue });
    if (outcome) logger.info(outcome.started ? 'run started' : `no run started: ${outcome.why}`, { outcome });
    return response;
  });
