import { type Issue, MillraceError } from '../errors.ts';
import type { Stage } from '../plan/schema.ts';
import { counted } from '../words.ts';
import { assumptions } from './assumptions.ts';
import { computeItems, type StageTime, stageTimes } from './compute.ts';
import { type CostEnvironment, environmentIssues } from './cost-sizes.ts';
import { fixedCostItems } from './fixed-costs.ts';
import { dearest, type Item, type Spend, spend } from './items.ts';
import { limitIssues } from './limits.ts';
import type { Question, Size } from './question.ts';
import { exactly, plus, type Range, times } from './range.ts';
import { type Mode, rowFlow, type TaskRows } from './row-flow.ts';
import { type Saving, savings } from './savings.ts';
import { logBytes, serviceItems, tableBytes } from './services.ts';
import { outliving, standingItems, stayingUp } from './standing-clusters.ts';
import { type Streamed, streamedIn, streamItems } from './streams.ts';
import type { Throughput } from './throughput.ts';

/** All amounts in USD, not rounded. */
export interface Forecast {
  pipeline: string;
  environment: string;
  region: string;
  pricesAsOf: string;
  rows: number;
  bytes: number;
  /** A full run: the first, or one after a change of the definition. */
  run: Spend;
  /** A run that reads the share of new rows. */
  incremental: Spend;
  /** One full run, incremental runs for the rest, and fixed costs. */
  month: Spend;
  seconds: { run: Range; incremental: Range };
  /** The three most expensive items of the month. */
  dearest: Item[];
  assumptions: string[];
  savings: Saving[];
  /** MR633, MR637: limits that a full run may exceed. */
  warnings: Issue[];
}

interface RunParts {
  flow: Map<string, TaskRows>;
  times: StageTime[];
  seconds: Range;
  items: Item[];
}

/** Forecasts the cost of a run and of a month. Throws MR631 for invalid sizes, MR632 for an invalid input size. */
export function forecast(question: Question): Forecast {
  const { plan, prices, throughput, environment } = question;
  const issues = [...environmentIssues(environment), ...sizeIssues(question.size)];
  if (issues.length > 0) throw new MillraceError(issues, 2);
  const { rows, bytes } = sizeOf(question.size, throughput);
  const { up, full, incremental, month } = figuresOf(question, rows, bytes);
  const { fullRuns, laterRuns } = runsOf(environment);
  const found = savings({
    plan,
    environment,
    prices,
    throughput,
    month,
    streams: streamsOf(question, bytes, full),
    full: { times: full.times, runs: fullRuns },
    incremental: { times: incremental.times, flow: incremental.flow, runs: laterRuns },
    with: (other) => {
      const changed = figuresOf({ ...question, ...other }, rows, bytes);
      return { month: changed.month, seconds: changed.incremental.seconds.expected };
    },
  });
  return {
    pipeline: plan.pipeline,
    environment: environment.name,
    region: environment.region,
    pricesAsOf: prices.asOf,
    rows,
    bytes,
    run: spend(full.items),
    incremental: spend(incremental.items),
    month: spend(month),
    seconds: { run: full.seconds, incremental: incremental.seconds },
    dearest: dearest(month, 3),
    assumptions: assumptions(question, rows, up),
    savings: found,
    warnings: limitIssues(full.times, environment),
  };
}

/** A full run, a later run, and a month of them. */
function figuresOf(question: Question, rows: number, bytes: number) {
  const { plan, environment } = question;
  const found = partsOf(question, rows, bytes, 'incremental', new Set(outliving(plan, environment)));
  const up = stayingUp(plan, found.times, environment);
  const full = partsOf(question, rows, bytes, 'full', up);
  const incremental = partsOf(question, rows, bytes, 'incremental', up);
  return { up, full, incremental, month: monthItems(question, bytes, full, incremental, up) };
}

function partsOf(
  { plan, prices, throughput, environment }: Question,
  rows: number,
  bytes: number,
  mode: Mode,
  up: ReadonlySet<Stage['compute']>,
): RunParts {
  const flow = rowFlow(plan, rows, throughput, mode, environment.newShare);
  const stages = stageTimes(plan, flow, throughput, environment, up);
  const inputBytes = mode === 'full' ? bytes : bytes * environment.newShare;
  const items = [
    ...computeItems(stages, environment, prices),
    ...serviceItems(plan, flow, inputBytes, environment, prices),
  ];
  return { flow, times: stages, seconds: plus(...stages.map((stage) => stage.total)), items };
}

/** The first run of the month reads everything, later runs read new rows. */
function runsOf({ runsPerMonth }: CostEnvironment) {
  const fullRuns = Math.min(1, runsPerMonth);
  return { fullRuns, laterRuns: runsPerMonth - fullRuns };
}

function monthItems(
  question: Question,
  bytes: number,
  full: RunParts,
  incremental: RunParts,
  up: ReadonlySet<Stage['compute']>,
): Item[] {
  const { prices, environment, plan } = question;
  const { fullRuns, laterRuns } = runsOf(environment);
  const ran = full.items
    .map((item, i) => ({
      ...item,
      detail: counted(fullRuns + laterRuns, 'run'),
      usd: plus(times(item.usd, fullRuns), times(incremental.items[i]?.usd ?? exactly(0), laterRuns)),
    }))
    // Machines that are up all month are billed as such, whatever runs on them.
    .filter(({ id }) => ![...up].some((compute) => id.startsWith(`${compute}.`)));
  const arrived = arrivedBytes(environment, bytes);
  const growth = 1 + environment.newShare * laterRuns;
  const stored = {
    rawBytes: bytes + arrived,
    lakeBytes: times(tableBytes(plan, full.flow, 'held'), growth),
    rewrittenBytes: tableBytes(plan, incremental.flow, 'written'),
    logBytes: logBytes(plan),
  };
  const streams = streamItems(streamsOf(question, bytes, full), environment, prices);
  const standing = standingItems(plan, up, environment, prices);
  return [...ran, ...standing, ...fixedCostItems(stored, environment, prices), ...streams];
}

/** Bytes that arrive during the month, in addition to the existing ones. */
const arrivedBytes = (environment: CostEnvironment, bytes: number): number =>
  bytes * environment.newShare * runsOf(environment).laterRuns;

const streamsOf = ({ plan, throughput, environment }: Question, bytes: number, { flow }: RunParts): Streamed[] =>
  streamedIn(plan, flow, throughput, arrivedBytes(environment, bytes));

function sizeOf(size: Size, throughput: Throughput): { rows: number; bytes: number } {
  if ('rows' in size) return { rows: size.rows, bytes: size.rows * throughput.bytesPerRow };
  return { rows: size.bytes / throughput.bytesPerRow, bytes: size.bytes };
}

function sizeIssues(size: Size): Issue[] {
  const [name, value] = 'rows' in size ? ['rows', size.rows] : ['bytes', size.bytes];
  if (Number.isFinite(value) && value >= 0) return [];
  const message = `${value} is not a valid number of ${name}`;
  return [{ code: 'MR632', path: `--${name}`, message, hint: 'use a number, 0 or more' }];
}
