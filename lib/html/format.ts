/** Formats numbers. Every section uses these functions, so that a number looks the same everywhere. */
export { counted } from '../words.ts';

/** A narrow no-break space, so that a number and its unit stay together. */
const gap = '\u202f';

export function count(n: number): string {
  return n.toLocaleString('en-US', { maximumFractionDigits: 0 });
}

/** Writes 0 % only for nothing, and 100 % only for the whole. */
export function percent(part: number, whole = 1): string {
  if (whole === 0) return '–';
  const share = (100 * part) / whole;
  if (share > 0 && share < 0.05) return `<0.1${gap}%`;
  if (share < 100 && share >= 99.95) return `>99.9${gap}%`;
  return `${share.toFixed(share === 0 || share === 100 ? 0 : 1)}${gap}%`;
}

export function score(x: number): string {
  return x.toFixed(3);
}

/** A difference, with its sign. */
export function difference(x: number): string {
  const text = Math.abs(x).toFixed(3);
  return Number(text) === 0 ? `±${text}` : `${x < 0 ? '−' : '+'}${text}`;
}

export function duration(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(2)}${gap}s`;
  if (seconds < 59.95) return `${seconds.toFixed(1)}${gap}s`;
  const whole = Math.round(seconds);
  const two = (n: number) => String(n).padStart(2, '0');
  if (whole < 3600) return `${Math.floor(whole / 60)}${gap}min ${two(whole % 60)}${gap}s`;
  return `${count(Math.floor(whole / 3600))}${gap}h ${two(Math.floor((whole % 3600) / 60))}${gap}min`;
}

export function bytes(n: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
  let size = n;
  let unit = 0;
  while (size >= 999.5 && unit < units.length - 1) {
    size /= 1000;
    unit += 1;
  }
  return `${unit === 0 || size >= 99.5 ? count(size) : size.toFixed(1)}${gap}${units[unit]}`;
}

/** An ISO instant to the second, in UTC; any other text unchanged. */
export function instant(text: string): string {
  const date = new Date(text);
  return Number.isNaN(date.getTime()) ? text : `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** A length or position for an attribute: short, finite, without an exponent. */
export function px(n: number): string {
  return Number.isFinite(n) ? String(Number(n.toFixed(2))) : '0';
}

/** A percentage of the width, for a `style` attribute. */
export function widthOf(part: number, whole: number): string {
  const share = whole > 0 ? Math.min(1, Math.max(0, part / whole)) : 0;
  return `${px(share * 100)}%`;
}
