import { px } from './format.ts';
import { type Html, html } from './html.ts';

/** The range of both axes. */
type Range = readonly [from: number, to: number];

/** A square plot; both axes have the same range. */
export interface Frame {
  /** A text for screen readers that says what the plot shows. */
  label: string;
  x: string;
  y: string;
  /** From 0 to 1 by default. */
  range?: Range;
  marks: Html;
}

const side = 250;
const left = 46;
const top = 10;

export function plot({ label, x, y, range = unit, marks }: Frame): Html {
  const at = place(range);
  const step = stepOf(range);
  const first = Math.ceil(range[0] / step - slack);
  const ticks = Array.from({ length: Math.floor(range[1] / step + slack) - first + 1 }, (_, i) => (first + i) * step);
  return html`<svg class="plot" viewBox="0 0 ${left + side + 14} ${top + side + 42}" role="img" aria-label="${label}">
<g class="grid">${ticks.map((tick) => {
    const [gx, gy] = at(tick, tick);
    return html`<path d="M${px(gx)} ${top}v${side}M${left} ${px(gy)}h${side}"/>`;
  })}</g>
<g class="ticks">${ticks.map((tick) => {
    const [gx, gy] = at(tick, tick);
    return html`<text x="${px(gx)}" y="${top + side + 16}" text-anchor="middle">${tickText(tick, step)}</text><text x="${left - 7}" y="${px(gy + 3.5)}" text-anchor="end">${tickText(tick, step)}</text>`;
  })}</g>
<text class="axis" x="${left + side / 2}" y="${top + side + 36}" text-anchor="middle">${x}</text>
<text class="axis" transform="translate(12 ${top + side / 2}) rotate(-90)" text-anchor="middle">${y}</text>
${marks}</svg>`;
}

const unit: Range = [0, 1];

/** Removes the binary rounding of numbers such as 0.1. */
const slack = 1e-9;

/** About five ticks, at round numbers. */
function stepOf([from, to]: Range): number {
  const fifth = (to - from) / 5;
  const power = 10 ** Math.floor(Math.log10(fifth) + slack);
  return power * ([1, 2, 5, 10].find((times) => fifth <= times * power * (1 + slack)) ?? 10);
}

/** The range of all values, from tick to tick. */
export function rangeOf(values: readonly number[]): Range {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  if (!(least < most)) return [least - 0.5, least + 0.5];
  const step = stepOf([least, most]);
  return [Math.floor(least / step + slack) * step, Math.ceil(most / step - slack) * step];
}

function tickText(tick: number, step: number): string {
  const digits = Math.max(0, Math.ceil(-Math.log10(step) - slack));
  const notation = Math.abs(tick) >= 10_000 ? 'compact' : 'standard';
  return (tick === 0 ? 0 : tick).toLocaleString('en-US', { notation, maximumFractionDigits: Math.min(6, digits) });
}

/** Maps two numbers to a position in the box. */
function place([from, to]: Range): (x: number, y: number) => [number, number] {
  const share = (n: number) => (side * (n - from)) / (to - from);
  return (x, y) => [left + share(x), top + side - share(y)];
}

export function line(points: readonly (readonly [number, number])[], range: Range = unit): string {
  const at = place(range);
  return points.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${at(x, y).map(px).join(' ')}`).join('');
}

export function dot(x: number, y: number, radius: number, name: string, title: string, range: Range = unit): Html {
  const [cx, cy] = place(range)(x, y);
  return html`<circle class="${name}" cx="${px(cx)}" cy="${px(cy)}" r="${px(radius)}"><title>${title}</title></circle>`;
}
