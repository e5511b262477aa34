import { execute, type StateEvent, StatesError } from '../../lib/asl/interpreter/index.ts';
import type { Graph, Json, Machine, State } from '../../lib/asl/machine.ts';
import type { Twin } from '../../twin/ministack.ts';
import { resources } from '../asl/generated-machines.ts';
import { World } from '../asl/world.ts';

/** The result of an interpreter for a machine: how it ended, and each state as it was entered. */
export interface Reading {
  end: { output: Json } | { error: string };
  entered: Entered[];
}

/** `at` is in milliseconds of virtual time from the start. `path` names the enclosing items and branches, such as `each[2].`. */
interface Entered {
  at: number;
  path: string;
  state: string;
  input: Json;
}

const start = Date.parse('2025-01-01T00:00:00.000Z');

/**
 * The machine with Tasks that both can call. Each sleeps for a different time, because AWS does not define the order of two
 * simultaneous events. Each returns the number of its tries.
 */
export function callable(machine: Machine): Machine {
  let tasks = 0;
  const graph = <G extends Graph>(given: G, inMap: boolean): G => ({
    ...given,
    States: Object.fromEntries(Object.entries(given.States).map(([name, inner]) => [name, state(inner, inMap)])),
  });
  const state = (given: State, inMap: boolean): State => {
    switch (given.Type) {
      case 'Parallel':
        return { ...given, Branches: given.Branches.map((branch) => graph(branch, inMap)) };
      case 'Map':
        return { ...given, ItemProcessor: graph(given.ItemProcessor, true) };
      case 'Task': {
        const own = 7 + 31 * tasks++;
        const nap = inMap ? `{% ${own} + 3 * $states.context.Map.Item.Index %}` : own;
        const attempt = '{% $states.context.State.RetryCount %}';
        return { ...given, Arguments: { given: given.Arguments!, attempt, nap } };
      }
      default:
        return given;
    }
  };
  return graph(machine, false);
}

/** The reading of a callable machine by our interpreter. */
export async function ours(machine: Machine, input: Json): Promise<Reading> {
  const entered: Entered[] = [];
  const world = new World();
  const done = await execute(machine, input, {
    clock: world.clock,
    random: () => 0.5,
    invoke: async (call) => {
      const { given, attempt, nap } = call.arguments as { given: Json; attempt: number; nap: number };
      await world.clock.sleep(nap, call.signal);
      const error = /^fail:(.*)$/.exec(call.resource)?.[1];
      if (error !== undefined) throw new StatesError(error, 'generated');
      await resources![call.resource]?.({ ...call, attempt, arguments: given }, world);
      return { given, attempt };
    },
    onEvent: (event: StateEvent) => {
      if (event.type !== 'entered') return;
      const at = world.clock.now().getTime() - start;
      entered.push({ at, path: event.path, state: event.state, input: event.input });
    },
  });
  if (done.status === 'ABORTED') throw new Error('nothing aborts this execution');
  return { end: done.status === 'SUCCEEDED' ? { output: done.output } : { error: done.error }, entered };
}

interface HistoryEvent {
  type: string;
  timestamp: number;
  stateEnteredEventDetails?: { name: string; input: string };
  path?: string;
  raced?: boolean;
}

/**
 * The reading of a callable machine by MiniStack. Undefined if something failed at the same instant as a parallel event:
 * then both orders are valid, and the readings may differ.
 */
export async function theirs(twin: Twin, machine: Machine, input: Json): Promise<Reading | undefined> {
  const definition = JSON.stringify(machine, (key, value) =>
    key === 'Resource' ? `arn:aws:states:::millrace:${value}` : value,
  );
  const name = `machine-${++made}`;
  const roleArn = 'arn:aws:iam::000000000000:role/machine';
  const { stateMachineArn } = await call(twin, 'AWSStepFunctions.CreateStateMachine', { name, definition, roleArn });
  const run = { stateMachineArn: stateMachineArn!, input: JSON.stringify(input) };
  const done = await call(twin, 'AWSStepFunctions.StartSyncExecution', run);
  const events: HistoryEvent[] = [];
  for (let nextToken: Json | undefined; ; ) {
    const asked = { executionArn: done['executionArn']!, maxResults: 1000, ...(nextToken && { nextToken }) };
    const page = await call(twin, 'AWSStepFunctions.GetExecutionHistory', asked);
    events.push(...(page['events'] as unknown as HistoryEvent[]));
    nextToken = page['nextToken'];
    if (nextToken === undefined) break;
  }
  if (events[0]!.raced) return undefined;
  const entered = events.flatMap(({ timestamp, path = '', stateEnteredEventDetails: details }) => {
    if (details === undefined) return [];
    const at = Math.round(timestamp * 1000) - start;
    return [{ at, path, state: details.name, input: JSON.parse(details.input) as Json }];
  });
  const end =
    done['status'] === 'SUCCEEDED'
      ? { output: JSON.parse(done['output'] as string) as Json }
      : { error: done['error'] as string };
  return { end, entered };
}

let made = 0;

/** Calls a JSON API of the twin, such as `AWSStepFunctions.CreateStateMachine`, without an AWS client. */
export async function call(
  twin: Twin,
  action: string,
  body: { [key: string]: Json },
): Promise<{ [key: string]: Json }> {
  const answer = await fetch(twin.endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': action },
    body: JSON.stringify(body),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${action}: ${text}`);
  return JSON.parse(text) as { [key: string]: Json };
}

/**
 * A reading in comparable form: simultaneous events of different branches are sorted, and the cause texts of
 * Step Functions' own errors are dropped, because they are not documented.
 */
export function comparable({ end, entered }: Reading): Reading {
  const sorted = [...entered].sort((a, b) => a.at - b.at || (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  return JSON.parse(JSON.stringify({ end, entered: sorted }), (_, value) =>
    value?.Error?.startsWith?.('States.') ? { ...value, Cause: '(in its words)' } : value,
  ) as Reading;
}
