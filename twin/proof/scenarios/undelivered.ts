import { DeleteFunctionConcurrencyCommand, PutFunctionConcurrencyCommand } from '@aws-sdk/client-lambda';
import type { PlayedPipeline } from '../played-pipeline.ts';
import type { Scenario } from './scenario.ts';

/** What cannot be delivered, and waits for a person. */
export function scenariosOfTheUndelivered(pipeline: PlayedPipeline): Scenario[] {
  return [
    {
      name: 'an event that the trigger cannot read is put aside',
      roles: ['Trigger'],
      play: () => pipeline.oneMoreDeadLetter('trigger', () => pipeline.later('trigger', { no: 'event' })),
    },
    {
      name: 'an event that the responder cannot read is put aside',
      roles: ['Respond'],
      play: () => pipeline.oneMoreDeadLetter('respond', () => pipeline.later('respond', { no: 'alarm' })),
    },
    {
      name: 'a schedule whose function has no capacity puts its event aside',
      roles: ['Schedule'],
      play: async () => {
        await pipeline.heal();
        const FunctionName = pipeline.churn.function('trigger');
        const none = { FunctionName, ReservedConcurrentExecutions: 0 };
        await pipeline.lambda.send(new PutFunctionConcurrencyCommand(none));
        try {
          await pipeline.oneMoreDeadLetter('schedule', pipeline.comesNow);
        } finally {
          await pipeline.lambda.send(new DeleteFunctionConcurrencyCommand({ FunctionName }));
        }
      },
    },
  ];
}
