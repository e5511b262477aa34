import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { environments } from '../../environments.ts';
import { costCommand } from '../../lib/cli/cost.ts';
import type { Terminal } from '../../lib/cli/terminal.ts';
import type { Choice } from '../../lib/cost/choices.ts';
import type { Range } from '../../lib/cost/range.ts';
import { MillraceError } from '../../lib/errors.ts';
import { ranOn } from '../cost/questions.ts';

let folder: string;
let empty: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'millrace-cost-'));
  empty = path.join(folder, 'empty');
  for (const [name, text] of [
    ['r-1', JSON.stringify(ranOn(2_000_000, 4, 'r-1'))],
    ['r-2', '{"run": "r-2"'],
  ] as const) {
    await mkdir(path.join(folder, 'runs', 'churn', name), { recursive: true });
    await writeFile(path.join(folder, 'runs', 'churn', name, 'run.json'), text);
  }
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** The output of `millrace cost ...`. */
const cost = (...args: string[]) => costIn(environments, ...args);

async function costIn(known: Terminal['environments'], ...args: string[]) {
  const said = { code: -1, out: '', err: '' };
  const terminal = {
    out: { write: (text: string) => (said.out += text) },
    err: { write: (text: string) => (said.err += text) },
    environments: known,
  };
  const command = costCommand(terminal, (code) => {
    said.code = code;
  }).exitOverride();
  await command.configureOutput({ writeErr: (text) => (said.err += text) }).parseAsync(args, { from: 'user' });
  return said;
}

const total = ({ low, expected, high }: Range) => ({ low, expected, high });

const asJson = async (...args: string[]) => JSON.parse((await cost(...args, '--json')).out);

