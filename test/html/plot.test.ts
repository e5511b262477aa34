import { describe, expect, test } from 'vitest';
import { html, textOf } from '../../lib/html/html.ts';
import { line, plot, rangeOf } from '../../lib/html/plot.ts';

const ticksOf = (range: readonly [number, number]) => {
  const text = textOf(plot({ label: 'a plot', x: 'x', y: 'y', range, marks: html`` }));
  return [...text.matchAll(/text-anchor="middle">([^<]*)</g)].slice(0, -2).map(([, tick]) => tick);
};

describe('the axes of a plot', () => {
  test('have ticks that are easy to read, whatever the values are', () => {
    expect(ticksOf([0, 1])).toEqual(['0', '0.2', '0.4', '0.6', '0.8', '1']);
    expect(ticksOf(rangeOf([0, 0.26]))).toEqual(['0', '0.1', '0.2', '0.3']);
    expect(ticksOf(rangeOf([-13, 41]))).toEqual(['-20', '0', '20', '40', '60']);
    expect(ticksOf(rangeOf([14_999, 500_001]))).toEqual(['0', '200K', '400K', '600K']);
    expect(ticksOf(rangeOf([0.00021, 0.00042]))[0]).toBe('0.0002');
    expect(ticksOf(rangeOf([0, 2.4e6]))).toEqual(['0', '500K', '1M', '1.5M', '2M', '2.5M']);
    expect(ticksOf(rangeOf([10_000, 12_100]))).toEqual(['10K', '10.5K', '11K', '11.5K', '12K', '12.5K']);
  });

  test('hold all values, also where they are one', () => {
    for (const values of [[3], [-2, -2], [0, 0], [1e-9, 2e-9], [-1e6, 1e9]]) {
      const [from, to] = rangeOf(values);
      expect(from <= Math.min(...values) && Math.max(...values) <= to && from < to).toBe(true);
    }
  });
});

test('the two axes may have different ranges', () => {
  const [range, yRange] = [
    [0, 10],
    [-1, 1],
  ] as const;
  const text = textOf(plot({ label: 'a plot', x: 'x', y: 'y', range, yRange, marks: html`` }));
  expect([...text.matchAll(/text-anchor="end">([^<]*)</g)].map(([, tick]) => tick)).toEqual([
    '-1',
    '-0.5',
    '0',
    '0.5',
    '1',
  ]);
  const ends = (one: readonly [number, number], other: readonly [number, number]) => line([one, other], range, yRange);
  expect(ends([0, -1], [10, 1])).toBe(
    line([
      [0, 0],
      [1, 1],
    ]),
  );
});

test('the ends of the axes are the corners of the picture', () => {
  expect(
    line(
      [
        [-5, -5],
        [5, 5],
      ],
      [-5, 5],
    ),
  ).toBe(
    line([
      [0, 0],
      [1, 1],
    ]),
  );
});
