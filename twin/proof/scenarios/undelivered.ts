import { DeleteFunctionConcurrencyCommand, PutFunctionConcurrencyCommand } from '@aws-sdk/client-lambda';
import type { PlayedPipeline } from '../played-pipeline.ts';
import type { Scenario } from './scenario.ts';

/** Scenarios in which an event cannot be delivered and waits for a person. */
export function scenariosOfTheUndelivered(pipeline: PlayedPipeline): Scenario[] {
  return [
    {
      name: 'an event that the trigger cannot read becomes a dead letter',
      roles: ['Trigger'],
      play: () => pipeline.oneMoreDeadLetter('trigger', () => pipeline.later('trigger', { no: 'event' })),
    },
    {
      name: 'an event that the responder cannot read becomes a dead letter',
      roles: ['Respond'],
      play: () => pipeline.oneMoreDeadLetter('respond', () => pipeline.later('respond', { no: 'alarm' })),
    },
    {
      name: 'an event of the schedule becomes a dead letter if the function has no capacity',
      roles: ['Schedule'],
      play: async () => {
        await pipeline.heal();
        const FunctionName = pipeline.churn.function('trigger');
        const none = { FunctionName, ReservedConcurrentExecutions: 0 };
        await pipeline.lambda.send(new PutFunctionConcurrencyCommand(none));
        try {
          await pipeline.oneMoreDeadLetter('schedule', pipeline.fireSchedule);
        } finally {
          await pipeline.lambda.send(new DeleteFunctionConcurrencyCommand({ FunctionName }));
        }
      },
    },
  ];
}
