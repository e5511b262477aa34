// All tests, TypeScript and Python, the slowest ten of each, and one closing count.
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

console.error('Millrace tests: TypeScript, then Python');
// All of them: those of the Spark engine and of the twin need environments of their own.
setup({ spark: true, twin: true });

/** Runs a test runner, shows its output as it comes and returns the counts of its own closing line. */
async function suite(
  title: string,
  [program, ...args]: Command,
  cwd: string,
  read: (text: string) => Counts,
): Promise<Counts> {
  console.error(`\n== ${title}`);
  const child = spawn(program, args, { cwd, stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.on('data', (chunk) => {
    process.stdout.write(chunk);
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
const typescript = await suite(
  'TypeScript (vitest)',
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
);
console.log(slowest(report));
const engine = await suite(
  'Python (pytest)',
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
);
const sum = (key: keyof Counts) => typescript[key] + engine[key];
console.log(
  `\n${sum('passed')} passed, ${sum('failed')} failed${sum('skipped') > 0 ? `, ${sum('skipped')} skipped` : ''}`,
);
process.exitCode = sum('failed') === 0 && typescript.passed > 0 && engine.passed > 0 ? 0 : 1;
