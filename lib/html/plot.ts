import { px } from './format.ts';
import { type Html, html } from './html.ts';

/** The range of an axis. */
type Range = readonly [from: number, to: number];

/** A square plot; by default both axes have the same range. */
export interface Frame {
  /** A text for screen readers that says what the plot shows. */
  label: string;
  x: string;
  y: string;
  /** From 0 to 1 by default. */
  range?: Range;
  /** The range of the vertical axis, if it differs. */
  yRange?: Range;
  marks: Html;
}

const side = 250;
const left = 46;
const top = 10;

export function plot({ label, x, y, range = unit, yRange = range, marks }: Frame): Html {
  const at = place(range, yRange);
  const across = ticksOf(range).map((tick) => ({ at: px(at(tick, 0)[0]), text: tickText(tick, range) }));
  const upwards = ticksOf(yRange).map((tick) => ({ at: at(0, tick)[1], text: tickText(tick, yRange) }));
  return html`<svg class="plot" viewBox="0 0 ${left + side + 14} ${top + side + 42}" role="img" aria-label="${label}">
<g class="grid">${across.map((tick) => html`<path d="M${tick.at} ${top}v${side}"/>`)}${upwards.map((tick) => html`<path d="M${left} ${px(tick.at)}h${side}"/>`)}</g>
<g class="ticks">${across.map((tick) => html`<text x="${tick.at}" y="${top + side + 16}" text-anchor="middle">${tick.text}</text>`)}${upwards.map((tick) => html`<text x="${left - 7}" y="${px(tick.at + 3.5)}" text-anchor="end">${tick.text}</text>`)}</g>
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

function ticksOf(range: Range): number[] {
  const step = stepOf(range);
  const first = Math.ceil(range[0] / step - slack);
  return Array.from({ length: Math.floor(range[1] / step + slack) - first + 1 }, (_, i) => (first + i) * step);
}

function tickText(tick: number, range: Range): string {
  const notation = Math.abs(tick) >= 10_000 ? 'compact' : 'standard';
  // 10,500 is 10.5K in compact notation, so its digits depend on the thousand, million or billion.
  const unit = notation === 'standard' ? 1 : 1000 ** Math.floor(Math.log10(Math.abs(tick)) / 3 + slack);
  const digits = Math.max(0, Math.ceil(Math.log10(unit / stepOf(range)) - slack));
  return (tick === 0 ? 0 : tick).toLocaleString('en-US', { notation, maximumFractionDigits: Math.min(6, digits) });
}

/** Maps two numbers to a position in the box. */
function place(range: Range, yRange: Range): (x: number, y: number) => [number, number] {
  const share = (n: number, [from, to]: Range) => (side * (n - from)) / (to - from);
  return (x, y) => [left + share(x, range), top + side - share(y, yRange)];
}

export function line(
  points: readonly (readonly [number, number])[],
  range: Range = unit,
  yRange: Range = range,
): string {
  const at = place(range, yRange);
  return points.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${at(x, y).map(px).join(' ')}`).join('');
}

export function dot(
  x: number,
  y: number,
  radius: number,
  name: string,
  title: string,
  range: Range = unit,
  yRange: Range = range,
): Html {
  const [cx, cy] = place(range, yRange)(x, y);
  return html`<circle class="${name}" cx="${px(cx)}" cy="${px(cy)}" r="${px(radius)}"><title>${title}</title></circle>`;
}
