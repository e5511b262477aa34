import type { Task } from '../plan/schema.ts';
import { columnsOf, groupOf } from './lineage-columns.ts';
import { sum } from './row-outcomes.ts';

/** The position of each task in the picture: in columns by layer, with few crossings (found by some sweeps). */
export interface Layout {
  nodes: { task: Task; x: number; y: number }[];
  edges: { from: Task; to: Task; points: [number, number][] }[];
  bands: { title: string; x: number; width: number }[];
  width: number;
  height: number;
}

export const box = { width: 158, height: 42 };
const gap = { x: 40, y: 14 };
const head = 30;

/** A task, or the point at which an edge crosses a column between its ends. */
interface Slot {
  id: string;
  column: number;
  task?: Task;
  before: string[];
  after: string[];
  y: number;
}

export function layout(tasks: readonly Task[]): Layout {
  const { column, bands } = columnsOf(tasks);
  const slots = new Map<string, Slot>();
  const slotOf = (id: string, at: number, task?: Task): Slot => {
    const slot = slots.get(id) ?? { id, column: at, before: [], after: [], y: 0, ...(task !== undefined && { task }) };
    slots.set(id, slot);
    return slot;
  };
  for (const task of tasks) slotOf(`task ${task.name}`, column.get(task.name)!, task);
  const routes = tasks.flatMap((to) =>
    [...new Set(to.upstream)].flatMap((name) => {
      const from = tasks.find((task) => task.name === name);
      const start = column.get(name);
      const end = column.get(to.name)!;
      if (from === undefined || start === undefined || start >= end) return [];
      const between = Array.from({ length: end - start - 1 }, (_, i) => start + 1 + i);
      // Edges of one table share their path until they branch.
      const way = [
        slots.get(`task ${name}`)!,
        ...between.map((at) => slotOf(`way ${at} ${name}`, at)),
        slots.get(`task ${to.name}`)!,
      ];
      for (let i = 1; i < way.length; i += 1) connect(way[i - 1]!, way[i]!);
      return [{ from, to, way }];
    }),
  );
  const columns = Math.max(0, ...[...column.values()].map((at) => at + 1));
  const ranks = Array.from({ length: columns }, (_, at) => [...slots.values()].filter((slot) => slot.column === at));
  for (let sweep = 0; sweep < 12; sweep += 1) {
    const forward = sweep % 2 === 0;
    for (const rank of forward ? ranks : [...ranks].reverse()) settle(rank, forward, slots);
  }
  const lowest = Math.min(0, ...[...slots.values()].map((slot) => slot.y));
  const x = (at: number) => gap.x / 2 + at * (box.width + gap.x);
  for (const slot of slots.values()) slot.y += head - lowest;
  return {
    nodes: [...slots.values()].flatMap((slot) =>
      slot.task === undefined ? [] : [{ task: slot.task, x: x(slot.column), y: slot.y }],
    ),
    edges: routes.map(({ from, to, way }) => ({
      from,
      to,
      points: way.flatMap((slot, i): [number, number][] => {
        const y = slot.y + heightOf(slot) / 2;
        const [entry, exit]: [number, number][] = [
          [x(slot.column), y],
          [x(slot.column) + box.width, y],
        ];
        return i === 0 ? [exit!] : i === way.length - 1 ? [entry!] : [entry!, exit!];
      }),
    })),
    bands: bands.map((band) => ({
      title: band.title,
      x: x(band.from) - gap.x / 2 + 4,
      width: (band.to - band.from + 1) * (box.width + gap.x) - 8,
    })),
    width: columns * (box.width + gap.x),
    height: Math.max(0, ...[...slots.values()].map((slot) => slot.y + heightOf(slot))) + gap.y,
  };
}

/** Orders a column by the positions of its neighbours, and puts each slot as near to them as possible. */
function settle(rank: Slot[], forward: boolean, slots: ReadonlyMap<string, Slot>): void {
  const wish = new Map<Slot, number>();
  for (const slot of rank) {
    const ids = forward ? slot.before : slot.after;
    const neighbours = ids.map((id) => slots.get(id)!);
    const centre =
      neighbours.length === 0
        ? slot.y + heightOf(slot) / 2
        : sum(neighbours.map((n) => n.y + heightOf(n) / 2)) / neighbours.length;
    wish.set(slot, centre - heightOf(slot) / 2);
  }
  rank.sort((a, b) => wish.get(a)! - wish.get(b)! || (a.task ? groupOf(a.task) : 0) - (b.task ? groupOf(b.task) : 0));
  let next = Number.NEGATIVE_INFINITY;
  for (const slot of rank) {
    slot.y = Math.max(wish.get(slot)!, next);
    next = slot.y + heightOf(slot) + gap.y;
  }
  if (rank.length === 0) return;
  const drift = sum(rank.map((slot) => slot.y - wish.get(slot)!)) / rank.length;
  for (const slot of rank) slot.y -= drift;
}

function connect(from: Slot, to: Slot): void {
  if (!from.after.includes(to.id)) from.after.push(to.id);
  if (!to.before.includes(from.id)) to.before.push(from.id);
}

const heightOf = (slot: Slot) => (slot.task === undefined ? 6 : box.height);
