import { computeKinds } from '../compute/compute.ts';
import type { ComputeKind, JobReport } from '../compute/kind.ts';
import { issuesIn } from '../documents/issue-line.ts';
import { issueSchema } from '../documents/run-document.ts';
import type { Issue } from '../errors.ts';
import type { Plan } from '../plan/schema.ts';
import type { Seen } from './ports.ts';

/** Why a run failed, as far as the run itself tells. */
export interface Failure {
  /** The state it failed in; undefined where it was stopped from outside. */
  state?: string;
  /** Whose task; of a stage, the first in order that did not report back. */
  task?: string;
  /** Id of the Glue job run, by which its log streams are named. */
  jobRun?: string;
  /** What is told; at least one. */
  issues: Issue[];
}

/** What failed last in the machine before it gave up, and what the engine told of it. */
export function failureOf(plan: Plan, { execution, steps, order, outcomes, engineLog = '' }: Seen): Failure {
  const { run, status, error = status, cause = '' } = execution;
  const step = steps.findLast((each) => each.type === 'failed' && each.state !== 'Abort');
  const state = step?.state;
  const stage = plan.stages.find(({ name }) => name === state);
  const job = jsonOf(cause || (step?.type === 'failed' ? step.cause : ''));
  const place = state === undefined ? run : `${run}  ${state}`;
  const said = firstOf(({ message }) => message(job)) ?? errorOfFunction(job) ?? cause;
  const told = engineFailure(said) ?? engineFailure(engineLog) ?? endedWith(said, place);
  const pending = order?.items.find(
    ({ task }) =>
      plan.tasks.find(({ name }) => name === task)?.stage === state && !outcomes.some((each) => each.task === task),
  );
  const task = told?.task ?? (stage === undefined ? undefined : pending?.task);
  const jobRun = firstOf((kind) => kind.jobRun(job));
  const log = firstOf((kind) => kind.log(job));
  return {
    ...(state !== undefined && { state }),
    ...(task !== undefined && { task }),
    ...(jobRun !== undefined && { jobRun }),
    issues: told?.issues ?? [issueOfAws(error, said, place, log)],
  };
}

/** What the kind that knows the report reads in it. Any may: since the run, a deploy may have moved the stage. */
const firstOf = <T>(read: (failure: ComputeKind['failure']) => T | undefined): T | undefined =>
  Object.values(computeKinds)
    .map(({ failure }) => read(failure))
    .find((found) => found !== undefined);

/** A failure of which nothing of ours is known: AWS says in its own words what it was. */
function issueOfAws(error: string, message: string, path: string, log: string | undefined): Issue {
  const hint = 'run again: it goes on where it stopped';
  if (error === 'ABORTED') return { code: 'MR509', path, message: 'the run was stopped', hint };
  const known = firstOf(({ issue }) => issue(error, path));
  if (known !== undefined) return known;
  const timedOut = error === 'States.Timeout' || error === 'TIMED_OUT';
  const what = timedOut ? 'it took longer than its timeout' : message.trim() === '' ? error : `${error}: ${message}`;
  const look = log === undefined ? hint : `look at ${log}, and ${hint}`;
  return { code: 'MR509', path, message: lastLine(what), hint: look };
}

/** Of what the engine prints, the event of the task that failed. Any prefix that a log puts before it is passed over. */
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

/** The issues that a function or the engine ended with, wherever a service puts that line, and the task of the first. */
function endedWith(text: string, place: string): { task?: string; issues: Issue[] } | undefined {
  const found = issuesIn(text);
  const task = found[0]?.task;
  const issues = found.map(({ task: _, ...issue }) => ({ ...issue, path: issue.path || place }));
  return issues.length === 0 ? undefined : { ...(task !== undefined && { task }), issues };
}

/** What Lambda reports of a function that threw. */
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
