// All tests, TypeScript and Python, side by side: each suite waits at times for one core. Prints the slowest ten of each, and one closing count.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { project, setup } from './setup.mjs';
import { bin, type Command, python } from './steps.ts';

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

console.error('Millrace tests: TypeScript, and Python beside it');
// All tests: those of the Spark engine and of the twin need separate environments.
setup({ spark: true, twin: true });

/**
 * What takes longest, as the numbers that `npm test` plays and those of CI: `MILLRACE_ALL=1` plays the latter. Only the number differs:
 * the first stories and kills are the same.
 */
const amounts = [
  { what: 'random pipelines on Sail', variable: 'MILLRACE_SAIL_STORIES', few: 12, all: 50 },
  { what: 'random pipelines on Spark', variable: 'MILLRACE_SPARK_STORIES', few: 3, all: 50 },
  { what: 'kills', variable: 'MILLRACE_KILLS', few: 6, all: 20 },
  { what: 'saves of each of eight processes', variable: 'MILLRACE_SAVES', few: 75, all: 300 },
];
const all = process.env['MILLRACE_ALL'] === '1' || process.env['MILLRACE_LONG'] === '1';
for (const { variable, few, all: most } of amounts) process.env[variable] ??= String(all ? most : few);

/** What this run leaves out, so that no one takes it for all. */
function leftOut(): string {
  const lines = amounts.map(({ what, variable, all: most }) => `${process.env[variable]} of ${most} ${what}`);
  lines.push(`${all ? 'all' : 'one'} of 4 mutations of rows at each boundary of Spark`);
  lines.push(`${all ? 3 : 1} of 3 moments at which a run of churn is killed`);
  lines.push(`${all ? 2 : 0} of 2 files of faults at each step on the twin`);
  return `played ${lines.join(', ')}${all ? '' : '; MILLRACE_ALL=1 npm test plays all'}`;
}

/** Runs a test runner, shows its output as it comes, and returns the counts of its last line. */
async function suite(
  [program, ...args]: Command,
  cwd: string,
  read: (text: string) => Counts,
  show: (text: string) => void,
): Promise<Counts> {
  const child = spawn(program, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  child.stderr.setEncoding('utf8').on('data', show);
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    show(chunk);
    text = (text + chunk).slice(-20_000);
  });
  const status = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
  const counts = read(text);
  // A runner that breaks down before it counts has failed once at least.
  if (status !== 0 && counts.failed === 0) counts.failed = 1;
  return counts;
}

/** The ten test files that took longest, from the runner's own report. */
function slowest(file: string): string {
  let results: { name: string; startTime: number; endTime: number }[] = [];
  try {
    results = JSON.parse(readFileSync(file, 'utf8')).testResults;
  } catch {
    return 'the slowest ten are not known: the runner left no report';
  }
  const lines = results
    .map(({ name, startTime, endTime }) => ({
      name: path.relative(project, name),
      seconds: (endTime - startTime) / 1000,
    }))
    .sort((a, b) => b.seconds - a.seconds)
    .slice(0, 10)
    .map(({ name, seconds }) => `${seconds.toFixed(1).padStart(8)} s  ${name}`);
  return ['slowest ten files', ...lines].join('\n');
}

const number = (text: string, pattern: RegExp) => Number(pattern.exec(text)?.[1] ?? 0);
// biome-ignore lint/suspicious/noControlCharactersInRegex: the runner colours its closing line.
const plain = (text: string) => text.replace(/\u001b\[[0-9;]*m/g, '');

const scratch = mkdtempSync(path.join(tmpdir(), 'millrace-tests-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));
const report = path.join(scratch, 'vitest.json');
const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
const started = Date.now();
// Shown when the other suite has ended, so that the two are not mixed.
let shownLater = '';
const pythonSuite = suite(
  [python, '-m', 'pytest', '--durations=10', '--durations-min=1'],
  path.join(project, 'glue-scripts'),
  (text) => {
    const line = plain(text).trimEnd().split('\n').at(-1) ?? '';
    return {
      passed: number(line, /(\d+) passed/),
      failed: number(line, /(\d+) failed/) + number(line, /(\d+) error/),
      skipped: number(line, /(\d+) skipped/),
    };
  },
  (text) => {
    shownLater += text;
  },
);
console.error('\n== TypeScript (vitest)');
const typescript = await suite(
  [bin('vitest'), 'run', ...reporters, ...process.argv.slice(2)],
  project,
  (text) => {
    const line =
      plain(text)
        .split('\n')
        .filter((l) => /^\s*Tests\s/.test(l))
        .at(-1) ?? '';
    return {
      passed: number(line, /(\d+) passed/),
      failed: number(line, /(\d+) failed/),
      skipped: number(line, /(\d+) skipped/),
    };
  },
  (text) => process.stdout.write(text),
);
console.log(slowest(report));
console.error('\n== Python (pytest)');
const engine = await pythonSuite;
process.stdout.write(shownLater);
const sum = (key: keyof Counts) => typescript[key] + engine[key];
const skipped = sum('skipped') > 0 ? `, ${sum('skipped')} skipped` : '';
const minutes = ((Date.now() - started) / 60_000).toFixed(1);
// With arguments only some files ran.
const played = process.argv.length > 2 ? '' : `${leftOut()}\n`;
console.log(`\n${minutes} minutes\n${played}${sum('passed')} passed, ${sum('failed')} failed${skipped}`);
process.exitCode = sum('failed') === 0 && typescript.passed > 0 && engine.passed > 0 ? 0 : 1;
