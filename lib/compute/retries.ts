/** Retriers and catchers of the state machine's Tasks. */

export const caught = { ErrorEquals: ['States.ALL'], Assign: { fault: '{% $states.errorOutput %}' } };

/** An error in the input or the definition would repeat, so it is not retried. */
export const final = { ErrorEquals: ['Millrace.Fault'], MaxAttempts: 0 };

/** A lost worker or a full memory may not happen twice; finished tasks are not repeated. */
export const onceMore = {
  ErrorEquals: ['States.TaskFailed'],
  IntervalSeconds: 2,
  MaxAttempts: 1,
  BackoffRate: 2,
  JitterStrategy: 'FULL',
};

/**
 * For a function that timed out or died. Its Task waits longer than the function's timeout, so the first attempt has ended when the
 * second starts, and the second finds the work of the first.
 */
export const unanswered = {
  ErrorEquals: ['Sandbox.Timedout', 'Lambda.Unknown', 'States.Timeout'],
  IntervalSeconds: 2,
  MaxAttempts: 1,
  BackoffRate: 2,
  JitterStrategy: 'FULL',
};

/** Transient errors of a service. */
export function transient(errors: readonly string[], intervalSeconds: number) {
  return {
    ErrorEquals: errors,
    IntervalSeconds: intervalSeconds,
    MaxAttempts: 4,
    BackoffRate: 2,
    MaxDelaySeconds: 300,
    JitterStrategy: 'FULL',
  };
}
