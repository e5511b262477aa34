import { availableParallelism } from 'node:os';
import { InvalidArgumentError } from 'commander';
import { dpuOf } from '../compute/glue/billing.ts';
import { type Actual, compareActual, usageOfRun } from '../cost/actual.ts';
import { budgetIssue } from '../cost/budget.ts';
import { type Choice, choices } from '../cost/choices.ts';
import { duration } from '../cost/compute.ts';
import { gigabytes } from '../cost/fixed-costs.ts';
import { type Forecast, forecast } from '../cost/forecast.ts';
import { dearest, type Spend } from '../cost/items.ts';
import { prices } from '../cost/price-table.ts';
import { ageInDays, warnAfterDays } from '../cost/prices.ts';
import type { Question, Size } from '../cost/question.ts';
import { usd } from '../cost/range.ts';
import { isFull, measuredThroughput, type Throughput } from '../cost/throughput.ts';
import type { RunDocument } from '../documents/run-document.ts';
import { type Environment, placedIn } from '../environment/environment.ts';
import { type Issue, MillraceError } from '../errors.ts';
import { loadPlan } from '../local/load.ts';
import { Root } from '../local/root.ts';
import type { Plan } from '../plan/schema.ts';
import { costEnvironmentOf, otherCompute } from './cost-environment.ts';
import { renderIssues } from './issues.ts';
import { keptRuns, unreadableRuns } from './kept-runs.ts';
import { aPipeline, verb, wholeNumber } from './options.ts';
import {
  type CommonOptions,
  columns,
  counted,
  environmentOf,
  type Finish,
  printJson,
  styleFor,
  type Terminal,
} from './terminal.ts';

interface Options extends CommonOptions {
  rows?: number;
  bytes?: number;
  env: string;
  maxUsd?: number;
}

/** Rows to forecast for if no size is given and nothing has run. */
const exampleRows = 1_000_000;

export const costCommand = (terminal: Terminal, finish: Finish) =>
  verb('cost', 'forecast what a run and a month will cost on AWS')
    .argument('<pipeline>', aPipeline)
    .option('--rows <n>', 'rows of all sources together', wholeNumber)
    .option('--bytes <n>', 'bytes of all sources together, instead of rows', wholeNumber)
    .option('--env <name>', 'an environment of environments.ts', 'prod')
    .option('--max-usd <usd>', 'fail if the expected cost of a month is higher', amount)
    .action(async (name: string, options: Options) => {
      const placed = environmentOf(terminal, options.env);
      if (options.rows !== undefined && options.bytes !== undefined) {
        const hint = 'use only one of them';
        const message = 'the size is given twice, as rows and as bytes';
        throw new MillraceError([{ code: 'MR632', path: '--rows, --bytes', message, hint }], 2);
      }
      const defined = await loadPlan(name);
      const plan = placedIn(placed, defined);
      const environment = costEnvironmentOf(placed, plan);
      const root = new Root(options.root);
      const { runs, unreadable } = await keptRuns(root, plan.pipeline);
      const throughput = measuredThroughput(plan, runs, availableParallelism());
      const question: Question = { plan, prices, throughput, environment, size: sizeOf(options, throughput) };
      const answer = forecast(question);
      const elsewhere = otherCompute(placed, plan);
      const both = elsewhere === undefined ? [] : choices(question, answer, on(elsewhere, defined, question));
      const actual = lastActual(question, runs);
      const issues = [...answer.warnings, ...oldPrices(), ...unreadableRuns(root, plan.pipeline, unreadable)];
      const budget = options.maxUsd === undefined ? undefined : budgetIssue(answer, options.maxUsd);
      if (options.json) {
        const measured = { source: throughput.source, tasks: throughput.tasks };
        printJson(terminal, {
          ...answer,
          choices: both,
          throughput: measured,
          actual: actual ?? null,
          issues: budget ? [...issues, budget] : issues,
        });
      } else terminal.out.write(show(answer, both, question, actual, terminal));
      terminal.err.write(renderIssues(budget === undefined ? issues : [...issues, budget]));
      finish(budget === undefined ? 0 : 1);
    });

/** The same question for other compute. */
function on(elsewhere: Environment, defined: Plan, question: Question): Question {
  const plan = placedIn(elsewhere, defined);
  return { ...question, plan, environment: costEnvironmentOf(elsewhere, plan) };
}

function amount(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < 0) throw new InvalidArgumentError('USD, 0 or more');
  return value;
}

function sizeOf(options: Options, { input }: Throughput): Size {
  if (options.bytes !== undefined) return { bytes: options.bytes };
  return { rows: options.rows ?? input?.rows ?? exampleRows };
}

/** MR635 if the prices are too old. */
function oldPrices(): Issue[] {
  const issues: Issue[] = [];
  const age = ageInDays(prices, new Date().toISOString().slice(0, 10));
  if (age > warnAfterDays) {
    issues.push({
      code: 'MR635',
      path: 'lib/cost/price-table.ts',
      message: `the prices are ${counted(age, 'day')} old (as of ${prices.asOf})`,
      hint: 'check them on the pages that lib/cost/price-table.ts names, and update asOf',
    });
  }
  return issues;
}

