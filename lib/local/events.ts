import type { RunDocument, TaskResult } from '../documents/run-document.ts';
import type { Issue } from '../errors.ts';

/** Progress events of a run. The library never prints; a renderer does. */
export type RunEvent =
  | { type: 'run.start'; run: string; tasks: { task: string; kind: string; why: string }[]; skipped: number }
  | { type: 'task.start'; task: string }
  | { type: 'task.done'; result: TaskResult }
  | { type: 'task.failed'; task: string; issues: readonly Issue[] }
  | { type: 'retry'; state: string; attempt: number; error: string }
  | { type: 'verdict'; model: string; version: number; verdict: 'promote' | 'hold' | 'keep'; reason: string }
  | { type: 'run.done'; document: RunDocument };

/** Measures seconds per phase. */
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
