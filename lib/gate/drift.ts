import type { Bin, Distribution, Spread } from '../documents/model.ts';

/** The drift between the rows of two model versions: one population stability index (PSI) per feature. */

export interface Drift {
  /** The common features, largest drift first. 0 is no drift; 0.2 or more is commonly considered significant. */
  features: { feature: string; psi: number }[];
  /** PSI of the scores on the hold-out. */
  scores: number;
}

/** The drift from version `before` to `now`. A feature that only one of them has is not compared. */
export function driftBetween(before: Distribution, now: Distribution): Drift {
  const buckets = bucketsFor(before.rows, now.rows);
  const features = before.features.flatMap((spread) => {
    const other = now.features.find(({ name }) => name === spread.name);
    const pairs = other && pairsOf(spread, other, buckets);
    return pairs === undefined ? [] : [{ feature: spread.name, psi: stabilityIndex(pairs) }];
  });
  features.sort((a, b) => b.psi - a.psi || (a.feature < b.feature ? -1 : 1));
  const scored = bucketsFor(rowsIn(before.scores), rowsIn(now.scores));
  return { features, scores: stabilityIndex(numericPairs(before.scores, now.scores, scored)) };
}

/** Rows of one bucket, before and now. */
type Pair = readonly [before: number, now: number];

/** Ten buckets, fewer if a bucket would have fewer than a hundred rows and vary by chance. */
const bucketsFor = (before: number, now: number) => Math.max(2, Math.min(10, Math.floor(Math.min(before, now) / 100)));

/** Sum of (q - p) ln(q / p) over the shares p (before) and q (now). Adds half a row to each bucket, so that empty buckets have a share. */
function stabilityIndex(pairs: readonly Pair[]): number {
  const filled = pairs.filter(([before, now]) => before > 0 || now > 0);
  const total = (side: 0 | 1) => filled.reduce((sum, pair) => sum + pair[side] + 0.5, 0);
  const [before, now] = [total(0), total(1)];
  return filled.reduce((sum, pair) => {
    const [p, q] = [(pair[0] + 0.5) / before, (pair[1] + 0.5) / now];
    return sum + (q - p) * Math.log(q / p);
  }, 0);
}

/** Undefined if a feature changed from numeric to categorical, or the other way round. */
function pairsOf(before: Spread, now: Spread, buckets: number): Pair[] | undefined {
  const missing: Pair = [before.missing, now.missing];
  if (before.kind === 'numeric' && now.kind === 'numeric') {
    return [...numericPairs(before.bins, now.bins, buckets), missing];
  }
  if (before.kind === 'categorical' && now.kind === 'categorical') {
    return [...categoryPairs(before, now, buckets), missing];
  }
  return undefined;
}

type Categories = Spread & { kind: 'categorical' };

/** One bucket per category; one shared bucket for categories that are rare in both, or may be in the `other` count of one of them. */
function categoryPairs(before: Categories, now: Categories, buckets: number): Pair[] {
  const rowsOf = ({ categories }: Categories) => new Map(categories.map(({ value, rows }) => [value, rows]));
  const [old, fresh] = [rowsOf(before), rowsOf(now)];
  const total = (counts: ReadonlyMap<string, number>, other: number) =>
    [...counts.values()].reduce((sum, rows) => sum + rows, other);
  const [oldRows, freshRows] = [total(old, before.other), total(fresh, now.other)];
  const pairs: Pair[] = [];
  let rest: Pair = [before.other, now.other];
  for (const value of new Set([...old.keys(), ...fresh.keys()])) {
    const pair: Pair = [old.get(value) ?? 0, fresh.get(value) ?? 0];
    const hidden = (!old.has(value) && before.other > 0) || (!fresh.has(value) && now.other > 0);
    const rare = pair[0] * 2 * buckets < oldRows && pair[1] * 2 * buckets < freshRows;
    if (hidden || rare) rest = [rest[0] + pair[0], rest[1] + pair[1]];
    else pairs.push(pair);
  }
  return [...pairs, rest];
}

/** Groups the bins of `before` into buckets of about equal size. A bucket of one frequent value contains exactly that value. */
function numericPairs(before: readonly Bin[], now: readonly Bin[], buckets: number): Pair[] {
  const groups = grouped(before, buckets);
  const total = rowsIn(now);
  let done = 0;
  let elsewhere = 0;
  const pairs = groups.map((group, i): Pair => {
    const next = groups[i + 1];
    const from = group.alone ? below(now, group.from) : done;
    const to = group.alone
      ? upTo(now, group.to)
      : next === undefined
        ? total
        : next.alone
          ? below(now, next.from)
          : upTo(now, group.to);
    elsewhere += from - done;
    done = to;
    return [group.rows, to - from];
  });
  return [...pairs, [0, elsewhere + total - done]];
}

interface Group extends Bin {
  alone: boolean;
}

function grouped(bins: readonly Bin[], buckets: number): Group[] {
  const enough = rowsIn(bins) / buckets;
  const groups: Group[] = [];
  for (const bin of bins) {
    const last = groups.at(-1);
    const alone = bin.from === bin.to && bin.rows >= enough;
    if (alone || last === undefined || last.alone || last.rows >= enough) groups.push({ ...bin, alone });
    else groups[groups.length - 1] = { from: last.from, to: bin.to, rows: last.rows + bin.rows, alone: false };
  }
  return groups;
}

const rowsIn = (bins: readonly Bin[]) => bins.reduce((sum, { rows }) => sum + rows, 0);

/** Rows with values up to `x`, assuming that rows are evenly distributed within a bin. */
const upTo = (bins: readonly Bin[], x: number) =>
  bins.reduce(
    (sum, { from, to, rows }) => sum + (x >= to ? rows : x <= from ? 0 : (rows * (x - from)) / (to - from)),
    0,
  );

/** Rows with values below `x`. */
const below = (bins: readonly Bin[], x: number) =>
  upTo(
    bins.filter(({ from, to }) => from !== x || to !== x),
    x,
  );
