import type { Context } from 'aws-lambda';
import { environment } from '../shared/aws/environment.ts';
import { observer } from '../shared/aws/observer.ts';
import { respondPorts, respondVariables } from '../shared/aws/respond-ports.ts';
import { answer } from './answer.ts';
import type { LiftAnswer } from './lift.ts';
import type { Response } from './respond.ts';

const env = environment(respondVariables, ['SCHEDULE_NAME']);
const ports = respondPorts(env);
const observed = observer('respond', env);

/** Invoked by alarms (EventBridge or SNS), the budget (SNS), and by hand. A thrown fault is delivered again, and answers only what is not. */
export const handler = (event: unknown, context: Context): Promise<Response[] | LiftAnswer> =>
  observed(context, ({ logger, about }) =>
    answer(event, ports, {
      about: (alarm) => about({ alarm }),
      done: (response) => logger.info(response.detail, { response }),
    }),
  );
