import { describe, expect, test } from 'vitest';
import { BookmarkConflict, type BookmarkStore } from '../../lib/bookmarks/ports.ts';
import { emptyState, type PipelineState } from '../../lib/documents/bookmark-state.ts';

/** Tests that every bookmark store must pass. `open` returns a new connection to the same, empty store. */
export function bookmarkStoreSuite(name: string, open: () => Promise<() => BookmarkStore>): void {
  describe(`the bookmarks in ${name}`, () => {
    const named = (pipeline: string, run: string): PipelineState => ({ ...emptyState(pipeline), lastRun: run });

    test('is empty before the first save, and then has what was saved, one revision later', async () => {
      const connect = await open();
      expect(await connect().load('p')).toEqual(emptyState('p'));
      const saved = await connect().save(named('p', 'r1'));
      expect(saved).toEqual({ ...named('p', 'r1'), revision: 1 });
      expect(await connect().load('p')).toEqual(saved);
      expect(await connect().save({ ...saved, lastRun: 'r2' })).toMatchObject({ revision: 2, lastRun: 'r2' });
    });

    test('keeps pipelines apart', async () => {
      const connect = await open();
      await connect().save(named('one', 'r1'));
      expect(await connect().load('two')).toEqual(emptyState('two'));
    });

    test('refuses to overwrite a state that the writer has not seen, and is unchanged', async () => {
      const connect = await open();
      const first = await connect().save(named('p', 'r1'));
      await expect(connect().save(named('p', 'late'))).rejects.toThrow(BookmarkConflict);
      const second = await connect().save({ ...first, lastRun: 'r2' });
      await expect(connect().save({ ...first, lastRun: 'late' })).rejects.toThrow(BookmarkConflict);
      await expect(connect().save({ ...second, revision: 9 })).rejects.toThrow(BookmarkConflict);
      expect(await connect().load('p')).toEqual(second);
    });

    test('lets exactly one of many concurrent writers succeed, in every round', async () => {
      const connect = await open();
      for (let round = 0; round < 5; round++) {
        const state = await connect().load('p');
        const tries = Array.from({ length: 6 }, (_, i) => connect().save({ ...state, lastRun: `${round}-${i}` }));
        const done = await Promise.allSettled(tries);
        const won = done.filter((entry) => entry.status === 'fulfilled');
        expect(won).toHaveLength(1);
        for (const entry of done)
          if (entry.status === 'rejected') expect(entry.reason).toBeInstanceOf(BookmarkConflict);
        expect(await connect().load('p')).toEqual(won[0]!.value);
      }
    });

    test('holds a state of a hundred thousand inputs', async () => {
      const connect = await open();
      const files = Object.fromEntries(
        Array.from({ length: 100_000 }, (_, i) => {
          const path = `interactions/year=2025/part-${String(i).padStart(6, '0')}.json`;
          return [path, { path, etag: i.toString(16).padStart(32, '0'), size: i }];
        }),
      );
      const task = { fingerprint: 'f', parts: {}, run: 'r', version: 1, rewrittenAt: 0, consumed: {}, files };
      const saved = await connect().save({ ...emptyState('p'), tasks: { interactions: task } });
      expect(await connect().load('p')).toEqual(saved);
    });
  });
}
