/** Formats a value in units of the label: four significant digits, and every digit before the point. */
export const amount = (value: number) =>
  value.toLocaleString('en-US', {
    maximumSignificantDigits: Math.max(4, Math.trunc(Math.abs(value)).toString().length),
  });
