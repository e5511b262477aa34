import fc from 'fast-check';
import { StatesError } from '../../lib/asl/interpreter/index.ts';
import type { Catcher, Graph, Json, Machine, Retrier, State } from '../../lib/asl/machine.ts';
import type { World } from './world.ts';

/**
 * Random well-formed machines without loops: a state leads to a later one of its graph, or ends it. Any interpreter can be compared
 * on them. Each depth has its own variable `w<depth>`, because a scope may not assign a variable of an enclosing scope.
 */
export const machines = ({ failures }: { failures: boolean }): fc.Arbitrary<Machine> =>
  graph(2, failures).map((build) => {
    const inner = build('');
    const start: State = { Type: 'Pass', Assign: { v: 3, w3: 1 }, Next: inner.StartAt };
    return { QueryLanguage: 'JSONata', StartAt: 'Start', States: { Start: start, ...inner.States } };
  });

/** The resources that Tasks of these machines call; any other resource returns its arguments. */
export const resources: ConstructorParameters<typeof World>[0] = {
  slow: async ({ arguments: given, signal }, { clock }) => {
    await clock.sleep(5000, signal);
    return given;
  },
  stuck: () => new Promise(() => undefined),
  flaky: ({ attempt, arguments: given }) => (attempt === 0 ? fail('E1') : given),
  'fail:E1': () => fail('E1'),
  'fail:E2': () => fail('E2'),
  'fail:States.Timeout': () => fail('States.Timeout'),
};

function fail(error: string): never {
  throw new StatesError(error, 'generated');
}

/** The place of a state: its name and the states after it in its graph. */
interface Stand {
  name: string;
  next: string | undefined;
  later: readonly string[];
}
type Draft = (stand: Stand) => State;
type Build = (prefix: string) => Graph;

const onward = (next: string | undefined) => (next === undefined ? { End: true } : { Next: next });

const retrier: fc.Arbitrary<Retrier> = fc.record(
  {
    ErrorEquals: fc.constantFrom('E1', 'E2', 'States.Timeout', 'States.TaskFailed', 'E3').map((name) => [name]),
    IntervalSeconds: fc.integer({ min: 1, max: 30 }),
    MaxAttempts: fc.integer({ min: 0, max: 3 }),
    BackoffRate: fc.constantFrom(1, 1.5, 2),
    MaxDelaySeconds: fc.integer({ min: 31, max: 60 }),
    JitterStrategy: fc.constantFrom('FULL' as const, 'NONE' as const),
  },
  { requiredKeys: ['ErrorEquals'] },
);

type Rules = (stand: Stand) => { Retry?: Retrier[]; Catch?: Catcher[] };
const rules = (depth: number, failures: boolean): fc.Arbitrary<Rules> =>
  fc
    .record({ Retry: fc.array(retrier, { maxLength: 2 }), error: fc.constantFrom('none', 'E1', 'States.ALL') })
    .map(({ Retry, error }) => ({ next }) => {
      const Assign = { [`w${depth}`]: 0, [`e${depth}`]: '{% $states.errorOutput.Error %}' };
      return {
        ...(failures && Retry.length > 0 && { Retry }),
        ...(failures && error !== 'none' && next && { Catch: [{ ErrorEquals: [error], Next: next, Assign }] }),
      };
    });

const expression = (depth: number) =>
  fc.constantFrom<Json>(
    '{% $states.input %}',
    `{% $w${depth} + 1 %}`,
    { a: `{% $w${depth + 1} %}`, b: ['{% $v %}', 'text', null, '{% $states.context.State.Name %}'] },
    'plain',
  );

const pass = (depth: number): fc.Arbitrary<Draft> =>
  fc.record({ output: fc.option(expression(depth)), assign: fc.boolean() }).map(({ output, assign }) => ({ next }) => ({
    Type: 'Pass',
    ...(output !== null && { Output: output }),
    ...(assign && { Assign: { [`w${depth}`]: `{% $w${depth} + 1 %}` } }),
    ...onward(next),
  }));

const wait: fc.Arbitrary<Draft> = fc.integer({ min: 0, max: 100 }).map((Seconds) => ({ next }) => ({
  Type: 'Wait',
  Seconds,
  ...onward(next),
}));

