import { type Issue, MillraceError } from '../errors.ts';
import type { Plan } from '../plan/schema.ts';
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
}

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

/** Why a task has no query plan. */
export function noQueryPlan(plan: Plan, name: string, place: string): MillraceError {
  const task = plan.tasks.find((each) => each.name === name);
  const withSql = plan.tasks.filter(runsSql).map((each) => each.name);
  const issue: Issue =
    task === undefined
      ? {
          code: 'MR518',
          path: place,
          message: `there is no task "${name}"`,
          hint: suggestion(
            name,
            plan.tasks.map((each) => each.name),
          ),
        }
      : {
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
