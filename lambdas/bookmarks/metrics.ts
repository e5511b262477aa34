import type { Claimed } from '../../lib/bookmarks/claim.ts';
import type { Settled } from '../../lib/bookmarks/release.ts';
import type { Measure } from '../../lib/metrics/metric-value.ts';
import { inputAge, quarantineShare, rowsRead } from '../../lib/metrics/names.ts';
import type { BookmarksRequest } from './route.ts';

/** What is published of an answer: of a claim how old the newest input is, also where there is nothing to do; of a commit its rows. */
export function measuresOf({ action }: Pick<BookmarksRequest, 'action'>, said: object, now: Date): Measure[] {
  switch (action) {
    case 'claim':
      return ofInputs(said as Claimed, now);
    case 'commit':
      return ofRows(said as Settled);
    default:
      return [];
  }
}

function ofInputs({ newestInput }: Claimed, now: Date): Measure[] {
  if (newestInput === undefined) return [];
  return [{ name: inputAge, value: Math.max(0, (now.getTime() - Date.parse(newestInput)) / 1000) }];
}

function ofRows({ read, quarantined, sources }: Settled): Measure[] {
  const rows = Object.values(sources).reduce((sum, count) => sum + count, 0);
  return [
    { name: quarantineShare, value: read === 0 ? 0 : quarantined / read },
    { name: rowsRead, value: rows },
    ...Object.entries(sources).map(
      ([source, count]): Measure => ({ name: rowsRead, value: count, dimensions: { Source: source } }),
    ),
  ];
}
