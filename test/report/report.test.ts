import { describe, expect, it } from 'vitest';
import { dossierSchema, modelSchema } from '../../lib/documents/model.ts';
import { type RunDocument, runDocument } from '../../lib/documents/run-document.ts';
import { planSchema } from '../../lib/plan/schema.ts';
import { renderReport } from '../../lib/report/index.ts';
import { readPage, unbalanced } from './markup.ts';
import { failedRun, heldRun, idleRun, sampleDossier, sampleModel, sampleRun, strictPlan } from './sample.ts';
import { samplePlan, transform } from './sample-plan.ts';

const models = [{ dossier: sampleDossier, model: sampleModel }];
const page = renderReport(sampleRun, models, samplePlan);
const textOf = (markup: string) =>
  readPage(markup)
    .rest.replaceAll('\u202f', ' ')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&#39;/g, "'")
    .replace(/\s+/g, ' ');
const emptyPlan = { ...samplePlan, stages: [], tasks: [] };

describe('the sample', () => {
  it('passes the schemas', () => {
    for (const run of [sampleRun, heldRun, failedRun, idleRun]) expect(() => runDocument.parse(run)).not.toThrow();
    expect(() => dossierSchema.parse(sampleDossier)).not.toThrow();
    expect(() => modelSchema.parse(sampleModel)).not.toThrow();
    expect(() => planSchema.parse(samplePlan)).not.toThrow();
  });
});