describe('millrace cost', () => {
  test('shows totals, the shares of the month, possible savings and assumptions', async () => {
    const { out, code } = await cost('churn', '--root', empty, '--rows', '20000000');
    expect(code).toBe(0);
    expect(out).toMatch(/^churn in prod \(eu-central-1\): 20,000,000 rows, 2\.8 GB\n/);
    expect(out).toMatch(/a full run +\$\d+\.\d+ +\$\d+\.\d+ +\$\d+\.\d+ {2}about \d+ min\n/);
    expect(out).toMatch(
      /Cost of a month by item\n(.*\n)*? {2}Kinesis: interactions, on demand +█+[▏▎▍▌▋▊▉]? +\d+% +\$3\d\.\d\d/,
    );
    expect(out).toContain('Glue Flex');
    expect(out).toContain('throughput is assumed, because nothing has run on this machine yet');
    const [, models, points, folds] = /fits (\d+) models \((\d+) grid points? × (\d+) folds? \+ 1\)/
      .exec(out)!
      .map(Number);
    expect(models).toBe(points! * folds! + 1);
    expect(models).toBeGreaterThan(1);
  });

  test('lists all shares of the month, the most expensive first', async () => {
    const { out } = await cost('churn', '--root', empty, '--rows', '500000000');
    const table = out.split('Cost of a month by item\n')[1]!.split('\n\n')[0]!.split('\n');
    const shares = table.map((line) => Number(/(\d+)%/.exec(line)![1]));
    expect(table.at(-1)).toMatch(/^ {2}\d+ others/);
    expect(shares.slice(0, -1)).toEqual(shares.slice(0, -1).sort((a, b) => b - a));
    expect(Math.abs(shares.reduce((a, b) => a + b, 0) - 100)).toBeLessThanOrEqual(5);
  });

  test('uses measurements of runs in the root, names them, and skips unreadable ones', async () => {
    const { out, err, code } = await cost('churn', '--root', folder);
    expect(code).toBe(0);
    expect(out).toContain('2,000,050 rows, 260.0 MB');
    expect(out).toContain('throughput is measured for 9 of 11 tasks, in r-1');
    expect(out).toMatch(/r-1 took this machine 16 s, \$0\.020 as 10 DPU; .* ratio 0\.\d\d\n/);
    expect(err).toMatch(/MR636 {2}left out 1 unreadable run: /);
    const answer = await asJson('churn', '--root', folder);
    expect(answer).toMatchObject({ throughput: { source: 'measured' }, actual: { run: 'r-1', from: 'local' } });
  });

  test('fails above a budget, with the most expensive item and a hint', async () => {
    const above = await cost('churn', '--root', empty, '--max-usd', '5.5');
    expect(above.code).toBe(1);
    expect(above.err).toMatch(
      /MR634 {2}a month of churn is expected to cost \$\d+\.\d\d, above the budget of \$5\.50; the most expensive item is .*\n {2}at .*\n {2}try /,
    );
    expect((await cost('churn', '--root', empty, '--max-usd', '5000')).code).toBe(0);
  });

  test('prints one document with --json, whose items add up from low to high', async () => {
    const { month, run, dearest, pricesAsOf, savings } = await asJson(
      'churn',
      '--root',
      empty,
      '--bytes',
      '1000000000',
    );
    for (const total of [month, run]) {
      const sum = total.items.reduce(
        (before: number, item: { usd: { expected: number } }) => before + item.usd.expected,
        0,
      );
      expect(sum).toBeCloseTo(total.expected, 8);
      expect(total.low).toBeLessThan(total.high);
    }
    expect(dearest).toHaveLength(3);
    expect(pricesAsOf).toMatch(/^\d{4}-\d\d-\d\d$/);
    expect(savings.length).toBeGreaterThan(0);
  });

  test('an environment on clusters is priced beside the managed service, at what each costs alone', async () => {
    const cheap = { ...environments.dev, stages: { build: 'glue' } } as const;
    const given = ['churn', '--root', empty, '--env', 'dev'];
    const { choices, run, incremental, month } = await asJson(...given);
    expect(choices.map((choice: Choice) => [choice.stages, choice.chosen])).toEqual([
      [{ build: 'emr', predict: 'glue' }, true],
      [{ build: 'glue', predict: 'glue' }, false],
    ]);
    expect(choices[0]).toMatchObject({ run: total(run), incremental: total(incremental), month: total(month) });
    const other = JSON.parse((await costIn({ ...environments, dev: cheap }, ...given, '--json')).out);
    expect(choices[1]).toMatchObject({ run: total(other.run), month: total(other.month) });
    expect(choices[1].month.expected).toBeLessThan(choices[0].month.expected - 20);
    // The reverse: the clusters that the environment has settings for.
    expect(other.choices.map((choice: Choice) => [choice.stages, choice.chosen])).toEqual([
      [{ build: 'glue', predict: 'glue' }, true],
      [{ build: 'emr', predict: 'emr' }, false],
    ]);
    const { out } = await cost(...given);
    expect(out).toMatch(/Choices of compute\n.* a full run {2}a later run +a month\n/);
    expect(out).toMatch(/ {2}build on EMR, predict on Glue Flex, as dev is +\$\d/);
    expect(out).toMatch(/ {2}build on Glue Flex, predict on Glue Flex +\$\d/);
    expect(out).toContain("  the second with `stages: { build: 'glue' }` in environments.ts\n");
  });

  test('an environment without clusters and without settings for them has no choice', async () => {
    expect((await asJson('churn', '--root', empty)).choices).toEqual([]);
    expect((await cost('churn', '--root', empty)).out).not.toContain('Choices of compute');
  });

  test('the budget of each environment is above its forecast', async () => {
    for (const { name, budgetUsd, lacks = [] } of Object.values(environments)) {
      if (lacks.includes('AWS::Budgets::Budget')) continue;
      const { month } = await asJson('churn', '--root', empty, '--env', name);
      expect(month.high, name).toBeLessThan(budgetUsd);
    }
  });

  test('refuses an unknown environment, two sizes, and an invalid size or budget', async () => {
    const issues = async (...args: string[]) => {
      const error = await cost('churn', '--root', empty, ...args).catch((caught: unknown) => caught);
      if (error instanceof MillraceError) return [error.exitCode, ...error.issues.map((issue) => issue.code)];
      return [(error as { code: string }).code];
    };
    expect(await issues('--env', 'porduction')).toEqual([2, 'MR600']);
    expect(await issues('--rows', '5', '--bytes', '5')).toEqual([2, 'MR632']);
    expect(await issues('--rows', 'many')).toEqual(['commander.invalidArgument']);
    expect(await issues('--max-usd', '-1')).toEqual(['commander.invalidArgument']);
  });
});
