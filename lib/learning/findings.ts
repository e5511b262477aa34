import { counted } from '../words.ts';

/** One condition of the gate, and whether the candidate meets it. */
export interface Finding {
  met: boolean;
  /** A sentence with the values. */
  text: string;
}

const fourDigits = (value: number) => value.toFixed(4);

export const atLeast = (name: string, value: number, floor: number): Finding => ({
  // NaN meets no floor.
  met: value >= floor,
  text: `${name} ${fourDigits(value)} ${value >= floor ? 'meets' : 'is below'} the floor of ${floor}`,
});

/** `shown` formats values that have a unit. */
export const atMost = (name: string, value: number, ceiling: number, shown = fourDigits): Finding => ({
  met: value <= ceiling,
  text: `${name} ${shown(value)} ${value <= ceiling ? 'is within' : 'is above'} the limit of ${ceiling.toLocaleString('en-US', { maximumFractionDigits: 20 })}`,
});

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

/** The warning about a feature that explains the label alone. */
export const leakText = (label: string, feature: string, figure: number): string =>
  `${feature} alone explains the label (${label} ${fourDigits(figure)}): see that it is known before the label is`;
