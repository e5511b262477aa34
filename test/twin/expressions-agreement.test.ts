import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Machine } from '../../lib/asl/machine.ts';
import { isTwinInstalled, startTwin, type Twin } from '../../twin/ministack.ts';
import { agreed, differing, input } from './expressions.ts';
import { comparable, ours, theirs } from './readings.ts';

const installed = isTwinInstalled();
const title = 'an expression, for our interpreter and for the Step Functions of MiniStack';
const without = 'skipped: there is no .venv-twin (npm run setup -- --twin)';

const evaluating = (expression: string): Machine => ({
  QueryLanguage: 'JSONata',
  StartAt: 'Evaluate',
  States: { Evaluate: { Type: 'Pass', Output: `{% ${expression} %}`, End: true } },
});

describe.skipIf(!installed)(installed ? title : `${title}, ${without}`, () => {
  let twin: Twin;
  beforeAll(async () => {
    twin = await startTwin({ agreement: true, patience: 5000 });
  });
  afterAll(() => twin?.stop());

  const ends = async (expression: string) => {
    const machine = evaluating(expression);
    const [one, other] = [await ours(machine, input), (await theirs(twin, machine, input))!];
    return { ours: comparable(one).end, theirs: comparable(other).end };
  };

  test.each(agreed)('gives the same: %s', async (expression) => {
    const read = await ends(expression);
    expect(read.ours).toEqual(read.theirs);
  });

  test.each(differing)('differs: $expression, because of $because', async ({ expression, ours, theirs }) => {
    expect(await ends(expression)).toEqual({ ours, theirs });
  });
});
