import type { Plan } from '../plan/schema.ts';
import { streamedTasks } from '../plan/streams.ts';
import { fromSource } from '../plan/task-kinds.ts';
import { counted } from '../words.ts';
import type { CostEnvironment } from './cost-sizes.ts';
import { gigabytes, hoursPerMonth } from './fixed-costs.ts';
import type { Item } from './items.ts';
import { type PriceName, type Prices, price } from './prices.ts';
import { exactly, plus, type Range, ranged, times } from './range.ts';
import type { TaskRows } from './row-flow.ts';
import { gigabyte } from './services.ts';
import type { Throughput } from './throughput.ts';

/** The monthly input of one stream. */
export interface Streamed {
  source: string;
  /** Whether files are partitioned by a field of the records. */
  partitioned: boolean;
  bytes: number;
  bytesPerRow: number;
}

/** Number of days whose records arrive at the same time, each in its own file: today and late records. */
const daysAtOnce: Range = { low: 1, expected: 2, high: 5 };

/** The maximum size of a Kinesis record; with full records, a producer sends the fewest. */
const largestRecord = 1e6;

const kilobyte = 1000;

/** The streams of a plan with their shares of the monthly input, in proportion to the rows of the sources. */
export function streamedIn(
  plan: Plan,
  flow: ReadonlyMap<string, TaskRows>,
  { bytesPerRow }: Throughput,
  arrivedBytes: number,
): Streamed[] {
  const held = (name: string) => flow.get(name)?.held.expected ?? 0;
  const all = plan.tasks.reduce((sum, task) => sum + (fromSource(task) ? held(task.name) : 0), 0);
  return streamedTasks(plan).map(({ name, source: { stream } }) => ({
    source: name,
    partitioned: stream.partitionBy !== undefined,
    bytes: all === 0 ? 0 : (arrivedBytes * held(name)) / all,
    bytesPerRow,
  }));
}

/** The monthly cost of streams and their landings. */
export function streamItems(streams: readonly Streamed[], environment: CostEnvironment, prices: Prices): Item[] {
  const at = (name: PriceName) => price(prices, name, environment.region);
  return streams
    .flatMap((stream) => [
      environment.shards === 0 ? onDemand(stream, environment, at) : provisioned(stream, environment, at),
      landing(stream, environment, at),
    ])
    .filter((item) => item.usd.high > 0);
}

/** Shards for ten times the average load: each takes 1 MB and 1,000 records per second. */
export function shardsFor({ bytes, bytesPerRow }: Streamed): number {
  const seconds = hoursPerMonth * 3600;
  const needed = Math.max(bytes / 1e6, bytes / Math.max(1, bytesPerRow) / 1000) / seconds;
  return Math.max(1, Math.ceil(10 * needed));
}

type At = (name: PriceName) => number;

function onDemand({ source, bytes, ...stream }: Streamed, environment: CostEnvironment, at: At): Item {
  const taken = times(rounded({ bytes, ...stream }, kilobyte), 1 / gigabyte);
  const kept = Math.max(0, environment.streamRetentionHours - 24) / hoursPerMonth;
  const moved = ranged((level) => taken[level] * (at('kinesisGbIn') + at('kinesisGbOut')));
  return {
    id: `kinesis.${source}`,
    kind: 'stream',
    what: `Kinesis: ${source}, on demand`,
    detail: `730 h, ${gigabytes(taken.expected)} in and out`,
    usd: plus(exactly(hoursPerMonth * at('kinesisStreamHour')), moved, times(taken, kept * at('kinesisGbMonthKept'))),
  };
}

function provisioned({ source, ...stream }: Streamed, environment: CostEnvironment, at: At): Item {
  const { shards, streamRetentionHours } = environment;
  const units = times(rounded(stream, 25 * kilobyte), 1 / (25 * kilobyte));
  const hour = at('kinesisShardHour') + (streamRetentionHours > 24 ? at('kinesisShardHourKept') : 0);
  return {
    id: `kinesis.${source}`,
    kind: 'stream',
    what: `Kinesis: ${source}, ${shards} ${shards === 1 ? 'shard' : 'shards'}`,
    detail: `${shards} x 730 h, ${Math.ceil(units.expected).toLocaleString('en-US')} PUT units`,
    usd: plus(exactly(shards * hoursPerMonth * hour), times(units, at('kinesisMillionPutUnits') / 1e6)),
  };
}

function landing(stream: Streamed, environment: CostEnvironment, at: At): Item {
  const { source, partitioned } = stream;
  const taken = times(rounded(stream, 5 * kilobyte), 1 / gigabyte);
  const files = filesOf(stream, environment);
  const parts = [times(taken, at('firehoseGb')), times(files, at('s3ThousandPuts') / 1000)];
  if (partitioned) {
    parts.push(exactly((stream.bytes / gigabyte) * at('firehosePartitionedGb')));
    parts.push(times(files, at('firehoseThousandObjects') / 1000));
  }
  return {
    id: `firehose.${source}`,
    kind: 'stream',
    what: `Firehose to S3: ${source}${partitioned ? ', by the day of a column' : ''}`,
    detail: `${gigabytes(taken.expected)} billed, ${counted(Math.ceil(files.expected), 'file')}`,
    usd: plus(...parts),
  };
}

/** Billed bytes if each record is rounded up to a multiple of `unit` bytes: low with full records, otherwise one row per record. */
function rounded({ bytes, bytesPerRow }: Pick<Streamed, 'bytes' | 'bytesPerRow'>, unit: number): Range {
  const billed = (record: number) => (bytes / record) * Math.ceil(record / unit) * unit;
  const single = billed(Math.max(1, bytesPerRow));
  return { low: Math.min(single, billed(largestRecord)), expected: single, high: single };
}

/** Number of files per month: low by the buffer's size, otherwise also by its time. */
function filesOf({ bytes, bytesPerRow, partitioned }: Streamed, environment: CostEnvironment): Range {
  const bySize = bytes / (environment.streamBufferMiB * 2 ** 20);
  const most = (hoursPerMonth * 3600) / environment.streamBufferSeconds;
  // A file has at least one record; nothing is written without records.
  const byTime = Math.min(most, bytes / Math.max(1, bytesPerRow));
  const days = partitioned ? daysAtOnce : exactly(1);
  return ranged((level) => (level === 'low' ? bySize : Math.max(bySize, byTime)) * days[level]);
}
