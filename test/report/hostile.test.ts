import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dossierSchema, modelSchema } from '../../lib/documents/model.ts';
import { runDocument } from '../../lib/documents/run-document.ts';
import { planSchema } from '../../lib/plan/schema.ts';
import { renderReport } from '../../lib/report/index.ts';
import { readPage } from './markup.ts';
import { failedRun, heldRun, idleRun, sampleDossier, sampleModel, sampleRun } from './sample.ts';
import { samplePlan } from './sample-plan.ts';

/** Fields whose values are fixed by the schemas. */
const fixed = new Set([
  ...[
    'status',
    'engine',
    'kind',
    'mode',
    'verdict',
    'layer',
    'use',
    'scope',
    'format',
    'quoting',
    'encoding',
    'severity',
    'compute',
  ],
  ...['algorithm', 'objective', 'type', 'algorithm.name'],
]);

/** Appends `suffix` to every name and text that may come from data, and to keys of records, so that names still match. */
function tainted<T>(value: T, suffix: string): T {
  const visit = (node: unknown, field: string, record: boolean): unknown => {
    if (typeof node === 'string') return fixed.has(field) ? node : node + suffix;
    if (Array.isArray(node)) return node.map((item) => visit(item, field, false));
    if (typeof node !== 'object' || node === null) return node;
    return Object.fromEntries(
      Object.entries(node).map(([key, item]) => {
        const inner = field === 'algorithm' ? `${field}.${key}` : key;
        return [record ? key + suffix : key, visit(item, inner, records.has(key))];
      }),
    );
  };
  return visit(value, '', false) as T;
}
const records = new Set(['aggregated', 'filtered', 'quarantined', 'lookups', 'parameters', 'parts', 'libraries']);

const runs = { sampleRun, heldRun, failedRun, idleRun };

function render(name: keyof typeof runs, suffix: string): string {
  const model = { dossier: tainted(sampleDossier, suffix), model: tainted(sampleModel, suffix) };
  const plan = `the SQL${suffix}\n-------\n== Physical Plan ==\nScan${suffix}`;
  const plans = new Map(runs[name].tasks.map(({ task }) => [task + suffix, plan]));
  return renderReport(tainted(runs[name], suffix), [model], tainted(samplePlan, suffix), plans);
}

const payload = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.constantFrom(
    '<script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    '</style><script src="https://evil.example/x.js"></script>',
    '</title></svg><iframe src=//evil.example>',
    '{{7*7}}<!--',
    '-->]]><![CDATA[',
    '&lt;script&gt;&#60;',
    'url(https://evil.example/x.png);}',
    'javascript:alert(1)',
  ),
  fc
    .array(fc.constantFrom('<', '>', '"', "'", '&', '`', '=', '/', '\u0000', '\u2028', 'script', ' on', ';'))
    .map((parts) => parts.join('')),
);

const elements =
  '!doctype html head meta title style body main header nav section article footer h1 h2 h3 h4 p dl div dt dd ol ul li a b i ' +
  'br wbr code pre small span strong abbr time table caption thead tbody tr th td details summary figure figcaption svg g path ' +
  'rect circle text';
const attributes =
  'html lang charset http-equiv content name class id style title href datetime role aria-label aria-hidden tabindex scope ' +
  'colspan rowspan data-label data-op open viewBox width height x y rx cx cy r d transform text-anchor';

/** What the values of some attributes may be. */
const values: Record<string, RegExp> = {
  href: /^#[a-z]+$/,
  style: /^(--share|--at|flex-grow|width|left|m[a-z]+-[a-z]+)[-:;%.\da-z]*$/,
  id: /^[a-z -]*$/,
  class: /^[a-z -]*$/,
  d: /^[-.\da-zA-Z ()]*$/,
  viewBox: /^[-.\da-zA-Z ()]*$/,
  transform: /^[-.\da-zA-Z ()]*$/,
};

describe('a page with hostile data', () => {
  it('has data that passes the schemas', () => {
    expect(() => runDocument.parse(tainted(sampleRun, '<script>'))).not.toThrow();
    expect(() => dossierSchema.parse(tainted(sampleDossier, '<script>'))).not.toThrow();
    expect(() => modelSchema.parse(tainted(sampleModel, '<script>'))).not.toThrow();
    expect(() => planSchema.parse(tainted(samplePlan, '<script>'))).not.toThrow();
  });

  it('has exactly the elements of a page with harmless data', () => {
    // Line breaks depend on the letters of a name, and code in a hint depends on its marks; both are harmless.
    const bare = (page: string) =>
      page
        .replaceAll('<wbr>', '')
        .replace(/<span class="hint">.*?<\/span>/gs, (hint) => hint.replace(/<\/?code>/g, ''));
    const shape = (page: string) =>
      readPage(bare(page)).tags.map((tag) => [tag.name, ...tag.attributes.keys()].join(' '));
    for (const name of Object.keys(runs) as (keyof typeof runs)[]) {
      const harmless = shape(render(name, 'x'));
      fc.assert(
        fc.property(payload, (text) => {
          expect(shape(render(name, text || 'x'))).toEqual(harmless);
        }),
        { numRuns: 40 },
      );
    }
  });

  it('uses only listed elements and attributes, links only to itself, and escapes every bracket in text', () => {
    const known = new Set(elements.split(' ').flatMap((name) => [name, `/${name}`]));
    const keys = new Set(attributes.split(' '));
    fc.assert(
      fc.property(payload, (text) => {
        const { tags, rest } = readPage(render('sampleRun', text));
        expect(rest).not.toMatch(/[<>"]/);
        // One expectation for all: a page has thousands of attributes.
        const unlisted = tags.flatMap(({ name, attributes }) => [
          ...(known.has(name) ? [] : [name]),
          ...[...attributes]
            .filter(([key, value]) => !keys.has(key) || !(values[key] ?? /^/).test(value))
            .map(([key, value]) => `${name} ${key}="${value}"`),
        ]);
        expect(unlisted).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });

  it('accepts names of the properties of Object', () => {
    for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
      const plan = structuredClone(samplePlan);
      const run = structuredClone(sampleRun);
      plan.tasks[0]!.name = name;
      run.tasks[0] = { ...run.tasks[0]!, task: name, quarantined: Object.fromEntries([[name, 9]]) };
      const clean = plan.tasks[5]!;
      if (clean.kind === 'transform') clean.reads[0]!.quarantine[0]!.name = name;
      expect(renderReport(run, [], plan)).toContain(name);
    }
  });
});
