import fc from 'fast-check';
import type { Graph, Json, Machine, Retrier, State } from '../../lib/asl/machine.ts';

/**
 * Random well-formed machines without circles: every state leads to the next one of its graph, or ends it. Tasks call `ok`, which
 * gives its arguments back, or `fail:<name>`, which fails each time with that name. Any interpreter can be held to them.
 */

const errorNames = ['E1', 'E2', 'States.Timeout'] as const;

const retrier: fc.Arbitrary<Retrier> = fc.record(
  {
    ErrorEquals: fc.constantFrom<string>(...errorNames, 'States.TaskFailed').map((name) => [name]),
    IntervalSeconds: fc.integer({ min: 1, max: 30 }),
    MaxAttempts: fc.integer({ min: 0, max: 3 }),
    BackoffRate: fc.constantFrom(1, 1.5, 2),
    MaxDelaySeconds: fc.integer({ min: 31, max: 60 }),
    JitterStrategy: fc.constantFrom('FULL' as const, 'NONE' as const),
  },
  { requiredKeys: ['ErrorEquals'] },
);

/** What a state leads to is filled in when its graph is put together. */
type Draft = (next: string | undefined) => State;

const onward = (next: string | undefined) => (next === undefined ? { End: true } : { Next: next });

const expressions = fc.constantFrom<Json>(
  '{% $states.input %}',
  '{% $v %}',
  { a: '{% $states.input %}', b: '{% $v + 1 %}' },
  ['{% $v %}', 'text', 7],
  'plain',
);

/** A branch may not assign what is assigned around it, so each depth has a variable of its own. */
const pass = (depth: number): fc.Arbitrary<Draft> =>
  fc.record({ output: fc.option(expressions), assign: fc.boolean() }).map(({ output, assign }) => (next) => ({
    Type: 'Pass',
    ...(output !== null && { Output: output }),
    ...(assign && { Assign: { [`w${depth}`]: '{% $v %}' } }),
    ...onward(next),
  }));

const wait: fc.Arbitrary<Draft> = fc
  .integer({ min: 0, max: 100 })
  .map((Seconds) => (next) => ({ Type: 'Wait', Seconds, ...onward(next) }));

const choice: fc.Arbitrary<Draft> = fc.record({ limit: fc.integer({ min: 0, max: 5 }) }).map(
  ({ limit }) =>
    (next) =>
      next === undefined
        ? { Type: 'Succeed', Output: { ended: '{% $states.input %}' } }
        : {
            Type: 'Choice',
            Choices: [{ Condition: `{% $v > ${limit} %}`, Next: next, Output: { chosen: limit } }],
            Default: next,
          },
);

const task = (failures: boolean): fc.Arbitrary<Draft> =>
  fc
    .record({
      resource: failures ? fc.constantFrom('ok', ...errorNames.map((name) => `fail:${name}`)) : fc.constant('ok'),
      given: expressions,
      retry: fc.array(retrier, { maxLength: 2 }),
      caught: fc.boolean(),
    })
    .map(({ resource, given, retry, caught }) => (next) => ({
      Type: 'Task',
      Resource: resource,
      Arguments: given,
      TimeoutSeconds: 60,
      ...(failures && retry.length > 0 && { Retry: retry }),
      ...(failures && caught && next !== undefined && { Catch: [{ ErrorEquals: ['States.ALL'], Next: next }] }),
      ...onward(next),
    }));

function graph(depth: number, failures: boolean): fc.Arbitrary<Graph> {
  const simple = [pass(depth), wait, choice, task(failures)];
  const nested: fc.Arbitrary<Draft>[] =
    depth === 0
      ? []
      : [
          fc
            .array(graph(depth - 1, failures), { minLength: 1, maxLength: 3 })
            .map((Branches) => (next) => ({ Type: 'Parallel', Branches, ...onward(next) })),
          fc
            .record({ processor: graph(depth - 1, failures), limit: fc.integer({ min: 0, max: 3 }) })
            .map(({ processor, limit }) => (next) => ({
              Type: 'Map',
              Items: [1, 2, 3, 4],
              MaxConcurrency: limit,
              ItemProcessor: processor,
              ...onward(next),
            })),
        ];
  return fc.array(fc.oneof(...simple, ...nested), { minLength: 1, maxLength: 4 }).map((drafts) => {
    const names = drafts.map((_, i) => `S${i}`);
    return { StartAt: 'S0', States: Object.fromEntries(drafts.map((draft, i) => [names[i]!, draft(names[i + 1])])) };
  });
}

/** Machines whose first state sets the variable `v` that all expressions use. */
export const machines = (options: { failures: boolean }): fc.Arbitrary<Machine> =>
  graph(2, options.failures).map((inner) => ({
    QueryLanguage: 'JSONata',
    StartAt: 'Set v',
    States: { 'Set v': { Type: 'Pass', Assign: { v: 3 }, Next: inner.StartAt }, ...inner.States },
  }));
