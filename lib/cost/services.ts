import type { Machine } from '../asl/machine.ts';
import { stateMachine } from '../asl/state-machine.ts';
import type { Plan } from '../plan/schema.ts';
import { learns, traitsOf } from '../plan/task-kinds.ts';
import type { CostEnvironment } from './cost-sizes.ts';
import type { Item } from './items.ts';
import { type PriceName, type Prices, price } from './prices.ts';
import { exactly, plus, type Range, ranged, times } from './range.ts';
import type { TaskRows } from './row-flow.ts';
import { transitions } from './transitions.ts';

export const gigabyte = 1e9;

/** Bytes of one value in a Delta table: Parquet, compressed. */
const bytesPerValue: Range = { low: 2, expected: 6, high: 12 };

/** Bytes per GET; Spark reads Parquet in ranges. */
const bytesPerGet: Range = { low: 32e6, expected: 8e6, high: 1e6 };

/** Minimum requests of a task: the Delta log, listings, commits. */
const putsPerTask: Range = { low: 5, expected: 15, high: 60 };
const getsPerTask: Range = { low: 20, expected: 60, high: 300 };

/** Bytes of one file written. */
const bytesPerPut: Range = { low: 128e6, expected: 32e6, high: 4e6 };

const logBytesPerTask: Range = { low: 0.1e6, expected: 1e6, high: 5e6 };

/** Seconds of one Lambda invocation, cold starts included. */
const lambdaSeconds: Range = { low: 0.1, expected: 0.5, high: 3 };

/** DynamoDB items that bookmarks, runs and registry write per task. */
const bookmarkWrites: Range = { low: 4, expected: 10, high: 50 };

/** Bytes of each table after all input was read. */
export function tableBytes(plan: Plan, flow: ReadonlyMap<string, TaskRows>, which: 'held' | 'written'): Range {
  return plus(
    ...plan.tasks.map((task) => {
      const values = traitsOf(task).values.written(task);
      return times(flow.get(task.name)?.[which] ?? exactly(0), times(bytesPerValue, values));
    }),
  );
}

/** The cost of a run besides compute. `inputBytes`: raw data that it reads. */
export function serviceItems(
  plan: Plan,
  flow: ReadonlyMap<string, TaskRows>,
  inputBytes: number,
  environment: CostEnvironment,
  prices: Prices,
): Item[] {
  const at = (name: PriceName) => price(prices, name, environment.region);
  const trains = plan.tasks.filter(learns).length;
  // The compiler's document is a Machine; its type is wider because it is plain JSON.
  const steps = transitions(stateMachine(plan) as unknown as Machine, trains);
  const invocations = plus(steps.invocations, exactly(1));
  const tasks = plan.tasks.length;
  const written = tableBytes(plan, flow, 'written');
  const puts = ranged((level) => tasks * putsPerTask[level] + Math.ceil(written[level] / bytesPerPut[level]));
  const reads = plan.tasks.map((task) => readBytes(plan, task.name, flow));
  const read = plus(exactly(inputBytes), ...reads);
  const gets = ranged((level) => tasks * getsPerTask[level] + Math.ceil(read[level] / bytesPerGet[level]));
  const requests = ranged((level) => (puts[level] * at('s3ThousandPuts') + gets[level] * at('s3ThousandGets')) / 1000);
  // With S3 bucket keys, about one request in a hundred reaches KMS.
  const keys = ranged((level) => ((puts[level] + gets[level]) / 100 / 10_000) * at('kmsTenThousandRequests'));
  const writes = times(bookmarkWrites, tasks);
  const gigabyteSeconds = times(times(invocations, lambdaSeconds), environment.lambdaMemoryMb / 1024);
  const logs = times(logBytes(plan), 1 / gigabyte);
  return [
    {
      id: 'stepfunctions',
      kind: 'orchestration',
      what: 'Step Functions',
      detail: `${steps.states.expected} state transitions`,
      usd: times(steps.states, at('stepFunctionsThousandTransitions') / 1000),
    },
    {
      id: 'lambda',
      kind: 'orchestration',
      what: 'Lambda',
      detail: `${invocations.expected} invocations, ${environment.lambdaMemoryMb} MB`,
      usd: plus(times(gigabyteSeconds, at('lambdaGbSecond')), times(invocations, at('lambdaMillionRequests') / 1e6)),
    },
    {
      id: 's3.requests',
      kind: 'requests',
      what: 'S3 and KMS requests',
      detail: `${puts.expected.toLocaleString('en-US')} PUT, ${gets.expected.toLocaleString('en-US')} GET`,
      usd: plus(requests, keys),
    },
    {
      id: 'dynamodb',
      kind: 'requests',
      what: 'DynamoDB: bookmarks, runs, registry',
      detail: `${writes.expected} writes, as many reads`,
      usd: times(writes, (at('dynamoMillionWrites') + at('dynamoMillionReads')) / 1e6),
    },
    {
      id: 'logs',
      kind: 'logs',
      what: 'CloudWatch Logs ingestion',
      detail: `${Math.round(logs.expected * 1000)} MB`,
      usd: times(logs, at('logsGb')),
    },
  ];
}

/** Logs that one run writes. */
export const logBytes = (plan: Plan): Range => times(logBytesPerTask, plan.tasks.length);

function readBytes(plan: Plan, name: string, flow: ReadonlyMap<string, TaskRows>): Range {
  const task = plan.tasks.find((entry) => entry.name === name);
  const rows = flow.get(name);
  if (task === undefined || rows === undefined) return exactly(0);
  return times(plus(rows.read, rows.scanned), times(bytesPerValue, traitsOf(task).values.read(task)));
}
