import { describe, expect, it } from 'vitest';
import { renderReport } from '../../lib/report/index.ts';
import { readPage } from './markup.ts';
import { failedRun, heldRun, idleRun, sampleDossier, sampleModel, sampleRun, strictPlan } from './sample.ts';
import { samplePlan } from './sample-plan.ts';

const leaks = [{ feature: 'left_on', auc: 1 }];
const other = {
  rows: 9,
  auc: 0.8,
  difference: 0,
  interval: [-0.1, 0.1] as [number, number],
  metrics: sampleDossier.metrics,
};
const dossier = {
  ...sampleDossier,
  leaks,
  comparisons: [
    { against: 1, ...other },
    { against: 2, why_not: 'it is gone' },
  ],
};
const models = [{ dossier, model: sampleModel }];
const warnings = [{ code: 'MR226', path: 'b.csv', message: 'b.csv is a copy', hint: 'run `millrace plan churn`' }];
const pages = {
  succeeded: renderReport({ ...sampleRun, warnings }, models, samplePlan),
  held: renderReport(heldRun, models, strictPlan),
  failed: renderReport(failedRun, [], samplePlan),
  'nothing to do': renderReport(idleRun, [], samplePlan),
};
const names = Object.keys(pages) as (keyof typeof pages)[];
const [, style = ''] = /<style>([^<]*)<\/style>/.exec(pages.succeeded)!;

describe('a page for readers with a screen reader or without a mouse', () => {
  it.each(names)(
    '(%s) has a scope on each header of its tables, and a header in each row or column of figures',
    (name) => {
      const { tags } = readPage(pages[name]);
      const heads = tags.filter((tag) => tag.name === 'th');
      expect(heads.filter((tag) => !['row', 'col'].includes(tag.attributes.get('scope') ?? ''))).toEqual([]);
      for (const [table] of pages[name].matchAll(/<table[\s\S]*?<\/table>/g)) expect(table).toContain('<th scope=');
    },
  );

  it.each(names)('(%s) describes its bars, scales and pictures in words', (name) => {
    const { tags } = readPage(pages[name]);
    const drawn = tags.filter(
      ({ name: tag, attributes }) => tag === 'svg' || /\b(shares|scale)\b/.test(attributes.get('class') ?? ''),
    );
    for (const { attributes } of drawn) {
      expect(attributes.get('role')).toBe('img');
      expect(attributes.get('aria-label')).toMatch(/\w/);
    }
  });

  it.each(names)('(%s) lets the keyboard reach each scrolling box, and names it', (name) => {
    const boxes = readPage(pages[name]).tags.filter(({ attributes }) =>
      /\bscroll\b/.test(attributes.get('class') ?? ''),
    );
    for (const { attributes } of boxes) {
      expect([attributes.get('tabindex'), attributes.get('role')]).toEqual(['0', 'region']);
      expect(attributes.get('aria-label')).toMatch(/\w/);
    }
  });

  it.each(names)('(%s) has headings without skipped levels, and no script', (name) => {
    const levels = [...pages[name].matchAll(/<h(\d)/g)].map(([, level]) => Number(level));
    expect(levels[0]).toBe(1);
    expect(levels.slice(1).filter((level, i) => level - levels[i]! > 1)).toEqual([]);
    expect(pages[name]).not.toMatch(/<script|\son\w+=/);
  });

  it('shows the keyboard focus', () => {
    expect(style).toMatch(/:focus-visible \{ outline: 2px solid var\(--water\)/);
    expect(style).not.toMatch(/outline: (none|0)/);
  });
});

describe('colours', () => {
  const [light, dark] = [...style.matchAll(/:root \{([^}]*)\}/g)].map(
    ([, body = '']) =>
      new Map([...body.matchAll(/--([\w-]+): (#[\da-f]{3,8})/g)].map(([, key, value]) => [key!, value!])),
  );
  const luminance = (hex: string) => {
    const [r, g, b] = [1, 3, 5].map((at) => {
      const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
  };
  const contrast = (one: string, two: string) => {
    const [low, high] = [luminance(one), luminance(two)].sort((a, b) => a - b);
    return (high! + 0.05) / (low! + 0.05);
  };
  const grounds = {
    paper: ['ink', 'soft', 'water', 'good', 'bad', 'caution'],
    card: ['ink', 'soft', 'water', 'good', 'bad', 'caution'],
    'bad-ground': ['ink', 'soft', 'bad'],
    'caution-ground': ['ink', 'soft', 'caution'],
    'water-soft': ['ink', 'good'],
  };

  it.each([
    ['light', light!],
    ['dark', dark!],
  ])('of text have a contrast of 4.5 at least on their ground, %s', (_, colours) => {
    const faint = Object.entries(grounds).flatMap(([ground, texts]) =>
      texts
        .map((text) => [ground, text, contrast(colours.get(ground)!, colours.get(text)!)] as const)
        .filter(([, , ratio]) => !(ratio >= 4.5)),
    );
    expect(faint).toEqual([]);
  });
});

describe('warnings of a run', () => {
  it('are on the page with place and hint, as on the terminal', () => {
    const text = readPage(pages.succeeded).rest.replace(/\s+/g, ' ');
    expect(text).toContain('MR226 b.csv is a copy at b.csv try run npx millrace plan churn');
    expect(text).toContain('732 rows quarantined, 2 warnings ; 2 expectations were evaluated.');
  });
});
