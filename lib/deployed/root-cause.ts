import { computeKinds } from '../compute/compute.ts';
import type { ComputeKind, JobReport } from '../compute/kind.ts';
import { issuesIn } from '../documents/issue-line.ts';
import { issueSchema } from '../documents/run-document.ts';
import type { Issue } from '../errors.ts';
import type { Plan } from '../plan/schema.ts';
import type { Seen } from './ports.ts';

/** Why a run failed, from its execution history and the engine's reports. */
export interface Failure {
  /** The state it failed in; undefined if the execution was stopped. */
  state?: string;
  /** The failed task; for a stage, the first in order without an outcome. */
  task?: string;
  /** Id of the Glue job run, which is part of its log stream names. */
  jobRun?: string;
  /** At least one. */
  issues: Issue[];
}

/** The last failure in the machine, with the engine's report of it. */
export function failureOf(plan: Plan, { execution, steps, order, outcomes, engineLog = '' }: Seen): Failure {
  const { run, status, error = status, cause = '' } = execution;
  const step = steps.findLast((each) => each.type === 'failed' && each.state !== 'Abort');
  const state = step?.state;
  const stage = plan.stages.find(({ name }) => name === state);
  const job = jsonOf(cause || (step?.type === 'failed' ? step.cause : ''));
  const place = state === undefined ? run : `${run}  ${state}`;
  const text = firstOf(({ message }) => message(job)) ?? errorOfFunction(job) ?? cause;
  const reported = engineFailure(text) ?? engineFailure(engineLog) ?? endedWith(text, place);
  const pending = order?.items.find(
    ({ task }) =>
      plan.tasks.find(({ name }) => name === task)?.stage === state && !outcomes.some((each) => each.task === task),
  );
  const task = reported?.task ?? (stage === undefined ? undefined : pending?.task);
  const jobRun = firstOf((kind) => kind.jobRun(job));
  const log = firstOf((kind) => kind.log(job));
  return {
    ...(state !== undefined && { state }),
    ...(task !== undefined && { task }),
    ...(jobRun !== undefined && { jobRun }),
    issues: reported?.issues ?? [issueOfAws(error, text, place, log)],
  };
}

/** The first result of any compute kind. All are tried, because a deploy may have moved the stage since the run. */
const firstOf = <T>(read: (failure: ComputeKind['failure']) => T | undefined): T | undefined =>
  Object.values(computeKinds)
    .map(({ failure }) => read(failure))
    .find((found) => found !== undefined);

/** A failure without an issue of ours: uses the text of AWS. */
function issueOfAws(error: string, message: string, path: string, log: string | undefined): Issue {
  const hint = 'run again: it continues where it stopped';
  if (error === 'ABORTED') return { code: 'MR509', path, message: 'the run was stopped', hint };
  const known = firstOf(({ issue }) => issue(error, path));
  if (known !== undefined) return known;
  const timedOut = error === 'States.Timeout' || error === 'TIMED_OUT';
  const what = timedOut ? 'it took longer than its timeout' : message.trim() === '' ? error : `${error}: ${message}`;
  const look = log === undefined ? hint : `read the log ${log}, then ${hint}`;
  return { code: 'MR509', path, message: lastLine(what), hint: look };
}

/** The engine's event of a failed task, ignoring prefixes that a log may add. */
function engineFailure(text: string): { task: string; issues: Issue[] } | undefined {
  for (const line of text.split('\n').reverse()) {
    const at = line.indexOf('{"event":"task.failed"');
    if (at === -1) continue;
    const event = jsonOf(line.slice(at));
    const issues = issueSchema.array().safeParse(event['issues']);
    if (issues.success && issues.data.length > 0) return { task: String(event['task']), issues: issues.data };
  }
  return undefined;
}

/** The issues that a function or the engine ended with, anywhere in the text, and the task of the first. */
function endedWith(text: string, place: string): { task?: string; issues: Issue[] } | undefined {
  const found = issuesIn(text);
  const task = found[0]?.task;
  const issues = found.map(({ task: _, ...issue }) => ({ ...issue, path: issue.path || place }));
  return issues.length === 0 ? undefined : { ...(task !== undefined && { task }), issues };
}

/** The error message of a function that threw. */
const errorOfFunction = ({ errorMessage }: JobReport) => (typeof errorMessage === 'string' ? errorMessage : undefined);

const lastLine = (text: string) => text.trim().split('\n').at(-1)!.slice(0, 500);

function jsonOf(text: string): Record<string, unknown> {
  try {
    const value = JSON.parse(text) as unknown;
    return value !== null && typeof value === 'object' ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
