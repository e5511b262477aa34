import type { Context } from 'aws-lambda';
import { triggerPorts } from '../../lib/aws/run-ports.ts';
import { environment } from '../../lib/functions/variables.ts';
import { observer } from '../shared/observe.ts';
import { trigger } from './function.ts';
import { answer } from './route.ts';

const env = environment(trigger.variables);
const target = { bucket: env.RAW_BUCKET, stateMachineArn: env.STATE_MACHINE_ARN };
const ports = triggerPorts(env);
const observed = observer('trigger', env);

/** Invoked by the queue of object events, by the schedule, at the end of executions, and by hand. */
export const handler = (event: unknown, context: Context): Promise<unknown> =>
  observed(context, async ({ logger, about }) => {
    const to = { ...target, requestId: context.awsRequestId, now: new Date() };
    const { response, outcome, issues, warnings = [] } = await answer(event, to, ports);
    if (outcome && 'run' in outcome) about({ run: outcome.run });
    for (const issue of issues) logger.error(issue.message, { issue });
    for (const issue of warnings) logger.warn(issue.message, { issue });
    if (outcome) logger.info(outcome.started ? 'run started' : `no run started: ${outcome.why}`, { outcome });
    return response;
  });
