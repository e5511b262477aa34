import { expect, test } from 'vitest';
import { burstOf } from '../../bench/burst.ts';

test('a burst is repeatable, out of order, and repeats one event in a hundred', () => {
  const { events, repeated } = burstOf(1000, 'raw', 42);
  expect(burstOf(1000, 'raw', 42).events).toEqual(events);
  expect(burstOf(1000, 'raw', 43).events).not.toEqual(events);
  expect([events.length, repeated, new Set(events.map(({ id }) => id)).size]).toEqual([1000, 10, 990]);
  const late = events.filter(({ time }, i) => i > 0 && time < events[i - 1]!.time);
  expect(late.length).toBeGreaterThan(300);
});
