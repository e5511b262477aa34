import { counted } from '../words.ts';

/** One condition of the gate, and whether the candidate meets it. */
export interface Finding {
  met: boolean;
  /** A sentence with the values. */
  text: string;
}

const fourDigits = (value: number) => value.toFixed(4);

/** No finding without a floor. */
export function atLeast(name: string, value: number, floor: number | undefined): Finding[] {
  if (floor === undefined) return [];
  // NaN meets no floor.
  const met = value >= floor;
  return [{ met, text: `${name} ${fourDigits(value)} ${met ? 'meets' : 'is below'} the floor of ${floor}` }];
}

/** No finding without a limit. `shown` formats values that have a unit. */
export function atMost(name: string, value: number, limit: number | undefined, shown = fourDigits): Finding[] {
  if (limit === undefined) return [];
  const met = value <= limit;
  const most = limit.toLocaleString('en-US', { maximumFractionDigits: 20 });
  return [{ met, text: `${name} ${shown(value)} ${met ? 'is within' : 'is above'} the limit of ${most}` }];
}

interface Slice {
  feature: string;
  value: string;
  rows: number;
  figure: number;
}

/** One finding for each slice that is below the floor, or one finding if none is. */
export function sliceFloor(
  { label, needs }: { label: string; needs: string },
  { column, floor, minRows }: { column: string; floor: number; minRows: number },
  slices: readonly Slice[],
): Finding[] {
  const groups = slices.filter(({ feature, rows }) => feature === column && rows >= minRows);
  if (groups.length === 0) {
    return [
      { met: false, text: `no value of ${column} has ${counted(minRows, 'held-out row')}${needs} to be judged by` },
    ];
  }
  const low = groups.filter(({ figure }) => !(figure >= floor));
  if (low.length === 0) return [{ met: true, text: `${label} meets the floor of ${floor} for each ${column}` }];
  return low.map(({ value, rows, figure }) => ({
    met: false,
    text: `${label} ${fourDigits(figure)} where ${column} is ${value} (${counted(rows, 'row')}) is below the floor of ${floor}`,
  }));
}

/** The warning about a feature that explains the label alone. It continues the feature's name. The engine's MR410 has the same words. */
export const leakText = (label: string, figure: number): string =>
  `alone explains the label (${label} ${fourDigits(figure)}): check that it is known before the label is`;
