import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { environments } from '../../environments.ts';
import { costCommand } from '../../lib/cli/cost.ts';
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
async function cost(...args: string[]) {
  const said = { code: -1, out: '', err: '' };
  const terminal = {
    out: { write: (text: string) => (said.out += text) },
    err: { write: (text: string) => (said.err += text) },
    environments,
  };
  const command = costCommand(terminal, (code) => {
    said.code = code;
  }).exitOverride();
  await command.configureOutput({ writeErr: (text) => (said.err += text) }).parseAsync(args, { from: 'user' });
  return said;
}

const asJson = async (...args: string[]) => JSON.parse((await cost(...args, '--json')).out);

describe('millrace cost', () => {
  test('shows totals, the shares of the month, possible savings and assumptions', async () => {
    const { out, code } = await cost('churn', '--root', empty, '--rows', '20000000');
    expect(code).toBe(0);
    expect(out).toMatch(/^churn in prod \(eu-central-1\): 20,000,000 rows, 2\.8 GB\n/);
    expect(out).toMatch(/a full run +\$\d+\.\d+ +\$\d+\.\d+ +\$\d+\.\d+ {2}about \d+ min\n/);
    expect(out).toMatch(/Cost of a month by item\n(.*\n)*? {2}CloudWatch dashboard +█+[▏▎▍▌▋▊▉]? +\d+% +\$3\.00/);
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

  test('dev costs less than prod', async () => {
    const [dev, prod] = [
      await asJson('churn', '--root', empty, '--env', 'dev'),
      await asJson('churn', '--root', empty),
    ];
    expect(dev.month.expected).toBeLessThan(prod.month.expected);
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
