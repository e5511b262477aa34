import { counted } from '../words.ts';

/** One of the gate's conditions, and what the candidate has. */
export interface Finding {
  met: boolean;
  /** Plain English, with the figures: of what is not met, why; of what is met, that it is. */
  text: string;
}

const fourDigits = (value: number) => value.toFixed(4);

export const atLeast = (name: string, value: number, floor: number): Finding => ({
  // A figure that is not a number meets nothing.
  met: value >= floor,
  text: `${name} ${fourDigits(value)} ${value >= floor ? 'meets' : 'is below'} the floor of ${floor}`,
});

/** `shown` writes figures that have a unit. */
export const atMost = (name: string, value: number, ceiling: number, shown = fourDigits): Finding => ({
  met: value <= ceiling,
  text: `${name} ${shown(value)} ${value <= ceiling ? 'is within' : 'is above'} the limit of ${ceiling}`,
});

interface Slice {
  feature: string;
  value: string;
  rows: number;
  figure: number;
}

/** One finding for each group of a column that is below its floor, or one for all. `label` names the figure, `needs` what it is of. */
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

/** What a person should know of a feature that explains the label alone. */
export const leakText = (label: string, feature: string, figure: number): string =>
  `${feature} alone explains the label (${label} ${fourDigits(figure)}): see that it is known before the label is`;
