import type { Issue } from '../errors.ts';
import { issueSchema } from '../plan/run-document.ts';
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
  const told = engineFailure(String(job['ErrorMessage'] ?? cause)) ?? engineFailure(engineLog);
  const pending = order?.items.find(
    ({ task }) =>
      plan.tasks.find(({ name }) => name === task)?.stage === state && !outcomes.some((each) => each.task === task),
  );
  const task = told?.task ?? (stage === undefined ? undefined : pending?.task);
  const place = state === undefined ? run : `${run}  ${state}`;
  return {
    ...(state !== undefined && { state }),
    ...(task !== undefined && { task }),
    ...(typeof job['Id'] === 'string' && { jobRun: job['Id'] }),
    issues: told?.issues ?? issuesOf(error, messageOf(job, cause), place),
  };
}

function issuesOf(error: string, message: string, path: string): Issue[] {
  const hint = 'run again: it goes on where it stopped';
  if (error === 'ABORTED') return [{ code: 'MR509', path, message: 'the run was stopped', hint }];
  const told = issuesIn(message, path);
  if (told.length > 0) return told;
  if (error === 'Glue.ConcurrentRunsExceededException') {
    const busy = 'the Glue job was busy with another run all the time';
    return [{ code: 'MR703', path, message: busy, hint: `wait until that has ended, then ${hint}` }];
  }
  const timedOut = error === 'States.Timeout' || error === 'TIMED_OUT';
  const what = timedOut ? 'it took longer than its timeout' : message.trim() === '' ? error : `${error}: ${message}`;
  return [{ code: 'MR509', path, message: lastLine(what), hint }];
}

/** The issues that a function tells, one a line, as `MR202 message (place); try: hint`; none where the text is something else. */
export function issuesIn(text: string, place: string): Issue[] {
  return text.split(/\n|; (?=MR\d{3} )/).flatMap((line) => {
    const [, code, rest] = /^(MR\d{3}) (.*)$/.exec(line) ?? [];
    if (code === undefined) return [];
    const [, message, path, hint] = /^(.*) \(([^()]*)\)(?:; try: (.*))?$/.exec(rest!) ?? [];
    if (message === undefined) return [{ code, path: place, message: rest! }];
    return [{ code, path: path || place, message, ...(hint !== undefined && { hint }) }];
  });
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

function messageOf(job: Record<string, unknown>, cause: string): string {
  const message = job['ErrorMessage'] ?? job['errorMessage'];
  return typeof message === 'string' ? message : cause;
}

const lastLine = (text: string) => text.trim().split('\n').at(-1)!.slice(0, 500);

function jsonOf(text: string): Record<string, unknown> {
  try {
    const value = JSON.parse(text) as unknown;
    return value !== null && typeof value === 'object' ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
