import type { Plan } from '../plan/schema.ts';
import type { PipelineState, TaskState } from '../plan/state.ts';
import type { WorkItem } from '../plan/work-order.ts';
import type { TaskDone } from './engine.ts';
import type { Root } from './root.ts';
import { writeState } from './state-file.ts';

/** What is known to be done, written down as it happens, so that a run that is killed is finished by the next one. */
export interface Ledger {
  /** Counts the run and notes which tasks and files are about to be done. Returns the run's sequence number. */
  begin(run: string, items: readonly WorkItem[]): Promise<number>;
  /** Notes that a task's table is committed. */
  done(item: WorkItem, event: TaskDone): Promise<void>;
}

export function openLedger(root: Root, plan: Plan, known: PipelineState): Ledger {
  let state = known;
  return {
    async begin(run, items) {
      const inDoubt = { ...state.inDoubt };
      for (const { task, files } of items) {
        inDoubt[task] = [...new Set([...(inDoubt[task] ?? []), ...(files ?? []).map((f) => f.path)])];
      }
      state = { ...state, sequence: state.sequence + 1, lastRun: run, inDoubt };
      await writeState(root, state);
      return state.sequence;
    },
    async done(item, event) {
      const { [item.task]: _, ...inDoubt } = state.inDoubt;
      state = { ...state, inDoubt, tasks: { ...state.tasks, [item.task]: taskState(state, plan, item, event) } };
      await writeState(root, state);
    },
  };
}

function taskState(state: PipelineState, plan: Plan, item: WorkItem, event: TaskDone): TaskState {
  const before = state.tasks[item.task];
  const task = plan.tasks.find((t) => t.name === item.task)!;
  const taken = item.mode === 'full' ? {} : (before?.files ?? {});
  const files = (item.files ?? []).map(({ uri: _, replace: __, ...file }): [string, typeof file] => [file.path, file]);
  // A model that scores may be older than the one trained last; what counts is which training was known when it scored.
  const trained = task.upstream.filter((name) => plan.tasks.find((t) => t.name === name)?.kind === 'train');
  const known = Object.fromEntries(trained.map((name) => [name, state.tasks[name]?.version ?? 0]));
  return {
    fingerprint: item.fingerprint,
    parts: item.parts,
    run: state.lastRun ?? '',
    version: event.version,
    rewrittenAt: event.rewritten ? event.version : (before?.rewrittenAt ?? 0),
    consumed: { ...event.consumed, ...known },
    ...(item.files !== undefined && { files: { ...taken, ...Object.fromEntries(files) } }),
  };
}
