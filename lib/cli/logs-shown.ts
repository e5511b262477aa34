import { type Issue, MillraceError } from '../errors.ts';
import type { Plan, Task } from '../plan/schema.ts';
import { suggestion } from '../plan/suggest.ts';
import { runsSql } from '../plan/task-kinds.ts';
import { readable, taskOf } from './log-line.ts';
import { type CommonOptions, printJson, styleFor, type Terminal } from './terminal.ts';

export interface LogsRequest extends CommonOptions {
  pipeline: string;
  /** Only lines of this task. */
  task?: string;
  run?: string;
  follow?: boolean;
  /** Show the query plan of the task instead of lines. */
  plan?: boolean;
  /** With `plan`: also the logical plans. */
  full?: boolean;
}

/** The query plans to print: as the engine saved them, or without the logical plans before each physical one. */
export const shownPlan = (text: string, { full }: LogsRequest) =>
  full ? text : text.replace(/^== (?!Physical Plan).* ==\n[\s\S]*?(?=^== )/gm, '');

interface Line {
  at: string;
  part: string;
  text: string;
}

/** Prints log lines, one by one or all at once; in words, or unchanged with `--json`. */
export function linesShown(request: LogsRequest, what: { run: string } & Record<string, string>, terminal: Terminal) {
  const style = styleFor(terminal.out);
  const wanted = ({ text }: Line) => request.task === undefined || taskOf(text) === request.task;
  const line = (each: Line) => {
    if (!wanted(each)) return;
    if (request.json) return void terminal.out.write(`${JSON.stringify(each)}\n`);
    const text = readable(each.text);
    terminal.out.write(`${style('dim', each.at.slice(11, 23))}  ${style('cyan', each.part.padEnd(9))}  ${text}\n`);
  };
  const all = (lines: readonly Line[]) => {
    const some = lines.filter(wanted);
    if (request.json) printJson(terminal, { ...what, lines: some });
    else for (const each of some) line(each);
    if (some.length === 0) terminal.err.write(`${what.run} has no log lines yet\n`);
  };
  return { line, all };
}

/** The answer for a pipeline that has not run yet. Throws MR702 if a run or a query plan was named. */
export function noRuns(
  request: LogsRequest,
  what: { pipeline: string; environment?: string },
  command: string,
  place: string,
  terminal: Terminal,
): void {
  const message = `${what.pipeline} has not run yet`;
  if (request.run !== undefined || request.plan) {
    throw new MillraceError([{ code: 'MR702', path: place, message, hint: command }]);
  }
  if (request.json) printJson(terminal, { ...what, run: null, lines: [] });
  else terminal.out.write(`${message}\n  try   ${command}\n`);
}

/** The task of this name. Throws MR518 if the plan has none. */
export function taskNamed(plan: Plan, name: string, place: string): Task {
  const task = plan.tasks.find((each) => each.name === name);
  if (task !== undefined) return task;
  const known = plan.tasks.map((each) => each.name);
  const issue = { code: 'MR518', path: place, message: `there is no task "${name}"`, hint: suggestion(name, known) };
  throw new MillraceError([issue], 2);
}

/** Why a task has no query plan: MR517. Throws MR518 if the plan has no such task. */
export function noQueryPlan(plan: Plan, name: string, place: string): MillraceError {
  const task = taskNamed(plan, name, place);
  const withSql = plan.tasks.filter(runsSql).map((each) => each.name);
  const issue: Issue = {
    code: 'MR517',
    path: `${place}  ${name}`,
    message: runsSql(task)
      ? `${name} has no query plan in this run`
      : `${name} has no query plan: it is a ${task.kind} task, which runs no SQL`,
    hint: runsSql(task)
      ? 'run the task, or choose a run that executed it with --run'
      : `tasks with a query plan: ${withSql.join(', ')}`,
  };
  return new MillraceError([issue], 2);
}
