import { notKnown, readsBesideLogs } from '../documents/rows-of-run.ts';
import type { RunDocument } from '../documents/run-document.ts';
import { renderIssues, renderWarnings } from './issues.ts';
import { driftLine } from './live-models.ts';
import { modelLine } from './model-tables.ts';
import { columns, counted, fitting, seconds, styleFor, type Terminal, thousands } from './terminal.ts';

/** What a run did, in a few lines. */
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
    const of =
      run.best_possible === undefined ? '' : ` (the best possible on these data is ${run.best_possible.toFixed(4)})`;
    lines.push(`${modelLine(model, of)}: ${model.reason}`);
  }
  lines.push(...rowsInWords(run));
  const warnings = (run.warnings ?? []).length + run.tasks.reduce((sum, task) => sum + task.warnings.length, 0);
  if (warnings > 0) lines.push(style('yellow', counted(warnings, 'warning')));
  if (run.report !== undefined) lines.push(`report  ${run.report}`);
  const drift = (run.drift ?? []).map((each) => driftLine(each.model, each.drift)).join('');
  return fitting(`${lines.join('\n')}\n${same}${drift}`, terminal.out);
}

const mostNamed = 5;

/** Where the rows are. Of a failed run only tasks that ended have accounted for theirs. */
function rowsInWords(run: RunDocument): string[] {
  const ingested = run.tasks.filter(({ kind }) => kind === 'ingest');
  const read = ingested.reduce((sum, task) => sum + task.read, 0);
  const kept = quarantinedIn(run);
  const lines: string[] = [];
  if (ingested.length > 0) {
    const each = read === 1 ? 'accounted for' : 'every one accounted for';
    const of = run.status === 'failed' ? ` of ${counted(ingested.length, 'task')} that ended` : '';
    lines.push(`${counted(read, 'input row')}${of}, ${each}; ${thousands(kept)} in quarantine`);
  } else if (kept > 0) lines.push(`${counted(kept, 'row')} in quarantine`);
  const open = notKnown(run);
  if (open.length > 0) {
    const more = open.length > mostNamed ? ` and ${open.length - mostNamed} more` : '';
    const named = `${open.slice(0, mostNamed).join(', ')}${more}`;
    lines.push(`not known: the rows of ${counted(open.length, 'task')} that did not end: ${named}`);
  }
  return lines;
}

export const quarantinedIn = (run: RunDocument): number =>
  run.tasks.flatMap(({ quarantined }) => Object.values(quarantined)).reduce((a, b) => a + b, 0);

/** What upstream's logs say beside what each task read; nothing where no task read a table. */
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
  return columns([['task', 'read from', 'version', 'by its log', 'read', ''], ...rows]);
}

/** All that a run warns of: of its inputs, of its tasks, and what was not judged. */
export function warningsOf(run: RunDocument, terminal: Terminal): string {
  const ofTasks = run.tasks.flatMap(({ task, warnings, unjudged = [] }) => [
    ...warnings.map((warning) => `warning  ${task}  ${warning}\n`),
    ...unjudged.map((expectation) => `not judged  ${task}  ${expectation}: the run has no new row for it\n`),
  ]);
  return fitting(`${renderWarnings(run.warnings ?? [])}${ofTasks.join('')}`, terminal.err);
}

/** What is wrong with a run, each line no longer than the terminal is wide. */
export const issuesOf = (run: RunDocument, terminal: Terminal): string =>
  fitting(renderIssues(run.issues), terminal.err);
