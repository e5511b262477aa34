import { MillraceError } from '../../lib/errors.ts';

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

export const lostRaces = (pipeline: string, attempts: number) =>
  new MillraceError([
    {
      code: 'MR673',
      path: `runs of ${pipeline}`,
      message: `others wrote the state of the pipeline ${attempts} times while it was being decided on`,
      hint: 'it is delivered again by itself; if it stays, lower the concurrency of the trigger',
    },
  ]);
