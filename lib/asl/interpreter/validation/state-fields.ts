import type { State } from '../../machine.ts';
import { longest, timeOf } from '../numbers.ts';
import { anything, between, type Check, join, list, object, oneOf, orExpression, text } from './checks.ts';

/** The fields of one kind of object: the check of each, and the required ones. */
export interface Fields {
  checks: Readonly<Record<string, Check>>;
  required: readonly string[];
}

const seconds = orExpression(between(1, longest));
const timestamp: Check = (value) =>
  timeOf(value) === undefined ? 'must be a time such as 2025-01-31T12:00:00Z' : undefined;

const everywhere = { Type: text, Comment: anything, QueryLanguage: oneOf('JSONata') };
const outputs = { Output: anything, Assign: object };
const onward = { Next: text, End: oneOf(true) };
const fallible = { Retry: list, Catch: list };

export const stateFields: Readonly<Record<State['Type'], Fields>> = {
  Task: {
    required: ['Resource'],
    checks: {
      ...everywhere,
      ...outputs,
      ...onward,
      ...fallible,
      Resource: text,
      Arguments: anything,
      TimeoutSeconds: seconds,
      HeartbeatSeconds: seconds,
      Credentials: object,
    },
  },
  Pass: { required: [], checks: { ...everywhere, ...outputs, ...onward } },
  Choice: { required: ['Choices'], checks: { ...everywhere, ...outputs, Choices: list, Default: text } },
  Wait: {
    required: [],
    checks: {
      ...everywhere,
      ...outputs,
      ...onward,
      Seconds: orExpression(between(0, longest)),
      Timestamp: orExpression(timestamp),
    },
  },
  Succeed: { required: [], checks: { ...everywhere, Output: anything } },
  Fail: { required: [], checks: { ...everywhere, Error: text, Cause: text } },
  Parallel: {
    required: ['Branches'],
    checks: { ...everywhere, ...outputs, ...onward, ...fallible, Branches: list, Arguments: anything },
  },
  Map: {
    required: ['ItemProcessor'],
    checks: {
      ...everywhere,
      ...outputs,
      ...onward,
      ...fallible,
      ItemProcessor: object,
      Items: orExpression((value) => (Array.isArray(value) ? undefined : 'must be a list')),
      ItemSelector: anything,
      MaxConcurrency: orExpression(between(0, longest)),
      ToleratedFailureCount: orExpression(between(0, longest)),
      ToleratedFailurePercentage: orExpression(between(0, 100)),
    },
  },
};

/** Fields of objects other than states: the machine, graphs inside states, entries of Choices, Retry and Catch. */
export const partFields = {
  machine: {
    required: ['QueryLanguage', 'StartAt', 'States'],
    checks: {
      Comment: anything,
      Version: anything,
      QueryLanguage: oneOf('JSONata'),
      TimeoutSeconds: between(1, longest),
      StartAt: text,
      States: object,
    },
  },
  graph: {
    required: ['StartAt', 'States'],
    checks: { Comment: anything, QueryLanguage: oneOf('JSONata'), StartAt: text, States: object },
  },
  itemProcessor: {
    required: ['StartAt', 'States'],
    checks: {
      Comment: anything,
      QueryLanguage: oneOf('JSONata'),
      ProcessorConfig: (value) =>
        object(value) ??
        ((value as { Mode?: unknown }).Mode === 'DISTRIBUTED'
          ? 'must be INLINE; other modes are not supported'
          : undefined),
      StartAt: text,
      States: object,
    },
  },
  rule: {
    required: ['Condition', 'Next'],
    checks: { ...outputs, Comment: anything, Condition: orExpression(oneOf(true, false)), Next: text },
  },
  retrier: {
    required: ['ErrorEquals'],
    checks: {
      Comment: anything,
      ErrorEquals: list,
      IntervalSeconds: between(1, longest),
      MaxAttempts: between(0, longest),
      BackoffRate: between(1, Number.POSITIVE_INFINITY, false),
      MaxDelaySeconds: between(1, 31_622_399),
      JitterStrategy: oneOf('FULL', 'NONE'),
    },
  },
  catcher: {
    required: ['ErrorEquals', 'Next'],
    checks: { ...outputs, Comment: anything, ErrorEquals: list, Next: text },
  },
} satisfies Record<string, Fields>;

/** Fields of other modes of the language, and their replacement. */
const foreignFields: ReadonlyMap<string, string> = new Map(
  Object.entries({
    InputPath: 'use Arguments and Output in JSONata mode',
    OutputPath: 'use Output in JSONata mode',
    ResultPath: 'use Output in JSONata mode',
    ResultSelector: 'use Output in JSONata mode',
    Parameters: 'use Arguments in JSONata mode',
    Result: 'use Output in JSONata mode',
    ItemsPath: 'use Items in JSONata mode',
    SecondsPath: 'use Seconds with an expression',
    TimestampPath: 'use Timestamp with an expression',
    TimeoutSecondsPath: 'use TimeoutSeconds with an expression',
    HeartbeatSecondsPath: 'use HeartbeatSeconds with an expression',
    MaxConcurrencyPath: 'use MaxConcurrency with an expression',
    ErrorPath: 'use Error with an expression',
    CausePath: 'use Cause with an expression',
    Iterator: 'use ItemProcessor',
    ItemReader: 'only a distributed Map has this field, and that is not supported',
    ItemBatcher: 'only a distributed Map has this field, and that is not supported',
    ResultWriter: 'only a distributed Map has this field, and that is not supported',
  }),
);

export type Report = (code: string, path: string, message: string, hint?: string) => void;

/** Reports missing and unknown fields of an object, and invalid values. */
export function checkFields(
  given: Readonly<Record<string, unknown>>,
  path: string,
  { checks, required }: Fields,
  report: Report,
): void {
  for (const name of required) {
    if (!(name in given)) report('MR125', path, `${name} is missing`);
  }
  const known = new Map(Object.entries(checks));
  for (const [name, value] of Object.entries(given)) {
    const check = known.get(name);
    if (check === undefined) {
      report('MR125', join(path, name), `unknown field "${name}"`, foreignFields.get(name));
      continue;
    }
    const fault = check(value);
    if (fault !== undefined) report('MR126', join(path, name), `${name} ${fault}`);
  }
}
