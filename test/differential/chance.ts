/** Random numbers from a seed, by mulberry32. */
export class Chance {
  #state: number;
  constructor(seed: number) {
    this.#state = seed >>> 0;
  }
  /** A number from 0 up to, but not including, 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }
  /** An integer from `least` to `most`, inclusive. */
  int(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }
  /** True with probability `share`. */
  often(share: number): boolean {
    return this.next() < share;
  }
  of<T>(things: readonly T[]): T {
    return things[this.int(0, things.length - 1)]!;
  }
  /** A random subset in the same order, each element with probability `share`. */
  some<T>(things: readonly T[], share = 0.5): T[] {
    return things.filter(() => this.often(share));
  }
}