/** Compares the last full run on this machine, counted as if it were the workers, with the forecast for the same number of rows. */
function lastActual(question: Question, runs: readonly RunDocument[]): Actual | undefined {
  const { plan, environment, throughput } = question;
  const last = runs.filter((run) => isFull(plan, run)).at(-1);
  if (last === undefined || throughput.input?.run !== last.run) return undefined;
  const estimated = forecast({ ...question, size: { rows: throughput.input.rows } });
  return compareActual(estimated.run, usageOfRun(last, environment), environment, prices);
}

const shownItems = 8;
const barWidth = 16;

function show(
  answer: Forecast,
  both: readonly Choice[],
  { environment }: Question,
  actual: Actual | undefined,
  terminal: Terminal,
): string {
  const style = styleFor(terminal.out);
  const heading = (text: string) => `\n${style('bold', text)}\n`;
  const line = (what: string, { low, expected, high }: Spend | Forecast['month'], time: string) => [
    what,
    usd(low),
    usd(expected),
    usd(high),
    time,
  ];
  const { run, incremental, month, seconds } = answer;
  const totals = aligned(
    [
      ['', 'low', 'expected', 'high', ''],
      line('a full run', run, `about ${duration(seconds.run.expected)}`),
      line('a later run', incremental, `about ${duration(seconds.incremental.expected)}`),
      line('a month', month, `${counted(environment.runsPerMonth, 'run')}`),
    ],
    [1, 2, 3],
  );
  const items = dearest(month.items, shownItems);
  const rest = month.items.filter((item) => !items.includes(item));
  const share = (amount: number) => (month.expected > 0 ? amount / month.expected : 0);
  const row = (what: string, one: number, low: number, high: number) => [
    what,
    bar(share(one)),
    `${(share(one) * 100).toFixed(0)}%`,
    usd(one),
    `${usd(low)} to ${usd(high)}`,
  ];
  const sum = (level: 'low' | 'expected' | 'high') => rest.reduce((total, item) => total + item.usd[level], 0);
  const table = aligned(
    [
      ...items.map((item) => row(item.what, item.usd.expected, item.usd.low, item.usd.high)),
      ...(rest.length > 0 ? [row(counted(rest.length, 'other'), sum('expected'), sum('low'), sum('high'))] : []),
    ],
    [2, 3],
  );
  const saved = answer.savings.slice(0, 5).map((saving) => [usd(saving.usd), saving.what, saving.how]);
  const parts = [
    `${style('bold', answer.pipeline)} in ${answer.environment} (${answer.region}): ${counted(Math.round(answer.rows), 'row')}, ${gigabytes(answer.bytes / 1e9)}\n`,
    totals.replace(/^ {2}a month.*$/m, (text) => style('bold', text)),
    heading('Cost of a month by item'),
    table
      .split('\n')
      .map((text, i) => (i < answer.dearest.length ? style('bold', text) : text))
      .join('\n')
      .replace(/[█▏▎▍▌▋▊▉]+/g, (text) => style('cyan', text)),
  ];
  if (both.length > 0) parts.push(heading('Choices of compute'), choiceTable(both, answer.environment));
  if (saved.length > 0) parts.push(heading('Possible savings per month, each alone'), aligned(saved, [0]));
  if (actual?.ratio !== undefined)
    parts.push(heading('Forecast against actual'), `  ${compared(actual, dpuOf(environment))}\n`);
  parts.push(heading('Assumptions'), ...answer.assumptions.map((text) => `  - ${text}\n`));
  return parts.join('');
}

/** Both choices, and the setting that changes the environment to the other one. */
function choiceTable(both: readonly Choice[], environment: string): string {
  const rows = both.map(({ what, chosen, run, incremental, month, seconds }) => [
    `${what}${chosen ? `, as ${environment} is` : ''}`,
    usd(run.expected),
    usd(incremental.expected),
    usd(month.expected),
    `about ${duration(seconds.incremental.expected)} for a later run`,
  ]);
  const [chosen, other] = both;
  const moved = Object.entries(other!.stages).filter(([stage, compute]) => chosen!.stages[stage] !== compute);
  const setting = moved.map(([stage, compute]) => `${stage}: '${compute}'`).join(', ');
  return `${aligned([['', 'a full run', 'a later run', 'a month', ''], ...rows], [1, 2, 3])}  the second with \`stages: { ${setting} }\` in environments.ts\n`;
}

function compared({ run, dpuSeconds, forecast: expected, actual, ratio }: Actual, dpu: number): string {
  const took = `${run} took this machine ${duration(dpuSeconds / dpu)}, ${usd(actual)} as ${dpu} DPU`;
  return `${took}; the same on AWS is forecast at ${usd(expected)}: ratio ${ratio!.toFixed(2)}`;
}

/** A share from 0 to 1 in eighths of a character. */
function bar(share: number): string {
  const eighths = Math.round(share * barWidth * 8);
  const partial = eighths % 8 === 0 ? '' : '▏▎▍▌▋▊▉'[(eighths % 8) - 1]!;
  return ('█'.repeat(Math.floor(eighths / 8)) + partial).padEnd(barWidth);
}

/** Columns; those in `right` are right-aligned. */
function aligned(rows: readonly (readonly string[])[], right: readonly number[]): string {
  const width = (i: number) => Math.max(...rows.map((row) => row[i]?.length ?? 0));
  return columns(rows.map((row) => row.map((cell, i) => (right.includes(i) ? cell.padStart(width(i)) : cell))));
}
