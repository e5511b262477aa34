import { readsBesideLogs, unfinishedTasks } from '../documents/rows-of-run.ts';
import type { RunDocument } from '../documents/run-document.ts';
import { fromSource } from '../plan/task-kinds.ts';
import { renderIssues, renderWarnings } from './issues.ts';
import { driftLine } from './live-models.ts';
import { modelLine } from './model-tables.ts';
import { columns, counted, fitting, seconds, styleFor, type Terminal, thousands } from './terminal.ts';

/** A run in a few lines. */
export function summary(run: RunDocument, terminal: Terminal): string {
  const style = styleFor(terminal.out);
  const learned = run.skipped.filter(({ why }) => why.startsWith('nothing new to learn'));
  const same = learned.map(({ task, why }) => `${task}: ${why}\n`).join('');
  if (run.status === 'nothing to do') {
    return `nothing to do: no new input, no change (${seconds(run.seconds)})\n${same}`;
  }
  const colour = run.status === 'succeeded' ? 'green' : run.status === 'held' ? 'yellow' : 'red';
  const lines = [
    `${style(colour, run.status)}  ${run.run}  ${seconds(run.seconds)}  ${counted(run.tasks.length, 'task')}`,
  ];
  for (const model of run.models) {
    const best =
      run.best_possible === undefined ? '' : ` (the best possible on these data is ${run.best_possible.toFixed(4)})`;
    lines.push(`${modelLine(model, best)}: ${model.reason}`);
  }
  lines.push(...rowsInWords(run));
  const warnings = (run.warnings ?? []).length + run.tasks.reduce((sum, task) => sum + task.warnings.length, 0);
  if (warnings > 0) lines.push(style('yellow', counted(warnings, 'warning')));
  if (run.report !== undefined) lines.push(`report  ${run.report}`);
  const drift = (run.drift ?? []).map((each) => driftLine(each.model, each.drift)).join('');
  return fitting(`${lines.join('\n')}\n${same}${drift}`, terminal.out);
}

const mostNamed = 5;

/** Where the rows went. In a failed run, only finished tasks have accounted for their rows. */
function rowsInWords(run: RunDocument): string[] {
  const ingested = run.tasks.filter(fromSource);
  const read = ingested.reduce((sum, task) => sum + task.read, 0);
  const kept = quarantinedIn(run);
  const lines: string[] = [];
  if (ingested.length > 0) {
    const each = read === 1 ? 'accounted for' : 'all accounted for';
    const finished = run.status === 'failed' ? ` of ${counted(ingested.length, 'finished task')}` : '';
    lines.push(`${counted(read, 'input row')}${finished}, ${each}; ${thousands(kept)} in quarantine`);
  } else if (kept > 0) lines.push(`${counted(kept, 'row')} in quarantine`);
  const open = unfinishedTasks(run);
  if (open.length > 0) {
    const more = open.length > mostNamed ? ` and ${open.length - mostNamed} more` : '';
    const named = `${open.slice(0, mostNamed).join(', ')}${more}`;
    lines.push(`unknown: the rows of ${counted(open.length, 'unfinished task')}: ${named}`);
  }
  return lines;
}

export const quarantinedIn = (run: RunDocument): number =>
  run.tasks.flatMap(({ quarantined }) => Object.values(quarantined)).reduce((a, b) => a + b, 0);

/** The counts of upstream logs beside the rows that each task read; empty if no task read a table. */
export function readsTable(run: RunDocument): string {
  const reads = readsBesideLogs(run);
  if (reads.length === 0) return '';
  const rows = reads.map(({ task, table, versions, logged, read, changed }) => [
    task,
    table,
    versions,
    thousands(logged),
    thousands(read),
    changed === undefined ? '' : `by keys, ${thousands(changed)} changed`,
  ]);
  return columns([['task', 'read from', 'version', 'rows of the version', 'rows the task read', ''], ...rows]);
}

/** All warnings of a run: of its inputs, of its tasks, and expectations that were not judged. */
export function warningsOf(run: RunDocument, terminal: Terminal): string {
  const ofTasks = run.tasks.flatMap(({ task, warnings, unjudged = [] }) => [
    ...warnings.map((warning) => `warning  ${task}  ${warning}\n`),
    ...unjudged.map((expectation) => `not judged  ${task}  ${expectation}: the run has no new rows to judge\n`),
  ]);
  return fitting(`${renderWarnings(run.warnings ?? [])}${ofTasks.join('')}`, terminal.err);
}

/** The issues of a run, wrapped to the width of the terminal. */
export const issuesOf = (run: RunDocument, terminal: Terminal): string =>
  fitting(renderIssues(run.issues), terminal.err);
