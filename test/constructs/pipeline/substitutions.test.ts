import { expect, test } from 'vitest';
import { substitutionsIn, suppliedSubstitutions } from '../../../lib/constructs/pipeline/substitutions.ts';
import { MillraceError } from '../../../lib/errors.ts';

const document = {
  States: {
    A: { Arguments: { JobName: '${GlueJob}', Run: '{% $order.run %}' } },
    B: { ItemProcessor: { States: { C: { Arguments: { FunctionName: '${QualityFunction}', Again: '${GlueJob}' } } } } },
  },
};

test('every name is found once at any depth, and expressions are not names', () => {
  expect(substitutionsIn(document)).toEqual(['GlueJob', 'QualityFunction']);
});

test('only names in the document are passed on', () => {
  const supplied = { GlueJob: 'job', QualityFunction: 'f', Unused: 'x' };
  expect(suppliedSubstitutions(document, supplied)).toEqual({ GlueJob: 'job', QualityFunction: 'f' });
});

test('a name without a value is an issue that suggests the nearest name', () => {
  expect(() => suppliedSubstitutions(document, { GlueJobs: 'job', QualityFunction: 'f' })).toThrow(MillraceError);
  try {
    suppliedSubstitutions(document, { GlueJobs: 'job' });
  } catch (error) {
    expect((error as MillraceError).issues).toEqual([
      {
        code: 'MR602',
        path: 'state machine',
        message: 'the document names "${GlueJob}", but the stack has no value for it',
        hint: 'GlueJobs   (known: GlueJobs)',
      },
      expect.objectContaining({ code: 'MR602', message: expect.stringContaining('${QualityFunction}') }),
    ]);
  }
});
