import { expect, test } from 'vitest';
import { readParameters } from '../../lib/bookmarks/run-parameters.ts';
import type { AnyDefinition } from '../../lib/definition/index.ts';
import { compile } from '../../lib/plan/compile.ts';
import { changed, smallSql } from '../plan/pipelines.ts';

const planWith = (type: string, fallback: string | number) =>
  compile(
    changed((d) => {
      d['parameters'] = { as_of: { type: 'date', default: '2025-01-01' }, p: { type, default: fallback } };
    }) as AnyDefinition,
    smallSql,
    'pipeline.ts',
  ).plan!;

const read = (type: string, fallback: string | number) => {
  const plan = planWith(type, fallback);
  return (value: string | number) => {
    try {
      return readParameters(plan, { p: value }).values['p'];
    } catch (error) {
      return (error as { issues: { code: string }[] }).issues[0]!.code;
    }
  };
};

test('a date must be a day of the calendar', () => {
  const date = read('date', '2025-01-01');
  expect(['2025-02-28', '2024-02-29', '0001-01-01', '9999-12-31'].map(date)).toEqual([
    '2025-02-28',
    '2024-02-29',
    '0001-01-01',
    '9999-12-31',
  ]);
  const none = [
    '2025-02-30',
    '2025-02-29',
    '2025-04-31',
    '2025-13-01',
    '2025-00-10',
    '2025-01-00',
    '0000-01-01',
    '2025-1-1',
    '',
    'today',
    '2025-01-01T00:00:00Z',
  ];
  expect(none.map(date)).toEqual(none.map(() => 'MR131'));
});

test('a number must be written as a decimal number: empty, blank and hexadecimal text is refused', () => {
  const bigint = read('bigint', 1);
  expect(['7', '-7', ' 7 ', 7].map(bigint)).toEqual([7, -7, 7, 7]);
  const none = ['', ' ', '0x10', '1e3', '1.5', '9007199254740993', 'seven', 1.5, Number.NaN];
  expect(none.map(bigint)).toEqual(none.map(() => 'MR131'));
  const double = read('double', 0.5);
  expect(['7', '.5', '1e-3', '-0.25', 7].map(double)).toEqual([7, 0.5, 0.001, -0.25, 7]);
  expect(['', '1e999', 'Infinity', '0x1p3', '1,5'].map(double)).toEqual(Array(5).fill('MR131'));
});

test('a string may be anything, even empty', () => {
  const string = read('string', 'a');
  expect(['', ' ', '2025-02-30'].map(string)).toEqual(['', ' ', '2025-02-30']);
});
