/** How Tasks of the state machine meet failure. */

export const caught = { ErrorEquals: ['States.ALL'], Assign: { fault: '{% $states.errorOutput %}' } };

/** A fault of the input or of the definition is the same the second time. */
export const final = { ErrorEquals: ['Millrace.Fault'], MaxAttempts: 0 };

/** A lost worker or a full memory may not happen twice; tasks that are done are not done again. */
export const onceMore = {
  ErrorEquals: ['States.TaskFailed'],
  IntervalSeconds: 2,
  MaxAttempts: 1,
  BackoffRate: 2,
  JitterStrategy: 'FULL',
};

/**
 * A function that was given no answer in its time, or died. Its Task waits longer than the function may take, so that the first try has
 * ended when the second begins; what the first did by then, the second finds.
 */
export const unanswered = {
  ErrorEquals: ['Sandbox.Timedout', 'Lambda.Unknown', 'States.Timeout'],
  IntervalSeconds: 2,
  MaxAttempts: 1,
  BackoffRate: 2,
  JitterStrategy: 'FULL',
};

/** Errors of a service that go by. */
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
