import { expect, test, vi } from 'vitest';
import { Clock } from '../../lib/local/events.ts';

test('phases follow each other without a gap from the start of the run', () => {
  vi.useFakeTimers({ now: new Date('2026-01-01T00:00:10Z') });
  try {
    const clock = new Clock(new Date('2026-01-01T00:00:08Z'));
    clock.lap('prepare');
    vi.advanceTimersByTime(1500);
    clock.lap('stage build');
    vi.advanceTimersByTime(500);
    expect(clock.phases).toEqual([
      { name: 'prepare', seconds: 2 },
      { name: 'stage build', seconds: 1.5 },
    ]);
    expect(clock.total()).toBe(4);
  } finally {
    vi.useRealTimers();
  }
});
