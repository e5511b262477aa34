import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { driftLine } from '../../lib/cli/live-models.ts';
import { rendererFor } from '../../lib/cli/run-renderers.ts';
import { issuesOf, readsTable, summary, warningsOf } from '../../lib/cli/run-summary.ts';
import { fitting, type Terminal } from '../../lib/cli/terminal.ts';
import type { RunDocument, TaskResult } from '../../lib/documents/run-document.ts';
import type { RunEvent } from '../../lib/local/events.ts';
import { failedRun, sampleRun } from '../report/sample.ts';

const pipe: Terminal = { out: { write: () => true }, err: { write: () => true } };
const narrow: Terminal = {
  out: { ...pipe.out, isTTY: true, columns: 60 },
  err: { ...pipe.err, isTTY: true, columns: 60 },
};

const [first] = sampleRun.tasks as [TaskResult];
const ingest = (task: string, read: number): TaskResult => ({ ...first, task, read, written: read, quarantined: {} });
const runOf = (status: RunDocument['status'], tasks: TaskResult[], others: string[] = []): RunDocument => ({
  ...sampleRun,
  status,
  tasks,
  models: [],
  reasons: [...tasks.map(({ task }) => task), ...others].map((task) => ({ task, why: 'never built' })),
});
const longest = (text: string) =>
  Math.max(
    ...stripVTControlCharacters(text)
      .split('\n')
      .map((line) => line.length),
  );

describe('the summary of a run', () => {
  test('that failed says which rows are accounted for, and which tasks are unknown', () => {
    const text = summary(runOf('failed', [ingest('a', 1)], ['b', 'c']), pipe);
    expect(text).toContain('1 input row of 1 finished task, accounted for; 0 in quarantine\n');
    expect(text).toContain('unknown: the rows of 2 unfinished tasks: b, c\n');
    expect(text).not.toContain('every one');
  });

  test('that failed before any task ended has no row accounts', () => {
    const text = summary(runOf('failed', [], ['a', 'b', 'c', 'd', 'e', 'f', 'g']), pipe);
    expect(text).not.toContain('accounted for');
    expect(text).toContain('unknown: the rows of 7 unfinished tasks: a, b, c, d, e and 2 more\n');
  });

  test('that succeeded has every row accounted for, for one row and for many', () => {
    expect(summary(runOf('succeeded', [ingest('a', 1)]), pipe)).toContain('1 input row, accounted for; 0 in');
    expect(summary(runOf('succeeded', [ingest('a', 1200)]), pipe)).toContain(
      '1,200 input rows, all accounted for; 0 in quarantine\n',
    );
  });

  test('says in a sentence what the gate did with a model', () => {
    expect(summary(sampleRun, pipe)).toMatch(/model churn v3 .* promoted: AUC 0\.861/);
  });

  test('uses the singular for one', () => {
    const one = { ...ingest('a', 1), warnings: ['w'], quarantined: { r: 1 } };
    const text = summary(runOf('failed', [one], ['b']), pipe);
    expect(text).not.toMatch(/\b1 (new )?(input )?(rows|tasks|warnings|models)\b/);
    expect(text).toContain('the rows of 1 unfinished task: b\n');
  });
});

describe('lines', () => {
  const warned = { ...ingest('a', 3), warnings: [`MR405 ${'a feature of a long name '.repeat(9)}is constant`] };
  const run: RunDocument = {
    ...runOf('failed', [warned], ['b']),
    warnings: [{ code: 'MR226', path: 'b.csv', message: 'the file '.repeat(30), hint: 'x' }],
    issues: [{ code: 'MR302', path: 'x', message: 'rows are lost '.repeat(20), hint: 'y' }],
  };

  test('are at most as long as a terminal is wide, and warnings are complete', () => {
    for (const text of [summary(run, narrow), warningsOf(run, narrow), issuesOf(run, narrow)]) {
      expect(longest(text.replace(/report .*/, ''))).toBeLessThanOrEqual(60);
    }
    expect(warningsOf(run, narrow).replace(/\n {2}/g, ' ')).toContain(warned.warnings[0]);
  });

  test('are not wrapped in a file', () => {
    expect(warningsOf(run, pipe)).toContain(`warning  a  ${warned.warnings[0]}\n`);
  });

  test('with colour are measured without the colour codes', () => {
    const line = `\u001b[33m${'word '.repeat(11)}end\u001b[39m`;
    expect(fitting(line, narrow.out)).toBe(line);
  });

  test('of a drift are at most 80 characters, one for each feature', () => {
    const names = ['mean_sentiment_of_the_last_ninety_days', 'contacts_of_the_last_thirty_days', 'monthly_charges'];
    const features = names.map((feature) => ({ feature, psi: 1.5 }));
    const moved = { against: 1, rows: 1, features, scores: 0.3 };
    const text = driftLine('churn_of_private_customers', moved);
    expect(longest(text)).toBeLessThanOrEqual(80);
    expect(text).toContain('1 new row has drifted');
    for (const name of names) expect(text).toContain(`\n  ${name} (PSI 1.50)\n`);
  });
});

describe('the reads of a run', () => {
  test('are compared with the logs of the tables', () => {
    const reads = [
      { table: 'people', to: 0, upstream: 300, read: 300 },
      { table: 'visits', from: 3, to: 5, upstream: 20, read: 20 },
      { table: 'towns', from: 1, to: 2, upstream: 900, grown: 1, changed: 7, read: 12 },
    ];
    const rows = readsTable(runOf('succeeded', [{ ...first, task: 'clean', reads }]))
      .split('\n')
      .map((line) => line.trim().split(/ {2,}/));
    expect(rows[0]).toEqual(['task', 'read from', 'version', 'rows of the version', 'rows the task read']);
    expect(rows.slice(1, 4)).toEqual([
      ['clean', 'people', '0', '300', '300'],
      ['clean', 'visits', '3 to 5', '20', '20'],
      ['clean', 'towns', '1 to 2', '900', '12', 'by keys, 7 changed'],
    ]);
    expect(readsTable(failedRun)).toBe('');
  });
});

test('the progress of a run gives the verdict on a model, and the summary its reason', () => {
  const said: string[] = [];
  const renderer = rendererFor({ write: (text: string) => said.push(text) });
  renderer.on({ type: 'verdict', model: 'm', version: 3, verdict: 'hold', reason: 'AUC 0.4 is below 0.6' } as RunEvent);
  expect(said).toEqual(['  model m v3  held\n']);
});