const choice = (depth: number): fc.Arbitrary<Draft> =>
  fc.record({ limit: fc.integer({ min: 0, max: 4 }), leap: fc.nat(), assign: fc.boolean() }).map((drawn) => (stand) => {
    if (stand.next === undefined) return { Type: 'Succeed', Output: { ended: '{% $states.input %}' } };
    const Next = stand.later[drawn.leap % stand.later.length]!;
    const Assign = { [`w${depth}`]: `{% $v + 1 %}` };
    const rule = { Condition: `{% $w${depth} > ${drawn.limit} %}`, Next, Output: { chosen: drawn.limit } };
    return { Type: 'Choice', Choices: [drawn.assign ? { ...rule, Assign } : rule], Default: stand.next };
  });

const task = (depth: number, failures: boolean): fc.Arbitrary<Draft> =>
  fc
    .record({
      Resource: failures ? fc.constantFrom('ok', ...Object.keys(resources!)) : fc.constantFrom('ok', 'slow'),
      Arguments: expression(depth),
      wrapped: fc.boolean(),
      rules: rules(depth, failures),
    })
    .map(({ wrapped, rules, ...call }) => (stand) => ({
      Type: 'Task',
      ...call,
      TimeoutSeconds: 60,
      ...(wrapped && { Output: { got: '{% $states.result %}' } }),
      ...rules(stand),
      ...onward(stand.next),
    }));

const parallel = (depth: number, failures: boolean): fc.Arbitrary<Draft> =>
  fc
    .record({
      branches: fc.array(graph(depth - 1, failures), { minLength: 1, maxLength: 3 }),
      rules: rules(depth, failures),
    })
    .map(({ branches, rules }) => (stand) => ({
      Type: 'Parallel',
      Branches: branches.map((build, i) => build(`${stand.name}b${i}`)),
      ...rules(stand),
      ...onward(stand.next),
    }));

const map = (depth: number, failures: boolean): fc.Arbitrary<Draft> =>
  fc
    .record({
      Items: fc.array(fc.nat(9), { maxLength: 5 }),
      MaxConcurrency: fc.integer({ min: 0, max: 3 }),
      selected: fc.boolean(),
      processor: graph(depth - 1, failures),
      rules: rules(depth, failures),
    })
    .map(({ processor, selected, rules, ...fields }) => (stand) => ({
      Type: 'Map',
      ...fields,
      ...(selected && { ItemSelector: ['{% $states.context.Map.Item.Index %}', `{% $w${depth} + 1 %}`] }),
      ItemProcessor: processor(`${stand.name}i`),
      ...rules(stand),
      ...onward(stand.next),
    }));

/** An inner graph begins by assigning the variable of its depth the value from the enclosing scope. */
function graph(depth: number, failures: boolean): fc.Arbitrary<Build> {
  const simple = [pass(depth), wait, choice(depth), task(depth, failures)];
  const nested = depth === 0 ? [] : [parallel(depth, failures), map(depth, failures)];
  return fc.array(fc.oneof(...simple, ...nested), { minLength: 1, maxLength: 4 }).map((drafts) => (prefix) => {
    const names = drafts.map((_, i) => `${prefix}S${i}`);
    const first = `${prefix}S`;
    const States: Record<string, State> = {
      [first]: { Type: 'Pass', Assign: { [`w${depth}`]: `{% $w${depth + 1} %}` }, Next: names[0]! },
    };
    drafts.forEach((draft, i) => {
      const name = names[i]!;
      States[name] = draft({ name, next: names[i + 1], later: names.slice(i + 1) });
    });
    return { StartAt: first, States: onlyReached(first, States) };
  });
}

/** A Choice that skips states may make some unreachable, which a valid machine must not have. */
function onlyReached(first: string, states: Record<string, State>): Record<string, State> {
  const reached = new Set([first]);
  for (const name of reached) {
    const text = JSON.stringify({ ...states[name], Branches: [], ItemProcessor: {} });
    for (const [, next] of text.matchAll(/"(?:Next|Default)":"([^"]+)"/g)) reached.add(next!);
  }
  return Object.fromEntries(Object.entries(states).filter(([name]) => reached.has(name)));
}
