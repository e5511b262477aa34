/** Chance that comes out the same for the same seed: mulberry32. */
export class Chance {
  #state: number;
  constructor(seed: number) {
    this.#state = seed >>> 0;
  }
  /** At least 0, less than 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }
  /** A whole number from `least` to `most`, both included. */
  int(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }
  /** True in `share` of all cases. */
  often(share: number): boolean {
    return this.next() < share;
  }
  of<T>(things: readonly T[]): T {
    return things[this.int(0, things.length - 1)]!;
  }
  /** Some of the things, each with a chance of `share`, in their order. */
  some<T>(things: readonly T[], share = 0.5): T[] {
    return things.filter(() => this.often(share));
  }
}
