import { describe, expect, it } from 'vitest';
import type { RunDocument, TaskMetrics } from '../../lib/documents/run-document.ts';
import { renderReport } from '../../lib/report/index.ts';
import { readPage } from './markup.ts';
import { sampleRun } from './sample.ts';
import { samplePlan } from './sample-plan.ts';

const metrics: TaskMetrics = {
  phases: { read: 1, compute: 2, write: 1 },
  peak_memory_bytes: 256_000_000,
  read: { files: 3, bytes: 4_200_000 },
  written: { files: 1, bytes: 900, removed: 1 },
};
const spark = {
  stages: 4,
  tasks: 12,
  failed_tasks: 0,
  executor_seconds: 7.5,
  cpu_seconds: 5,
  gc_seconds: 0.1,
  input_bytes: 1,
  output_bytes: 1,
  shuffle_read_bytes: 1,
  shuffle_write_bytes: 1,
  spilled_bytes: 0,
};

const of = (...given: (TaskMetrics | undefined)[]): RunDocument => ({
  ...sampleRun,
  tasks: given.map((each, i) => {
    const { metrics: _, ...task } = sampleRun.tasks[i]!;
    return { ...task, ...(each && { metrics: each }) };
  }),
});
const page = (run: RunDocument, plans?: ReadonlyMap<string, string>) => renderReport(run, [], samplePlan, plans);
const text = (markup: string) => readPage(markup).rest.replaceAll('\u202f', ' ').replace(/\s+/g, ' ');

describe('the cost of each task', () => {
  it('shows phases as shares of its time, bytes read and written, and memory', () => {
    const made = page(of(metrics));
    expect(made).toContain('aria-label="read 1.00\u202fs, compute 2.00\u202fs, write 1.00\u202fs"');
    const shares = [...made.matchAll(/<i class="\w+" style="flex-grow:([\d.]+)" title="(?:read|compute|write):/g)].map(
      ([, share]) => Number(share),
    );
    expect(shares).toEqual([25, 50, 25]);
    expect(text(made)).toMatch(/4\.2 MB 3 files 900 B 1 file 256 MB/);
  });

  it('has executors only if Spark reported them, with the spilled bytes', () => {
    expect(text(page(of(metrics)))).not.toContain('Executors');
    const made = text(page(of(metrics, { ...metrics, spark: { ...spark, spilled_bytes: 2_000_000 } })));
    expect(made).toMatch(/Executors.*7\.50 s 12 Spark tasks 2\.0 MB spilled/);
  });

  it('shows unmeasured values as a dash, and omits tasks without metrics', () => {
    const { read: _, written: __, ...less } = metrics;
    expect(text(page(of(less)))).toMatch(/– – 256 MB/);
    expect(text(page(of(undefined)))).not.toContain('Resources by task');
  });
});

describe('query plans', () => {
  const plan = [
    'the SQL',
    '-------',
    '== Parsed Logical Plan ==',
    'Projection: a',
    '',
    '== Physical Plan ==',
    'Scan <root>/lake/a',
    '',
    '',
    'the rows to merge',
    '-----------------',
    '== Analyzed Logical Plan ==',
    'Filter',
    '== Physical Plan ==',
    'Join',
  ].join('\n');
  const task = sampleRun.tasks[0]!.task;

  it('unfold per task, with the escaped physical plan of each query', () => {
    const made = page(of(metrics), new Map([[task, plan]]));
    const [, shown] = /<pre>([\s\S]*?)<\/pre>/.exec(made)!;
    expect(shown).toContain('the SQL\n-------\n== Physical Plan ==\nScan &lt;root&gt;/lake/a');
    expect(shown).toContain('the rows to merge\n-----------------\n== Physical Plan ==\nJoin');
    expect(shown).not.toMatch(/Projection|Filter|Logical/);
    expect(made).toContain(`<details><summary><code>${task}</code></summary>`);
  });

  it('of another run are not shown, and without plans there is no heading', () => {
    expect(page(of(metrics), new Map([['another', plan]]))).not.toContain('Query plans');
  });
});
