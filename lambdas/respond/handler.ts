import type { Context } from 'aws-lambda';
import { respondPorts } from '../../lib/aws/response-ports.ts';
import { environment } from '../../lib/functions/variables.ts';
import type { LiftAnswer } from '../../lib/responses/lift-stop.ts';
import type { Response } from '../../lib/responses/respond.ts';
import { observer } from '../shared/observe.ts';
import { respond } from './function.ts';
import { answer } from './route.ts';

const env = environment(respond.variables, ['SCHEDULE_NAME']);
const ports = respondPorts(env);
const observed = observer('respond', env);

/** Invoked by alarms (EventBridge or SNS), the budget (SNS), and by hand. If this throws, Lambda retries the event; alarms already answered are skipped. */
export const handler = (event: unknown, context: Context): Promise<Response[] | LiftAnswer> =>
  observed(context, ({ logger, about }) =>
    answer(event, ports, {
      about: (alarm) => about({ alarm }),
      done: (response) => logger.info(response.detail, { response }),
    }),
  );
