import type { RunDocument } from '../documents/run-document.ts';
import { resultOf } from '../documents/task-outcome.ts';
import type { RunEvent } from '../local/events.ts';
import type { Plan } from '../plan/schema.ts';
import type { CloudPorts, Execution, Seen, Step } from './ports.ts';
import { failureOf } from './root-cause.ts';
import { documentOf, verdictsOf } from './run-document.ts';

/** A state that the run has entered or left; shown by the line renderer in addition to the events. */
export interface StateChange {
  state: string;
  change: 'entered' | 'exited';
}

export interface Following {
  plan: Plan;
  run: string;
  ports: Pick<CloudPorts, 'execution' | 'steps' | 'order' | 'outcomes' | 'engineLog'>;
  emit(event: RunEvent): void;
  state?(change: StateChange): void;
  /** Waits before the next poll. Throws to stop watching; the run itself continues. */
  pause(): Promise<void>;
}

/** Reports the progress of a run until its end, with the same events as a local run. Waits if the run has not started yet. */
export async function follow({ plan, run, ports, emit, state, pause }: Following): Promise<RunDocument> {
  const reporter = new ProgressReporter(plan, run);
  for (;;) {
    // Read the execution first, so that everything written before its end is included below.
    const execution = await ports.execution(run);
    if (execution !== undefined) {
      const seen = await look(plan, execution, ports);
      for (const events of reporter.report(seen)) {
        if ('change' in events) state?.(events);
        else emit(events);
      }
      if (execution.status !== 'RUNNING') {
        const document = documentOf(plan, seen);
        emit({ type: 'run.done', document });
        return document;
      }
    }
    await pause();
  }
}

export async function look(plan: Plan, execution: Execution, ports: Following['ports']): Promise<Seen> {
  const { run, status } = execution;
  const [steps, order, outcomes] = await Promise.all([ports.steps(run), ports.order(run), ports.outcomes(run)]);
  const seen = { execution, steps, order, outcomes };
  const jobRun = status === 'FAILED' ? failureOf(plan, seen).jobRun : undefined;
  return jobRun === undefined ? seen : { ...seen, engineLog: await ports.engineLog(jobRun, execution) };
}

/** Reports each event once. */
export class ProgressReporter {
  private steps = 0;
  private judged = 0;
  private announced = false;
  private readonly started = new Set<string>();
  private readonly done = new Set<string>();
  private readonly attempts = new Map<string, { failed: string | undefined; count: number }>();
  private stage: string | undefined;

  constructor(
    private readonly plan: Plan,
    private readonly run: string,
  ) {}

  /** New events since the last poll, in order. */
  report(seen: Seen): (RunEvent | StateChange)[] {
    const events: (RunEvent | StateChange)[] = [];
    for (const [i, step] of seen.steps.slice(this.steps).entries()) {
      // The outcomes of a stage were written before the stage was left.
      if (step.type === 'exited' && step.state === this.stage) events.push(...this.ofTasks(seen, this.stage));
      events.push(...this.ofStep(step));
      if (step.type === 'exited' && step.state === 'Claim') events.push(...this.ofOrder(seen));
      const { output: _, ...going } = seen.execution;
      events.push(...this.ofGate({ steps: seen.steps.slice(0, this.steps + i + 1), execution: going }));
    }
    this.steps = seen.steps.length;
    events.push(...this.ofOrder(seen), ...this.ofTasks(seen));
    events.push(...this.ofGate(seen));
    const failed = seen.execution.status === 'RUNNING' ? undefined : failureOf(this.plan, seen);
    if (failed?.task !== undefined) events.push({ type: 'task.failed', task: failed.task, issues: failed.issues });
    return events;
  }

  private ofStep(step: Step): (RunEvent | StateChange)[] {
    const { state } = step;
    const attempt = this.attempts.get(state) ?? { failed: undefined, count: 0 };
    switch (step.type) {
      case 'entered':
        if (this.plan.stages.some((stage) => stage.name === state)) this.stage = state;
        return [{ state, change: 'entered' }];
      case 'exited':
        if (this.stage === state) this.stage = undefined;
        return [{ state, change: 'exited' }];
      case 'failed':
        this.attempts.set(state, { failed: step.error, count: attempt.count + 1 });
        return [];
      case 'scheduled':
        // Called again in the same state: a retry.
        if (attempt.failed === undefined) return [];
        this.attempts.set(state, { ...attempt, failed: undefined });
        return [{ type: 'retry', state, attempt: attempt.count, error: attempt.failed }];
      default:
        return step satisfies never;
    }
  }

  private ofOrder({ order }: Seen): RunEvent[] {
    if (order === undefined || this.announced) return [];
    this.announced = true;
    const kinds = new Map(this.plan.tasks.map((task) => [task.name, task.kind]));
    const tasks = order.items.map(({ task, why }) => ({ task, why, kind: kinds.get(task) ?? 'transform' }));
    return [{ type: 'run.start', run: this.run, tasks, skipped: order.skipped.length }];
  }

  private ofGate(seen: Pick<Seen, 'steps' | 'execution'>): RunEvent[] {
    const fresh = verdictsOf(seen).slice(this.judged);
    this.judged += fresh.length;
    return fresh.map(({ model, version, verdict, reason }) => ({ type: 'verdict', model, version, verdict, reason }));
  }

  /** Events of the tasks of one stage, or of all stages. */
  private ofTasks({ order, outcomes, execution }: Seen, stage?: string): RunEvent[] {
    const events: RunEvent[] = [];
    for (const { task } of order?.items ?? []) {
      const outcome = outcomes.find((each) => each.task === task);
      if (outcome === undefined || this.done.has(task) || (stage ?? outcome.stage) !== outcome.stage) continue;
      if (!this.started.has(task)) events.push({ type: 'task.start', task });
      this.started.add(task);
      this.done.add(task);
      events.push({ type: 'task.done', result: resultOf(this.taskOf(task), outcome) });
    }
    const next = order?.items.find(({ task }) => this.taskOf(task)?.stage === this.stage && !this.done.has(task));
    if (next !== undefined && execution.status === 'RUNNING' && !this.started.has(next.task)) {
      this.started.add(next.task);
      events.push({ type: 'task.start', task: next.task });
    }
    return events;
  }

  private taskOf = (name: string) => this.plan.tasks.find((task) => task.name === name);
}
