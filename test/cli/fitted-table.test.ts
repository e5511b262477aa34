import { describe, expect, test } from 'vitest';
import { cellText, fittedTable } from '../../lib/cli/fitted-table.ts';

const columns = [
  { name: 'id', type: 'int' },
  { name: 'note', type: 'string' },
  { name: 'at', type: 'timestamp' },
];
const long = 'a note that is certainly longer than any terminal that stands on a desk is wide, and then some more';
const rows = [
  ['7', long, '2025-01-01 08:00:00'],
  ['1234', 'short', 'null'],
];

const widest = (text: string) => Math.max(...text.split('\n').map((line) => [...line].length));

describe('a table on a terminal', () => {
  test('has the types below the names, and numbers to the right', () => {
    expect(fittedTable(columns.slice(0, 1), [['7'], ['1234']], 80).text).toBe('    id\n   int\n     7\n  1234\n');
  });

  test.each([50, 60, 80, 140])('is at most %i characters wide, with all columns that fit', (width) => {
    const { text, leftOut } = fittedTable(columns, rows, width);
    expect(widest(text)).toBeLessThanOrEqual(width);
    expect(leftOut).toEqual([]);
    expect(text).toContain('2025-01-01 08:00:00');
    expect(text).toMatch(width < 140 ? /a note that.*…/ : /and then some more/);
  });

  test('leaves out the columns that do not fit, and names them', () => {
    const { text, leftOut } = fittedTable(columns, rows, 40);
    expect(widest(text)).toBeLessThanOrEqual(40);
    expect(leftOut).toEqual(['at']);
    expect(fittedTable(columns, rows, 12)).toMatchObject({ leftOut: ['note', 'at'] });
  });

  test('is not shortened in a file', () => {
    expect(fittedTable(columns, rows, Number.POSITIVE_INFINITY).text).toContain(long);
  });
});

test.each([
  ['a\nb\tc', 'a\\nb\\tc'],
  ['\u001b[31mred', '\\u001b[31mred'],
  ['a\u2028b\u0085', 'a\\u2028b\\u0085'],
  [null, 'null'],
  [[1, null], '[1,null]'],
  [{ a: 'x' }, '{"a":"x"}'],
  ['ü €', 'ü €'],
])('the value %j is %s, on one line', (value, text) => {
  expect(cellText(value)).toBe(text);
});
