import type { PipelineState, TaskState } from '../documents/bookmark-state.ts';
import type { Plan } from '../plan/schema.ts';
import { learns, tableLayer } from '../plan/task-kinds.ts';
import { type LogFolder, type TableLog, tableLog } from './table-log.ts';

/** The contents of the lake, to compare with the bookmarks. */
export interface Lake {
  log(layer: string, table: string): LogFolder;
  /** Whether a version of a model is complete. */
  hasModel(model: string, version: number): Promise<boolean>;
}

interface Found {
  table: TableLog | undefined;
  rejects: TableLog | undefined;
}

/**
 * The state, corrected by what the lake contains. A table or model that is gone or was replaced counts as never built. A table that
 * is older than the bookmarks say, whose rejects are lost, or whose rows another program changed, is rebuilt. A task is in doubt if
 * its table's log has a commit of an unsettled run. The next run's number is higher than any in a log, because a table ignores a commit
 * with a number that it has.
 */
export async function reconciled(plan: Plan, kept: PipelineState, lake: Lake): Promise<PipelineState> {
  const tasks = { ...kept.tasks };
  const inDoubt = { ...kept.inDoubt };
  let sequence = kept.sequence;
  const found = await Promise.all(plan.tasks.map((task) => foundOf(plan, task, tasks[task.name], lake)));
  plan.tasks.forEach((task, i) => {
    const { name } = task;
    const here = found[i];
    const known = tasks[name];
    if (here === 'model') return;
    if (here === undefined || here.table === undefined) {
      delete tasks[name];
      if (here !== undefined && here.rejects !== undefined) sequence = Math.max(sequence, here.rejects.sequence);
      return;
    }
    const newest = Math.max(here.table.sequence, here.rejects?.sequence ?? 0);
    sequence = Math.max(sequence, newest);
    if (known === undefined) return;
    if (differ(known.tableId, here.table.id)) {
      delete tasks[name];
      return;
    }
    const rebuild = reasonToRebuild(known, here, newest > kept.sequence);
    if (rebuild !== undefined) tasks[name] = { ...known, rebuild };
    if (known.sequence === undefined) return;
    if (newest > known.sequence) inDoubt[name] ??= [];
    // Nothing was committed; a forced task stays forced.
    else if (kept.tried?.[name]?.forced !== true) delete inDoubt[name];
  });
  return { ...kept, tasks, inDoubt, sequence };
}

async function foundOf(
  plan: Plan,
  task: Plan['tasks'][number],
  known: TaskState | undefined,
  lake: Lake,
): Promise<Found | 'model' | undefined> {
  const layer = tableLayer(task);
  if (learns(task)) {
    return known !== undefined && (await lake.hasModel(task.model, known.version)) ? 'model' : undefined;
  }
  const [table, rejects] = await Promise.all(
    [layer!, 'quarantine'].map((layer) => tableLog(plan.pipeline, lake.log(layer, task.name))),
  );
  return { table, rejects };
}

function reasonToRebuild(known: TaskState, { table, rejects }: Found, bookmarksAreOlder: boolean): string | undefined {
  // Nothing records any more which files and versions those runs read.
  if (bookmarksAreOlder) return 'its table has later runs than the bookmarks, which were lost or restored';
  if (known.committed !== undefined && table!.sequence < known.committed)
    return 'its table was restored: the rows of the last run that wrote to it are gone';
  if (table!.foreign !== undefined) return `another program changed its table (${table!.foreign})`;
  if (rejects?.foreign !== undefined) return `another program changed its quarantine table (${rejects.foreign})`;
  if (known.rejectsId === undefined) return undefined;
  if (rejects === undefined) return 'its quarantine table is gone';
  return differ(known.rejectsId, rejects.id) ? 'its quarantine table was replaced by another' : undefined;
}

const differ = (a: string | undefined, b: string | undefined) => a !== undefined && b !== undefined && a !== b;
