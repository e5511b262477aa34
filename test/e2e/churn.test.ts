import { spawn } from 'node:child_process';
import { appendFile, cp, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RunDocument } from '../../lib/documents/run-document.ts';
import { projectFolder } from '../../lib/local/root.ts';
import { asBinary } from '../learning/binary.ts';
import { copyPipeline, millrace, openLab, run, sameTables, sum } from './lab.ts';

/** All of Millrace on a small lake: from generated files to scores, and a second run. */

let lab: Awaited<ReturnType<typeof openLab>>;
let first: RunDocument;
let generated: {
  best_possible: number;
  lines: Record<string, Record<string, number>>;
};

beforeAll(async () => {
  lab = await openLab();
  const made = await millrace('generate', 'churn', '--customers', '2000', '--out', lab.at('data'));
  expect(made.code).toBe(0);
  generated = JSON.parse(await readFile(lab.at('data', 'generator.json'), 'utf8'));
  first = (await run('churn', '--data', lab.at('data'), '--root', lab.at('root'))).document;
});
afterAll(() => lab.close());

const resultOf = (document: RunDocument, task: string) => document.tasks.find((result) => result.task === task)!;

describe('a first run', () => {
  test('runs every task and promotes a model close to the best possible one', () => {
    expect(first.status).toBe('succeeded');
    expect(first.tasks).toHaveLength(11);
    const [model] = first.models;
    expect(model).toMatchObject({ name: 'churn', version: 1, verdict: 'promote' });
    expect(asBinary(model).metrics.auc).toBeGreaterThan(generated.best_possible - 0.06);
    expect(asBinary(model).metrics.auc).toBeLessThan(generated.best_possible + 0.06);
    expect(first.best_possible).toBe(generated.best_possible);
  });

  test('accounts for every row that a task read', () => {
    for (const { task, read, written, aggregated, deduplicated, filtered, quarantined } of first.tasks) {
      expect([task, written + sum(aggregated) + deduplicated + sum(filtered) + sum(quarantined)]).toEqual([task, read]);
    }
  });

  test('puts each row where the generator expects it', () => {
    const { customers, new_customers: fresh, interactions } = generated.lines as Record<string, Record<string, number>>;
    expect(resultOf(first, 'customers')).toMatchObject({
      read: customers!['lines'],
      quarantined: { 'csv:fields': customers!['malformed'] },
    });
    const clean = resultOf(first, 'customers_clean');
    expect(clean.written).toBe(customers!['kept']! + fresh!['kept']!);
    expect(clean.deduplicated).toBe(customers!['superseded']! + fresh!['superseded']!);
    expect(sum(clean.quarantined)).toBe(customers!['bad_number']! + fresh!['bad_number']!);
    expect(sum(resultOf(first, 'interactions').quarantined)).toBe(
      interactions!['malformed']! + interactions!['duration_as_string']!,
    );
    const features = resultOf(first, 'churn_features');
    expect(features.aggregated).toEqual({ churn_features: interactions!['kept'] });
    expect(features.filtered).toEqual({
      before_snapshot: interactions!['after_snapshot'],
      within_90_days: interactions!['older_than_90_days'],
      known_customer: interactions!['unknown_customer'],
    });
    expect(resultOf(first, 'predictions').written).toBe(fresh!['kept']);
  });

  test('writes a report that needs no network, a curve, and a model with its manifest', async () => {
    const report = await readFile(first.report!, 'utf8');
    expect(report).toContain(asBinary(first.models[0]).metrics.auc.toFixed(3));
    expect(report).not.toMatch(/https?:\/\//);
    const files = await readdir(first.models[0]!.folder);
    expect(files.sort()).toEqual(['dossier.json', 'manifest.json', 'model.json', 'roc_curve.png', 'rows.bin']);
  });
});

describe('a first run also leaves', () => {
  const file = (name: string) => readFile(lab.at('root', 'runs', 'churn', first.run, name), 'utf8');

  test('the cost of each task: phases that add up to its time, and what it read and wrote', async () => {
    for (const { task, seconds, metrics } of first.tasks) {
      expect([task, metrics]).toEqual([task, expect.objectContaining({ read: expect.anything() })]);
      expect(Math.abs(sum(metrics!.phases) - seconds)).toBeLessThan(0.01);
      expect(metrics!.peak_memory_bytes).toBeGreaterThan(50e6);
      expect([task, metrics!.written!.files]).not.toEqual([task, 0]);
    }
    const input = first.inputs.find(({ source }) => source === 'customers')!;
    expect(resultOf(first, 'customers').metrics!.read).toEqual({ files: 1, bytes: input.size });
    const bronze = (await readdir(lab.at('root', 'lake', 'churn', 'bronze', 'customers'))).filter((name) =>
      name.endsWith('.parquet'),
    );
    expect(resultOf(first, 'customers').metrics!.written).toMatchObject({ files: bronze.length, removed: 0 });
    // Its three upstream tables have one file each.
    expect(resultOf(first, 'customers_clean').metrics!.read!.files).toBe(3);
    expect(await readFile(first.report!, 'utf8')).toContain('Resources by task');
  });

  test('the query plan of each table, without folders of this machine, which `logs --plan` prints', async () => {
    const names = await readdir(lab.at('root', 'runs', 'churn', first.run, 'tasks'));
    const plans = names.filter((name) => name.endsWith('.plan.txt')).map((name) => name.slice(0, -'.plan.txt'.length));
    const tables = first.tasks.filter(({ kind }) => kind === 'transform').map(({ task }) => task);
    expect(plans.sort()).toEqual(tables.sort());
    for (const task of plans) {
      const text = await file(`tasks/${task}.plan.txt`);
      expect(text).toContain('== Physical Plan ==');
      expect(text).not.toContain(lab.folder.slice(1));
    }
    const said = await millrace('logs', 'churn', 'customers_clean', '--plan', '--root', lab.at('root'));
    expect([said.code, said.err]).toEqual([0, `${first.run}\n`]);
    expect(said.out).toContain('<root>/lake/churn/bronze/customers/');
    expect(said.out.match(/^== .* ==$/gm)?.every((heading) => heading === '== Physical Plan ==')).toBe(true);
    const full = await millrace('logs', 'churn', 'customers_clean', '--plan', '--full', '--root', lab.at('root'));
    expect(full.out).toBe(await file('tasks/customers_clean.plan.txt'));
    expect(full.out).toContain('== Optimized Logical Plan ==');
    const none = await millrace('logs', 'churn', 'train_churn', '--plan', '--root', lab.at('root'));
    expect([none.code, none.err.slice(0, 5)]).toEqual([2, 'MR517']);
    const unknown = await millrace('logs', 'churn', 'train_chrn', '--plan', '--root', lab.at('root'));
    expect([unknown.code, unknown.err]).toEqual([2, expect.stringMatching(/^MR518[\s\S]*try {3}train_churn/)]);
    const lines = await millrace('logs', 'churn', 'train_chrn', '--root', lab.at('root'));
    expect([lines.code, lines.err]).toEqual([unknown.code, unknown.err]);
  });

  test('its logs: one JSON document per line with run, task and host, which `logs` formats', async () => {
    const lines = (await file('logs/build.log'))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    for (const line of lines) expect(line).toMatchObject({ run: first.run, stage: 'build', host: expect.any(String) });
    expect(lines.filter(({ event }) => event === 'task.done').map(({ task }) => task)).toHaveLength(10);
    const said = await millrace('logs', 'churn', '--root', lab.at('root'));
    expect([said.code, said.err]).toEqual([0, '']);
    expect(said.out).toContain('churn_features  done in');
    expect(said.out).toContain('stage predict  the engine is ready');
    const one = await millrace('logs', 'churn', 'regions', '--run', first.run, '--root', lab.at('root'), '--json');
    const events = (JSON.parse(one.out) as { lines: { text: string }[] }).lines.map(
      ({ text }) => JSON.parse(text).event,
    );
    expect(events).toEqual(['task.start', 'task.done']);
    const gone = await millrace('logs', 'churn', '--run', 'r-none', '--root', lab.at('root'));
    expect([gone.code, gone.err.slice(0, 5)]).toEqual([2, 'MR702']);
  });
});

describe('a second run', () => {
  test('without changes does nothing', async () => {
    const { code, document } = await run('churn', '--data', lab.at('data'), '--root', lab.at('root'));
    expect([code, document.status, document.tasks]).toEqual([0, 'nothing to do', []]);
  });

  test('after a change of one SQL file computes only that table and those downstream', async () => {
    await cp(lab.at('root'), lab.at('changed'), { recursive: true });
    const pipeline = await copyPipeline('churn', lab.at('pipelines', 'churn'), {
      'gold/region_churn.sql': (text) => text.replace('churn = 1) AS cancelled', 'churn >= 1) AS cancelled'),
    });
    const { document } = await run(pipeline, '--data', lab.at('data'), '--root', lab.at('changed'));
    expect(document.reasons).toEqual([{ task: 'region_churn', why: 'changed SQL' }]);
  });

  test('with another snapshot date computes the features and everything downstream', async () => {
    const planned = await millrace(
      'plan',
      'churn',
      '--data',
      lab.at('data'),
      '--root',
      lab.at('root'),
      '--param',
      'snapshot_date=2025-06-01',
      '--json',
    );
    const { tasks } = JSON.parse(planned.out) as { tasks: { task: string; run: boolean; why: string }[] };
    expect(tasks.filter((task) => task.run).map(({ task, why }) => [task, why])).toEqual([
      ['churn_features', 'changed parameter snapshot_date'],
      ['train_churn', 'changed upstream: churn_features'],
      ['predictions', 'changed upstream: churn_features, train_churn'],
    ]);
  });

  test('with new and rewritten files gives the same tables as one run over all of them', async () => {
    await cp(lab.at('data'), lab.at('more'), { recursive: true });
    await cp(lab.at('root'), lab.at('stepped'), { recursive: true });
    const header = (await readFile(lab.at('data', 'customers', 'part-00000.csv'), 'utf8')).split('\n')[0];
    await writeFile(
      lab.at('more', 'customers', 'part-00001.csv'),
      `${header}\nC-7,cancelled,2020-01-01,2025-06-29T00:00:00,basic,tv,two-year,credit-card,40,10,100,R-01\n` +
        'C-999999,active,2020-01-01,2025-06-29T00:00:00,basic,tv,two-year,credit-card,40,10,100,R-02\n',
    );
    await appendFile(
      lab.at('more', 'interactions', 'part-00000.json'),
      '{"customer_id":"C-9","ts":"2025-06-20T00:00:00","channel":"app","type":"complaint","duration":1,"sentiment":0.1,"resolved":true}\n',
    );
    const stepped = await run('churn', '--data', lab.at('more'), '--root', lab.at('stepped'));
    expect(stepped.document.status).toBe('succeeded');
    expect(resultOf(stepped.document, 'customers_clean')).toMatchObject({ mode: 'incremental', written: 2 });
    await run('churn', '--data', lab.at('more'), '--root', lab.at('whole'));
    for (const table of await sameTables(lab.at('stepped'), lab.at('whole')))
      expect(table).toMatchObject({ equal: true });
  });
});

test('a rewound source is read again and its rows are replaced; a file marked as ingested is not read', async () => {
  await cp(lab.at('root'), lab.at('rewound'), { recursive: true });
  const there = ['--root', lab.at('rewound')];
  expect((await millrace('bookmarks', 'rewind', 'churn', 'customers', ...there)).out).toMatch(
    /^1 input to be read again/,
  );
  const { document } = await run('churn', '--data', lab.at('data'), ...there);
  expect(resultOf(document, 'customers')).toMatchObject({ mode: 'incremental' });
  for (const table of await sameTables(lab.at('rewound'), lab.at('root'))) expect(table).toMatchObject({ equal: true });
  await cp(lab.at('data'), lab.at('extended'), { recursive: true });
  await writeFile(lab.at('extended', 'customers', 'skipped.csv'), 'not a customer\n');
  const data = ['--data', lab.at('extended')];
  expect((await millrace('bookmarks', 'set', 'churn', 'customers', ...data, ...there)).out).toMatch(/^1 input marked/);
  expect((await run('churn', ...data, ...there)).document.status).toBe('nothing to do');
  const shown = JSON.parse((await millrace('bookmarks', 'show', 'churn', ...there, '--json')).out) as Record<
    string,
    unknown
  >;
  expect(shown).toMatchObject({ claim: null, sequence: 2, in_doubt: {} });
});

describe('a run that is killed', () => {
  const middle: [string, RegExp] = ['interactions_clean', /interactions_clean {2}\d/];
  // Each moment costs two runs. `test/kills` kills at random moments.
  const all = process.env['MILLRACE_ALL'] === '1' || process.env['MILLRACE_LONG'] === '1';
  const ends: (typeof middle)[] = [
    ['customers_clean', /interactions {2}\d/],
    ['train_churn', /train_churn \.\.\./],
  ];
  test.each(all ? [...ends, middle] : [middle])(
    'before the end of %s leaves published tables readable, and the next run gives the same tables',
    async (name, moment) => {
      const root = lab.at(`killed-${name}`);
      const args = ['run', 'churn', '--data', lab.at('data'), '--root', root];
      const child = spawn(process.execPath, [path.join(projectFolder, 'bin', 'millrace.mjs'), ...args], {
        env: { ...process.env, CI: '1' },
      });
      await new Promise<void>((resolve) => {
        let text = '';
        child.stderr.on('data', (chunk: Buffer) => {
          text += chunk.toString();
          if (moment.test(text)) child.kill('SIGKILL');
        });
        child.once('close', () => resolve());
      });
      const status = await millrace('status', 'churn', '--root', root);
      expect(status.out).toMatch(/was stopped before it ended/);
      const { document } = await run('churn', '--data', lab.at('data'), '--root', root);
      expect(document.status).toBe('succeeded');
      expect(document.skipped.map((entry) => entry.task)).toContain('customers');
      for (const table of await sameTables(root, lab.at('root'))) expect(table).toMatchObject({ equal: true });
      expect(document.models[0]!.metrics).toEqual(first.models[0]!.metrics);
    },
  );
});

describe('the quality gate', () => {
  test('holds a poor model: exit code 3, nothing is scored, and the next run does not try again', async () => {
    const pipeline = await copyPipeline('churn', lab.at('pipelines', 'strict'), {
      'pipeline.ts': (text) => text.replace('gate: { auc: 0.75 }', 'gate: { auc: 0.99 }'),
    });
    const held = await run(pipeline, '--data', lab.at('data'), '--root', lab.at('strict'));
    expect([held.code, held.document.status]).toEqual([3, 'held']);
    expect(held.document.issues).toMatchObject([{ code: 'MR407' }]);
    expect(held.document.tasks.map((task) => task.task)).not.toContain('predictions');
    const again = await run(pipeline, '--data', lab.at('data'), '--root', lab.at('strict'));
    expect(again.document.status).toBe('nothing to do');
    const score = await millrace('score', 'churn', '--id', 'C-1', '--root', lab.at('strict'));
    expect([score.code, score.err]).toEqual([1, expect.stringContaining('MR406')]);
  });
});

describe('score', () => {
  test('by key gives the rows of the predictions table', async () => {
    const said = await millrace('score', 'churn', '--id', 'C-2001', 'C-1', '--root', lab.at('root'), '--json');
    const { scores } = JSON.parse(said.out) as { scores: { customer_id: string; score: number }[] };
    expect(scores.map((entry) => entry.customer_id)).toEqual(['C-2001', 'C-1']);
    const { spawnSync } = await import('node:child_process');
    const python = path.join(projectFolder, '.venv', 'bin', 'python');
    const table = lab.at('root', 'lake', 'churn', 'gold', 'predictions');
    const looked = spawnSync(python, ['lookup.py', '--table', table, '--column', 'customer_id', 'C-2001'], {
      cwd: path.join(projectFolder, 'glue-scripts'),
      encoding: 'utf8',
    });
    const { row } = JSON.parse(looked.stdout) as { row: { score: number } };
    expect(Math.abs(row.score - scores[0]!.score)).toBeLessThan(1e-6);
  });

  test('reads features from a file, and names a missing key', async () => {
    await writeFile(
      lab.at('rows.json'),
      '{"customer_id":"X","tenure_days":10,"plan_type":"basic","complaints_30d":3}\n',
    );
    const said = await millrace(
      'score',
      'churn',
      '--features',
      lab.at('rows.json'),
      '--lenient',
      '--root',
      lab.at('root'),
      '--json',
    );
    expect(JSON.parse(said.out)).toMatchObject({ scores: [{ customer_id: 'X', score: expect.any(Number) }] });
    const missing = await millrace('score', 'churn', '--id', 'C-nobody', '--root', lab.at('root'));
    expect([missing.code, missing.err]).toEqual([1, expect.stringContaining('MR408')]);
  });

  test('refuses a model whose files have changed', async () => {
    await cp(lab.at('root', 'models'), lab.at('tampered', 'models'), { recursive: true });
    await appendFile(lab.at('tampered', 'models', 'churn', 'churn', 'v1', 'model.json'), ' ');
    await writeFile(lab.at('rows2.json'), '{}\n');
    const said = await millrace('score', 'churn', '--features', lab.at('rows2.json'), '--root', lab.at('tampered'));
    expect([said.code, said.err]).toEqual([1, expect.stringContaining('MR404')]);
  });
});
