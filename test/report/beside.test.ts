import { expect, test } from 'vitest';
import { textOf } from '../../lib/html/html.ts';
import { besideOthers } from '../../lib/report/beside.ts';
import { readPage } from './markup.ts';
import { sampleDossier } from './sample.ts';

const { metrics } = sampleDossier;
const same = { rows: 9, auc: 0.8, difference: 0, interval: [-0.1, 0.1] as [number, number], metrics };

test('a model is compared with other versions with the interval of the difference, and leaks are named', () => {
  const { rest: text } = readPage(
    textOf(
      besideOthers({
        ...sampleDossier,
        leaks: [{ feature: 'left_on', auc: 1 }],
        comparisons: [
          {
            against: 1,
            rows: 1409,
            auc: 0.81,
            difference: -0.03,
            interval: [-0.045, -0.018],
            metrics: { ...metrics, auc: 0.84 },
          },
          { against: 2, why_not: 'its files are missing or damaged' },
          { ...same, against: 3, same_scores: true },
          { ...same, against: 4 },
        ],
      }),
    ),
  );
  for (const part of [
    'v1',
    '1,409',
    '✗ worse',
    'not compared: its files are missing or damaged',
    'left_on',
    'the same in each score',
    'not shown to be worse',
  ]) {
    expect(text).toContain(part);
  }
  expect(textOf(besideOthers({ ...sampleDossier, comparisons: [], leaks: [] }))).not.toContain('table');
});
