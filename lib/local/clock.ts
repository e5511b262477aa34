/** Seconds by phase, as they pass. */
export class Clock {
  readonly phases: { name: string; seconds: number }[] = [];
  private last: number;
  constructor(private readonly started: Date) {
    this.last = started.getTime();
  }
  lap(name: string): void {
    const now = Date.now();
    this.phases.push({ name, seconds: (now - this.last) / 1000 });
    this.last = now;
  }
  total(): number {
    return (Date.now() - this.started.getTime()) / 1000;
  }
}