describe('every page', () => {
  const pages: Record<string, string> = {
    succeeded: page,
    held: renderReport(heldRun, models, strictPlan),
    failed: renderReport(failedRun, [], samplePlan),
    'nothing to do': renderReport(idleRun, [], samplePlan),
    'without a plan': renderReport({ ...idleRun, phases: [], skipped: [] }, [], emptyPlan),
  };

  it.each(Object.keys(pages))('(%s) loads nothing from outside', (name) => {
    expect(pages[name]).not.toMatch(/https?:\/\/|src=|url\(|@import|<script|<link|<img|javascript:/i);
    expect(pages[name]).toContain(
      `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">`,
    );
  });

  it.each(Object.keys(pages))('(%s) is well formed, with one title and only valid numbers', (name) => {
    const { tags, rest } = readPage(pages[name]!);
    expect(unbalanced(tags)).toEqual([]);
    expect(tags.filter((tag) => tag.name === 'h1')).toHaveLength(1);
    expect(rest).not.toMatch(/NaN|Infinity|undefined|\[object|null/);
    expect(pages[name]).not.toMatch(/NaN|Infinity|undefined/);
  });

  it.each(Object.keys(pages))('(%s) names each picture and table for screen readers', (name) => {
    const { tags } = readPage(pages[name]!);
    const pictures = tags.filter((tag) => tag.name === 'svg');
    for (const svg of pictures)
      expect(svg.attributes.get('role') === 'img' && svg.attributes.get('aria-label')).toBeTruthy();
    const count = (name: string) => tags.filter((tag) => tag.name === name).length;
    expect(count('caption')).toBe(count('table'));
  });

  it.each(Object.keys(pages))('(%s) links only to its own sections', (name) => {
    const { tags } = readPage(pages[name]!);
    const ids = tags.flatMap((tag) => tag.attributes.get('id') ?? []);
    const links = tags.flatMap((tag) => tag.attributes.get('href') ?? []);
    expect(new Set(ids).size).toBe(ids.length);
    expect(links.every((link) => ids.includes(link.slice(1)))).toBe(true);
  });

  it('is the same text for the same run', () => {
    expect(renderReport(structuredClone(sampleRun), structuredClone(models), structuredClone(samplePlan))).toBe(page);
  });
});

describe('the headline', () => {
  it('says how much of the learnable part was learned', () => {
    expect(textOf(page)).toContain('0.861 of at most 0.874 (Bayes limit): 96.4 % of what can be learned.');
  });

  it('omits an unknown bound', () => {
    const { best_possible: _, ...run } = sampleRun;
    expect(renderReport(run, models, samplePlan)).not.toContain('Bayes');
  });

  it('distinguishes luck from a leak above the bound', () => {
    expect(textOf(renderReport({ ...sampleRun, best_possible: 0.858 }, models, samplePlan))).toContain(
      'above it, but within chance',
    );
    expect(textOf(renderReport({ ...sampleRun, best_possible: 0.8 }, models, samplePlan))).toContain(
      'look for a label leak',
    );
  });

  it('shows a held model with the gate and its reason', () => {
    const text = textOf(renderReport(heldRun, models, strictPlan));
    expect(text).toContain('held by the gate');
    expect(text).toContain('AUC 0.861 is below the gate of 0.900');
    expect(text).toContain('gate 0.900');
  });

  it('begins with the issues of a failed run, with one hint each', () => {
    const text = textOf(renderReport(failedRun, [], samplePlan));
    expect(text.indexOf('MR305')).toBeLessThan(text.indexOf('Started'));
    expect(text).toContain('at pipelines/churn/silver/customers_clean.sql');
    expect(text).toContain('try use LEFT JOIN');
  });
});

describe('row accounting', () => {
  it('shows that each equation holds', () => {
    expect(textOf(page)).toContain('102,503 read = 100,000 written + 2,200 deduplicated + 303 quarantined ✓');
    expect(textOf(page)).toContain('11 tasks read 2,105,866 rows: ✓ all are accounted for .');
  });

  it('shows a gap as one', () => {
    const run = structuredClone(failedRun);
    run.tasks[0]!.read += 1_500;
    const text = textOf(renderReport(run, [], samplePlan));
    expect(text).toContain('✗ 1,500 lost');
    expect(text).toContain('✗ 1 task does not account for every row');
    expect(text).toContain('102,812 read ≠ 101,303 written + 9 quarantined ✗');
  });

  it('quotes the rule, and names its lookup tables', () => {
    expect(textOf(page)).toContain("trim(customer_id) <> ''");
    expect(textOf(page)).toContain('customer_id occurs in customers_clean');
    expect(textOf(page)).toContain('lookups: regions_clean (24 rows)');
  });

  it('gives the place of the quarantined rows', () => {
    expect(textOf(page)).toContain('lake/churn/quarantine/customers_clean/ 303 rows of this run');
    expect(textOf(page)).toContain('npx millrace show churn quarantine.customers_clean');
    const report = (root: string) =>
      renderReport(
        { ...sampleRun, report: `${root}/runs/${sampleRun.pipeline}/${sampleRun.run}/report.html` },
        models,
        samplePlan,
      );
    expect(textOf(report('/tmp/a b'))).toContain(
      "npx millrace show churn quarantine.customers_clean --root '/tmp/a b'",
    );
    expect(textOf(report('/home/me/project/.millrace'))).not.toContain('--root');
  });

  it('lists rules without failing rows', () => {
    const run = structuredClone(sampleRun);
    const clean = run.tasks[5]!;
    clean.written += clean.quarantined.has_id!;
    delete clean.quarantined.has_id;
    expect(textOf(renderReport(run, models, samplePlan))).toMatch(/1 rule that matched no rows customers_clean has_id/);
  });
});

describe('the model', () => {
  it('draws the curves from the dossier, with their areas and the base rate', () => {
    expect(textOf(page)).toContain('ROC AUC 0.861');
    expect(textOf(page)).toContain('Precision and recall PR AUC 0.695');
    expect(textOf(page)).toContain('Dashed: base rate 26.0 %');
  });

  it('marks the chosen point of the grid once', () => {
    expect(page.match(/<tr class="picked">/g)).toHaveLength(1);
  });

  it('shows a model without a dossier with the data of the run', () => {
    const text = textOf(renderReport(sampleRun, [], samplePlan));
    expect(text).toContain('Confusion matrix');
    expect(text).toContain('The dossier is missing');
  });

  it('does not use the dossier of another version', () => {
    const other = [{ dossier: { ...sampleDossier, model_version: 2 } }];
    expect(textOf(renderReport(sampleRun, other, samplePlan))).toContain('The dossier is missing');
  });

  it('draws an almost empty dossier', () => {
    const bare = { ...sampleDossier, roc: [], pr: [], calibration: [], importance: [], grid: [], slices: [] };
    expect(renderReport(sampleRun, [{ dossier: bare }], samplePlan)).not.toMatch(/NaN|Infinity/);
  });

  it('says why no model was trained', () => {
    const run: RunDocument = { ...sampleRun, models: [], tasks: sampleRun.tasks.slice(0, 3), skipped: idleRun.skipped };
    expect(textOf(renderReport(run, [], samplePlan))).toContain(
      'No model was trained in this run. churn nothing new upstream',
    );
  });
});

describe('the rest', () => {
  it('draws phases and tasks in order of time', () => {
    const bars = [...page.matchAll(/<tr class="(?:phase|task)"><th scope="row" title="([^"]+)"/g)].map((m) => m[1]);
    expect(bars.slice(0, 4)).toEqual(['prepare', 'engine start', 'build', 'customers']);
    expect(bars.slice(-3)).toEqual(['predict', 'predictions', 'report']);
  });

  it('greys skipped tasks with their reason, and marks the task where a run failed', () => {
    expect(renderReport(idleRun, [], samplePlan)).toContain('<title>customers: skipped, no new input</title>');
    const failed = renderReport(failedRun, [], samplePlan);
    expect(failed).toContain('<title>customers_clean: failed</title>');
    expect(failed).toContain('<title>predictions: not reached</title>');
    // The first task of a run may be the one that failed, and tasks run side by side.
    const known = renderReport({ ...failedRun, tasks: [], failed: ['interactions'] }, [], samplePlan);
    expect(known).toContain('<title>interactions: failed</title>');
    expect(known).toContain('<title>customers: not reached</title>');
  });

  it('shows inputs, versions, libraries and reasons', () => {
    const text = textOf(page);
    for (const shown of [
      'regions/regions.parquet',
      'churn_features at Delta version 0',
      'xgboost 3.0.2',
      'never built',
    ])
      expect(text).toContain(shown);
  });

  it('lists a limited number of input files', () => {
    const inputs = Array.from({ length: 5_000 }, (_, i) => ({ source: 's', path: `s/${i}.csv`, etag: 'e', size: 10 }));
    const text = textOf(renderReport({ ...sampleRun, inputs }, models, samplePlan));
    expect(text).toContain('5,000 files');
    expect(text).toContain('4,900 more are listed in run.json');
  });

  it('shows fifty tasks, zero rows and enormous counts', () => {
    const names = Array.from({ length: 50 }, (_, i) => `table_with_a_rather_long_name_${i}`);
    const plan = {
      ...samplePlan,
      tasks: names.map((name, i) =>
        transform(name, 'silver', i === 0 ? [] : [{ table: names[i >> 1]! }].filter((r) => r.table !== name)),
      ),
    };
    const huge = Number.MAX_SAFE_INTEGER;
    const tasks = names.map((task, i) => {
      const rows = i % 2 === 0 ? 0 : huge;
      return {
        ...sampleRun.tasks[4]!,
        task,
        read: rows,
        written: rows,
        table: { name: task, layer: 'silver', version: 3, rows },
      };
    });
    const large = renderReport({ ...sampleRun, tasks, models: [] }, [], plan);
    expect(large).toContain('9,007,199,254,740,991');
    expect(large).not.toMatch(/NaN|Infinity|e\+/);
    expect(large.match(/class="node /g)).toHaveLength(50);
  });
});

describe('rows of a failed run', () => {
  const [first] = sampleRun.tasks;
  const failed: RunDocument = {
    ...failedRun,
    tasks: [{ ...first!, task: 'customers' }],
    reasons: ['customers', 'customers_clean', 'churn_features'].map((task) => ({ task, why: 'never built' })),
  };

  it('are accounted for by finished tasks, and the others are named', () => {
    const text = textOf(renderReport(failed, [], samplePlan));
    expect(text).toContain(
      'Only finished tasks account for their rows. Unknown: the rows of customers_clean , churn_features .',
    );
    expect(text).toContain('by finished tasks');
    expect(textOf(page)).not.toContain('Not known');
  });

  it('are not accounted for if no task finished, and warnings are shown', () => {
    const warnings = [{ code: 'MR226', path: 'b.csv', message: 'b.csv was renamed' }];
    const text = textOf(renderReport({ ...failed, tasks: [], warnings }, [], samplePlan));
    expect(text).toContain('No task finished, so no row is accounted for.');
    expect(text).not.toContain('all are accounted for');
    expect(text).toContain('b.csv was renamed');
  });
});

it('shows the rows that a task read next to those in the table log, and names what was not evaluated', () => {
  const [first] = sampleRun.tasks;
  const reads = [
    { table: 'customers', to: 4, upstream: 1_303, read: 1_303 },
    { table: 'contacts', from: 2, to: 3, upstream: 900, changed: 7, read: 12 },
  ];
  const run = { ...sampleRun, tasks: [{ ...first!, task: 'clean', reads, unjudged: ['both_kinds'] }] };
  const text = textOf(renderReport(run, models, samplePlan));
  expect(text).toContain('2 reads of tables, compared with each table’s log');
  expect(text).toMatch(/clean customers 4 1,303 1,303/);
  expect(text).toMatch(/clean contacts 2 to 3 900 12 by keys; 7 new or changed, all read/);
  expect(text).toContain('clean both_kinds was not evaluated');
});
