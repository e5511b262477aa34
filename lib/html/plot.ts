import { px } from './format.ts';
import { type Html, html } from './html.ts';

/** A square plot of two numbers from 0 to `most`, drawn in a box of its own units. */
export interface Frame {
  /** What the picture shows, for those who don't see it. */
  label: string;
  x: string;
  y: string;
  /** The upper end of both axes. */
  most: number;
  marks: Html;
}

const side = 250;
const left = 46;
const top = 10;

export function plot({ label, x, y, most, marks }: Frame): Html {
  const at = place(most);
  const step = stepOf(most);
  const ticks = Array.from({ length: Math.round(most / step) + 1 }, (_, i) => i * step);
  const text = (n: number) => String(Number(n.toFixed(2)));
  return html`<svg class="plot" viewBox="0 0 ${left + side + 14} ${top + side + 42}" role="img" aria-label="${label}">
<g class="grid">${ticks.map((tick) => {
    const [gx, gy] = at(tick, tick);
    return html`<path d="M${px(gx)} ${top}v${side}M${left} ${px(gy)}h${side}"/>`;
  })}</g>
<g class="ticks">${ticks.map((tick) => {
    const [gx, gy] = at(tick, tick);
    return html`<text x="${px(gx)}" y="${top + side + 16}" text-anchor="middle">${text(tick)}</text><text x="${left - 7}" y="${px(gy + 3.5)}" text-anchor="end">${text(tick)}</text>`;
  })}</g>
<text class="axis" x="${left + side / 2}" y="${top + side + 36}" text-anchor="middle">${x}</text>
<text class="axis" transform="translate(12 ${top + side / 2}) rotate(-90)" text-anchor="middle">${y}</text>
${marks}</svg>`;
}

/** Ticks at numbers that one can read. */
export function stepOf(most: number): number {
  return most > 0.5 ? 0.2 : most > 0.25 ? 0.1 : 0.05;
}

/** From the two numbers to a place in the box. */
function place(most: number): (x: number, y: number) => [number, number] {
  return (x, y) => [left + (side * x) / most, top + side - (side * y) / most];
}

export function line(points: readonly (readonly [number, number])[], most = 1): string {
  const at = place(most);
  return points.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${at(x, y).map(px).join(' ')}`).join('');
}

export function dot(x: number, y: number, radius: number, name: string, title: string, most = 1): Html {
  const [cx, cy] = place(most)(x, y);
  return html`<circle class="${name}" cx="${px(cx)}" cy="${px(cy)}" r="${px(radius)}"><title>${title}</title></circle>`;
}
