import { type Issue, MillraceError } from '../errors.ts';
import type { Stop } from './run-state.ts';

export const unknownEvent = (path: string, message: string) => ({
  code: 'MR671',
  path,
  message,
  hint: 'look at who sends to the trigger: object events of the raw bucket, schedules, ends of executions, {"cause": "manual"}',
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
  message: `${cause === 'schedule' ? 'the schedule' : 'a start by hand'} met a run that is still on, and started nothing`,
  hint:
    cause === 'schedule'
      ? 'schedule runs further apart than one takes, or see what this run waits for'
      : 'start it again when this run has ended',
});

/** What whoever asks for a run is told while none may start. */
export const runsStopped = ({ since, until, by }: Stop, pipeline: string): Issue => ({
  code: 'MR760',
  path: `runs of ${pipeline}`,
  message: `no run starts before ${until}: runs were stopped at ${since} by ${by}`,
  hint: `invoke the pipeline's respond function with {"liftStop": true, "by": "your name"}, or wait`,
});

export const lostRaces = (pipeline: string, attempts: number) =>
  new MillraceError([
    {
      code: 'MR673',
      path: `runs of ${pipeline}`,
      message: `others wrote the state of the pipeline ${attempts} times while it was being decided on`,
      hint: 'it is delivered again by itself; if it stays, lower the concurrency of the trigger',
    },
  ]);
