import { type Issue, MillraceError } from '../errors.ts';
import { parameterValue } from '../plan/parameter-value.ts';
import type { Plan } from '../plan/schema.ts';
import { suggestion } from '../plan/suggest.ts';
import type { ParameterValues } from './decide.ts';

/**
 * Parameters of a run: values of the pipeline's parameters by name; `force`, the tasks or kinds of tasks to run in any case; and
 * `drop_missing`, `true` to drop the rows of deleted files when their table is rebuilt.
 */
export type RunParameters = Readonly<Record<string, string | number | readonly string[]>>;

/** Separates them. Throws MR130 and MR131 as `parameterValues` does, MR516 for an unknown task in `force`. */
export function readParameters(
  plan: Plan,
  given: RunParameters,
): { values: ParameterValues; force: readonly string[]; dropMissing: boolean } {
  const { force = [], drop_missing: drop, ...values } = given;
  const forced = typeof force === 'object' ? force : [String(force)];
  const known = [...new Set(plan.tasks.flatMap((task) => [task.name, task.kind]))];
  const unknown = forced.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new MillraceError(
      unknown.map((name) => ({
        code: 'MR516',
        path: `--force ${name}`,
        message: `pipeline "${plan.pipeline}" has no task or kind of task "${name}"`,
        hint: suggestion(name, known),
      })),
      2,
    );
  }
  return {
    values: parameterValues(plan, values as ParameterValues),
    force: forced,
    dropMissing: String(drop) === 'true',
  };
}

/** The defaults, overridden by the given values. Issues: MR130 for an unknown parameter, MR131 for a value of the wrong type. */
function parameterValues(plan: Plan, given: ParameterValues): ParameterValues {
  const issues: Issue[] = [];
  const known = plan.parameters.map((parameter) => parameter.name);
  for (const name of Object.keys(given).filter((name) => !known.includes(name))) {
    issues.push({
      code: 'MR130',
      path: `--param ${name}`,
      message: `pipeline "${plan.pipeline}" has no parameter "${name}"`,
      hint: suggestion(name, known),
    });
  }
  const values: Record<string, string | number> = {};
  for (const { name, type, default: fallback } of plan.parameters) {
    const read = parameterValue(type, given[name] ?? fallback);
    if ('wrong' in read) {
      issues.push({ code: 'MR131', path: `--param ${name}`, message: read.wrong, hint: read.hint });
    } else values[name] = read.value;
  }
  if (issues.length > 0) throw new MillraceError(issues, 2);
  return values;
}
