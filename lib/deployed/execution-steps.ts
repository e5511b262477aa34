import type { HistoryEvent } from '@aws-sdk/client-sfn';
import type { Step } from './ports.ts';

/** The history of an execution. Each event gets its state: the last one entered before it on the same branch. */
export function stepsOf(events: readonly HistoryEvent[]): Step[] {
  const byId = new Map(events.map((event) => [event.id, event]));
  const before = new Map(events.map((event, i) => [event, events[i - 1]]));
  const stateOf = (event: HistoryEvent): string => {
    for (let at: HistoryEvent | undefined = event; at !== undefined; ) {
      const name = at.stateEnteredEventDetails?.name ?? at.stateExitedEventDetails?.name;
      if (name !== undefined) return name;
      // An emulator may omit the previous event's id.
      at = at.previousEventId ? byId.get(at.previousEventId) : before.get(at);
    }
    return '';
  };
  return events.flatMap((event): Step[] => {
    const at = (event.timestamp ?? new Date(0)).toISOString();
    const state = stateOf(event);
    const type = event.type ?? '';
    if (type.endsWith('StateEntered')) return [{ type: 'entered', state, at }];
    if (type.endsWith('StateExited')) {
      const output = event.stateExitedEventDetails?.output;
      return [{ type: 'exited', state, at, ...(output !== undefined && { output }) }];
    }
    if (type === 'TaskScheduled' || type === 'LambdaFunctionScheduled') return [{ type: 'scheduled', state, at }];
    const failure =
      event.taskFailedEventDetails ??
      event.taskTimedOutEventDetails ??
      event.taskStartFailedEventDetails ??
      event.taskSubmitFailedEventDetails ??
      event.lambdaFunctionFailedEventDetails;
    if (failure === undefined) return [];
    return [{ type: 'failed', state, at, error: failure.error ?? 'States.Timeout', cause: failure.cause ?? '' }];
  });
}
