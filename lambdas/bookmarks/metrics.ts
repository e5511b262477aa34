import type { Claimed } from '../../lib/bookmarks/claim.ts';
import type { Settled } from '../../lib/bookmarks/release.ts';
import type { MetricValue } from '../../lib/metrics/metric-value.ts';
import { inputAge, quarantineShare, rowsRead } from '../../lib/metrics/names.ts';
import type { BookmarksRequest } from './route.ts';

/** The metrics of an answer: for a claim, the age of the newest input, even if there is nothing to do; for a commit, its rows. */
export function metricsOf({ action }: Pick<BookmarksRequest, 'action'>, answer: object, now: Date): MetricValue[] {
  switch (action) {
    case 'claim':
      return ofInputs(answer as Claimed, now);
    case 'commit':
      return ofRows(answer as Settled);
    default:
      return [];
  }
}

function ofInputs({ newestInput }: Claimed, now: Date): MetricValue[] {
  if (newestInput === undefined) return [];
  return [{ name: inputAge, value: Math.max(0, (now.getTime() - Date.parse(newestInput)) / 1000) }];
}

function ofRows({ read, quarantined, sources }: Settled): MetricValue[] {
  const rows = Object.values(sources).reduce((sum, count) => sum + count, 0);
  return [
    { name: quarantineShare, value: read === 0 ? 0 : quarantined / read },
    { name: rowsRead, value: rows },
    ...Object.entries(sources).map(
      ([source, count]): MetricValue => ({ name: rowsRead, value: count, dimensions: { Source: source } }),
    ),
  ];
}
