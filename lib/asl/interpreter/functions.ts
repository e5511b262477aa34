import { createHash, randomUUID } from 'node:crypto';

/** The functions that Step Functions has beside those of JSONata, by name. `$eval` is not allowed there. */
export function statesFunctions(random: () => number): Record<string, (...args: never[]) => unknown> {
  return {
    partition: (list: unknown[], size: number) => {
      const parts = [];
      for (let i = 0; i < list.length; i += size) parts.push(list.slice(i, i + size));
      return parts;
    },
    range: (first: number, last: number, step: number) => {
      const numbers = [];
      for (let n = first; step > 0 ? n <= last : n >= last; n += step) numbers.push(n);
      return numbers;
    },
    hash: (data: unknown, algorithm: string) => {
      const text = typeof data === 'string' ? data : JSON.stringify(data);
      return createHash(algorithm.toLowerCase().replace('-', '')).update(text).digest('hex');
    },
    random: (seed?: number) => (seed === undefined ? random() : seeded(seed)),
    uuid: () => randomUUID(),
    parse: (text: string) => JSON.parse(text) as unknown,
    eval: () => {
      throw new Error('$eval is not supported');
    },
  };
}

/** One number in [0, 1) of a seed: the same seed gives the same number. */
function seeded(seed: number): number {
  let t = (Math.floor(seed) + 0x6d2b79f5) >>> 0;
  t = Math.imul(t ^ (t >>> 15), t | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
}
