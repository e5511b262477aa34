import { type Issue, MillraceError } from '../errors.ts';
import type { Stop } from './run-state.ts';

export const unknownEvent = (path: string, message: string) => ({
  code: 'MR671',
  path,
  message,
  hint: 'find the sender; the trigger accepts object events of the raw bucket, schedules, ends of executions and {"cause": "manual"}',
});

export const badParameters = (message: string) => ({
  code: 'MR672',
  path: 'parameters',
  message,
  hint: 'send {"cause": "manual", "parameters": {"name": "value"}}',
});

export const metRunning = (cause: 'schedule' | 'manual', run: string) => ({
  code: 'MR754',
  path: `run ${run}`,
  message: `${cause === 'schedule' ? 'the schedule' : 'a start by hand'} started nothing, because a run is still in progress`,
  hint:
    cause === 'schedule'
      ? 'schedule runs less often than one takes, or check why this run takes so long'
      : 'start a run again after this one has ended',
});

/** The answer to every request for a run while runs are stopped. */
export const runsStopped = ({ since, until, by }: Stop, pipeline: string): Issue => ({
  code: 'MR760',
  path: `runs of ${pipeline}`,
  message: `runs are stopped until ${until}; ${by} stopped them at ${since}`,
  hint: `invoke the pipeline's respond function with {"liftStop": true, "by": "your name"}, or wait`,
});

export const lostRaces = (pipeline: string, attempts: number) =>
  new MillraceError([
    {
      code: 'MR673',
      path: `runs of ${pipeline}`,
      message: `gave up after ${attempts} write conflicts on the pipeline's run state`,
      hint: 'nothing to do: the event is redelivered. If this repeats, lower the concurrency of the trigger',
    },
  ]);
