import { createHash } from 'node:crypto';
import { parseExpression } from './expressions.ts';
import type { Ports } from './ports.ts';

const algorithms = ['MD5', 'SHA-1', 'SHA-256', 'SHA-384', 'SHA-512'];

/**
 * Functions that Step Functions adds to JSONata, by name, and JSONata functions that would otherwise use the real clock or real
 * randomness. Each throws for arguments that Step Functions refuses.
 */
export function statesFunctions({ clock, random }: Ports): Record<string, (...args: never[]) => unknown> {
  // One time for the whole expression, as JSONata guarantees.
  const millis = clock.now().getTime();
  return {
    partition: (list: unknown[], size: number) => {
      const step = Math.floor(size);
      if (!Array.isArray(list) || !(step > 0)) throw new Error('$partition takes an array and a size above 0');
      const parts = [];
      for (let i = 0; i < list.length; i += step) parts.push(list.slice(i, i + step));
      return parts;
    },
    range,
    hash: (data: unknown, algorithm: string) => {
      if (!algorithms.includes(algorithm)) throw new Error(`$hash knows ${algorithms.join(', ')}, not ${algorithm}`);
      const text = typeof data === 'string' ? data : JSON.stringify(data);
      return createHash(algorithm.toLowerCase().replace('-', '')).update(text).digest('hex');
    },
    random: (seed?: number) => (seed === undefined ? random() : seeded(seed)),
    uuid: () => uuid(random),
    parse: (text: string) => {
      if (typeof text !== 'string') throw new Error('$parse takes a text');
      return JSON.parse(text) as unknown;
    },
    eval: () => {
      throw new Error('$eval is not supported, $parse reads JSON');
    },
    millis: () => millis,
    now: (picture?: string, timezone?: string) =>
      parseExpression('$fromMillis($millis, $picture, $timezone)').evaluate(undefined, { millis, picture, timezone }),
    shuffle: (list: unknown) => shuffled(Array.isArray(list) ? list : [list], random),
  };
}

/** From first to last, inclusive; at most 1000 numbers. */
function range(first: number, last: number, step: number): number[] {
  const [from, to, by] = [Math.floor(first), Math.floor(last), Math.floor(step)];
  const count = Math.floor((to - from) / by) + 1;
  if (!Number.isFinite(count)) throw new Error('$range takes three numbers, and a step that is not 0');
  if (count > 1000) throw new Error(`$range gives at most 1000 numbers, not ${count}`);
  return Array.from({ length: Math.max(0, count) }, (_, i) => from + i * by);
}

/** A number in [0, 1) from a seed: the same seed gives the same number. */
function seeded(seed: number): number {
  let t = (Math.floor(seed) + 0x6d2b79f5) >>> 0;
  t = Math.imul(t ^ (t >>> 15), t | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
}

/** A version 4 UUID from the port's random numbers, so that an execution can be repeated. */
function uuid(random: () => number): string {
  return 'xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx'.replace(/[xy]/g, (place) => {
    const digit = Math.floor(random() * 16);
    return (place === 'x' ? digit : (digit & 3) | 8).toString(16);
  });
}

function shuffled(list: readonly unknown[], random: () => number): unknown[] {
  const rest = [...list];
  const drawn: unknown[] = [];
  while (rest.length > 0) drawn.push(...rest.splice(Math.floor(random() * rest.length), 1));
  return drawn;
}
