import { describe, expect, it } from 'vitest';
import { renderReport } from '../../lib/report/index.ts';
import { readPage, type Tag } from './markup.ts';
import { failedRun, sampleDossier, sampleModel, sampleRun } from './sample.ts';
import { samplePlan } from './sample-plan.ts';

const reads = [{ table: 'customers', to: 4, upstream: 1_303, read: 1_303 }];
const run = { ...sampleRun, tasks: sampleRun.tasks.map((task) => ({ ...task, reads })) };
const plans = new Map([[run.tasks[0]!.task, `== Physical Plan ==\nScan ${'x'.repeat(9_000)}`]]);
const page = renderReport(run, [{ dossier: sampleDossier, model: sampleModel }], samplePlan, plans);
const [, style = ''] = /<style>([^<]*)<\/style>/.exec(page)!;
const { tags } = readPage(page);

/** The style rules of the page for screens of at most `width` pixels. */
const rulesUpTo = (width: number) =>
  [...style.matchAll(/@media \(max-width: (\d+)px\) \{((?:[^{}]*\{[^{}]*\})*)/g)]
    .filter(([, most]) => Number(most) >= width)
    .map(([, , rules]) => rules)
    .join('\n');

/** Each tag with the classes of its ancestors. */
function within(): { tag: Tag; around: string[] }[] {
  const open: Tag[] = [];
  return tags.flatMap((tag) => {
    if (tag.name.startsWith('/')) {
      open.pop();
      return [];
    }
    const around = open.flatMap((each) => (each.attributes.get('class') ?? '').split(' '));
    if (!tag.closed && !['!doctype', 'meta', 'br', 'wbr'].includes(tag.name)) open.push(tag);
    return [{ tag, around }];
  });
}

const classesOf = (tag: Tag) => (tag.attributes.get('class') ?? '').split(' ');

describe('a page on a phone', () => {
  it('has each wide table and picture in a scrolling box, or shows the table as lines', () => {
    const wide = within().filter(
      ({ tag }) => ['table', 'pre'].includes(tag.name) || classesOf(tag).includes('lineage'),
    );
    expect(wide.length).toBeGreaterThan(10);
    // Bars and the confusion matrix have only a few short columns.
    const narrow = (tag: Tag) => classesOf(tag).some((name) => ['bars', 'confusion'].includes(name));
    expect(wide.filter(({ tag, around }) => !narrow(tag) && !around.includes('scroll'))).toEqual([]);
    expect(style).toMatch(/\.scroll \{ overflow-x: auto;/);
    expect(rulesUpTo(390)).toMatch(/\.stack tr \{ display: flex; flex-wrap: wrap;/);
  });

  it('labels each number of a table that is shown as lines, because its header is hidden', () => {
    expect(rulesUpTo(390)).toContain('.stack thead { display: none; }');
    expect(rulesUpTo(390)).toContain('.stack td[data-label]::before { content: attr(data-label)');
    const numbers = within().filter(
      ({ tag, around }) => around.includes('stack') && tag.name === 'td' && classesOf(tag).includes('n'),
    );
    expect(numbers.length).toBeGreaterThan(30);
    expect(numbers.filter(({ tag }) => !tag.attributes.get('data-label'))).toEqual([]);
  });

  it('breaks no word, wraps the lines of query plans, and gives the grid of issues no fixed width', () => {
    expect(style.replace(/pre \{[^}]*\}/, '')).not.toContain('anywhere');
    expect(style).toMatch(/pre \{[^}]*white-space: pre-wrap; overflow-wrap: anywhere/);
    expect(style).toMatch(/\.issues \{[^}]*grid-template-columns: minmax\(0, 1fr\)/);
    expect(page).toContain('<code>interactions_<wbr>clean</code>');
  });

  it('says that the picture of the pipeline scrolls sideways', () => {
    expect(rulesUpTo(390)).toContain('.sideways { display: block; }');
    expect(page).toMatch(/<p class="note sideways">[^<]+<\/p>\s*<div class="scroll"/);
  });

  it('has its navigation as wide as its cards', () => {
    const [, nav] = /\nnav \{([^}]*)\}/.exec(style)!;
    expect(nav).not.toMatch(/margin[^;]*-\d|margin-inline|padding: 9px [1-9]/);
  });
});

describe('the equation of a task, if its cells are in one line', () => {
  const equationOf = (html: string, task: string) => {
    const [row = ''] = new RegExp(`<tr><th scope="row"><code>${task}</code>[\\s\\S]*?</tr>`).exec(
      html.replaceAll('<wbr>', ''),
    )!;
    const cells = [
      ...row.matchAll(/<td class="([^"]*)"(?: data-op="([^"]*)")?(?: data-label="([^"]*)")?>(.*?)<\/td>/g),
    ];
    return cells
      .filter(([, name]) => !name!.split(' ').includes('none'))
      .map(([, , op = '', label = '', rows]) =>
        [op, rows!.replace(/<[^>]*>/g, ''), label].filter((part) => part !== '').join(' '),
      )
      .join(' ');
  };

  it('has its equals sign before its first term, whichever that is', () => {
    expect(equationOf(page, 'customers_clean')).toBe(
      '102,503 read = 100,000 written + 2,200 deduplicated + 303 quarantined ✓',
    );
    expect(equationOf(page, 'region_churn')).toBe('100,000 read = 98,802 aggregated + 1,198 filtered ✓');
  });

  it('shows that it does not hold, and has a term even if nothing was read', () => {
    const [first, second] = structuredClone(failedRun.tasks);
    const none = { ...second!, read: 0, written: 0 };
    const html = renderReport({ ...failedRun, tasks: [{ ...first!, read: first!.read + 5 }, none] }, [], samplePlan);
    expect(equationOf(html, 'customers')).toBe('101,317 read ≠ 101,303 written + 9 quarantined ✗ 5 lost');
    expect(equationOf(html, 'new_customers')).toBe('0 read = 0 written ✓');
  });
});

describe('the labels of the scale of a model', () => {
  const labels = (auc: number, gate: number) => {
    const plan = {
      ...samplePlan,
      tasks: samplePlan.tasks.map((task) =>
        task.kind === 'train' ? { ...task, objective: 'binary' as const, gate: { auc: gate } } : task,
      ),
    };
    const html = renderReport({ ...sampleRun, best_possible: auc }, [], plan);
    return [...html.matchAll(/<p class="marks (\w+)"><span style="--at:([\d.]+%)">([^<]*)</g)].map(
      ([, ...parts]) => parts,
    );
  };

  it('are at their marks, one above and one below, so that neither covers the other', () => {
    expect(labels(0.87, 0.75)).toEqual([
      ['above', '74%', 'Bayes 0.870'],
      ['below', '50%', 'gate 0.750'],
    ]);
    expect(labels(0.87, 0.87).map(([place, at]) => [place, at])).toEqual([
      ['above', '74%'],
      ['below', '74%'],
    ]);
    // The label moves back by the same share of its width, so it is at its mark and within the scale at both ends.
    expect(style).toContain('left: var(--at)');
    expect(style).toContain('translateX(calc(-1 * var(--at)))');
  });
});
