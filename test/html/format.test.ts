import { describe, expect, it } from 'vitest';
import { bytes, count, difference, duration, instant, percent, px, widthOf } from '../../lib/html/format.ts';

const plain = (text: string) => text.replaceAll('\u202f', ' ');

describe('numbers on the page', () => {
  it('have thousands separators, up to the greatest', () => {
    expect(count(1_234_567)).toBe('1,234,567');
    expect(count(Number.MAX_SAFE_INTEGER)).toBe('9,007,199,254,740,991');
  });

  it('never round a part to nothing or to the whole', () => {
    expect(plain(percent(1, 1e9))).toBe('<0.1 %');
    expect(plain(percent(999_999, 1_000_000))).toBe('>99.9 %');
    expect(plain(percent(0, 5))).toBe('0 %');
    expect(plain(percent(5, 5))).toBe('100 %');
    expect(percent(0, 0)).toBe('–');
    expect(plain(percent(0.964))).toBe('96.4 %');
  });

  it.each([
    [0, '0.00 s'],
    [0.416, '0.42 s'],
    [19.84, '19.8 s'],
    [59.97, '1 min 00 s'],
    [3599.7, '1 h 00 min'],
    [7_512, '2 h 05 min'],
  ])('show %d seconds as %s', (seconds, text) => {
    expect(plain(duration(seconds))).toBe(text);
  });

  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [2_341_779, '2.3 MB'],
    [999_600, '1.0 MB'],
    [8.2e16, '82.0 PB'],
  ])('show %d bytes as %s', (size, text) => {
    expect(plain(bytes(size))).toBe(text);
  });

  it('show the sign of a difference, and no sign for zero', () => {
    expect([difference(0.0123), difference(-0.0123), difference(-0.0001)]).toEqual(['+0.012', '−0.012', '±0.000']);
  });

  it('show an instant in UTC, and other text unchanged', () => {
    expect(instant('2025-07-01T08:00:04.120+02:00')).toBe('2025-07-01 06:00:04 UTC');
    expect(instant('yesterday')).toBe('yesterday');
  });

  it('are finite and within the track if they are lengths', () => {
    expect([px(Number.NaN), px(1e-9), px(1 / 3)]).toEqual(['0', '0', '0.33']);
    expect([widthOf(1, 0), widthOf(5, 4), widthOf(-1, 4), widthOf(1, 4)]).toEqual(['0%', '100%', '0%', '25%']);
  });
});
