import path from 'node:path';
import { type Ports, type ResourceCall, StatesError } from '../asl/interpreter/index.ts';
import type { Json } from '../asl/machine.ts';
import {
  abort,
  type Claimed,
  type ClaimRequest,
  claim,
  commit,
  type Peeked,
  type Settled,
  type SettleRequest,
} from '../bookmarks/bookmarks.ts';
import type { BookmarkPorts } from '../bookmarks/ports.ts';
import { computeKinds } from '../compute/compute.ts';
import { issuesIn, lineOf } from '../documents/issue-line.ts';
import type { TaskResult } from '../documents/run-document.ts';
import { resultOf, type TaskOutcome, unchangedTasks } from '../documents/task-outcome.ts';
import { type Issue, MillraceError } from '../errors.ts';
import { judge, type QualityRequest, type Verdict } from '../gate/gate.ts';
import { thisProcess } from './bookmark-ports.ts';
import type { Clock } from './clock.ts';
import { type EngineEvent, runEngine } from './engine.ts';
import { qualityFiles } from './gate-ports.ts';
import { placed } from './issue-positions.ts';
import { lackedPackage } from './python.ts';
import type { RunOptions } from './run-options.ts';
import { endedByFullDisk, systemFault } from './system-faults.ts';

/** What a run has brought about so far. */
export interface Outcome {
  /** What the claim gave. */
  claim?: { claimed: Claimed; peeked: Peeked };
  /** Why the claim failed. */
  refused?: MillraceError;
  /** A fault of this program, which the state machine knows by its text only. */
  unforeseen?: unknown;
  tasks: TaskResult[];
  /** Tasks that failed. */
  failed: string[];
  models: NonNullable<TaskOutcome['model']>[];
  /** Tasks that found nothing to do, and why. */
  unchanged: { task: string; why: string }[];
  verdicts: Verdict[];
  issues: Issue[];
}

interface Setting {
  options: RunOptions;
  run: string;
  bookmarks: BookmarkPorts;
  outcome: Outcome;
  clock: Clock;
  /** Whether the engine is to analyse the SQL before it reads any data. */
  check: boolean;
  whenChecked: () => Promise<void>;
  whenClaimed: (peeked: Peeked) => void;
}

/** Of what the state machine is given of a failure. */
const mostCharacters = 20_000;

const names: Record<string, string> = {
  QualityFunction: 'quality',
  BookmarksFunction: 'bookmarks',
  ...Object.assign({}, ...Object.values(computeKinds).map(({ laptop }) => laptop.names)),
};

/** Resource -> what this machine does instead of the service. */
const standIns = new Map(Object.values(computeKinds).flatMap(({ laptop }) => Object.entries(laptop.calls)));

/** The document with this machine's names in place of its `${Substitutions}`. */
export function substituted(machine: unknown): unknown {
  return JSON.parse(JSON.stringify(machine).replace(/\$\{(\w+)\}/g, (whole, name: string) => names[name] ?? whole));
}

/** What the state machine's Tasks call, on this machine: compute starts the engine, Lambda calls the function's logic. */
export function localPorts(setting: Setting): Ports {
  const { emit } = setting.options;
  return {
    invoke: (call) => {
      if (call.resource === 'arn:aws:states:::lambda:invoke') return invokeFunction(setting, call);
      const standIn = standIns.get(call.resource)?.(call.arguments);
      if (standIn === undefined) throw new StatesError('States.Runtime', `this machine has no ${call.resource}`);
      return 'engine' in standIn ? runStage(setting, call, standIn.engine) : Promise.resolve({ ...standIn.answer });
    },
    clock: { now: () => new Date(), sleep },
    random: Math.random,
    onEvent: (event) => {
      if (event.type === 'retried')
        emit({ type: 'retry', state: event.state, attempt: event.attempt, error: event.error });
    },
  };
}

async function runStage(setting: Setting, call: ResourceCall, given: readonly string[]): Promise<Json> {
  const { options, run, outcome, clock } = setting;
  const stage = given[given.indexOf('--stage') + 1]!;
  const log = path.join(options.root.run(run), 'logs', `${stage}.log`);
  const args = [...given, ...(setting.check ? ['--check'] : [])];
  const exit = await runEngine(options.engine, args, log, (event) => heard(setting, event), call.signal);
  clock.lap(`stage ${stage}`);
  if (exit.code === 0) return { JobRunState: 'SUCCEEDED' };
  // One that ended before it printed an event has its issues in its last line.
  if (outcome.issues.length === 0) outcome.issues.push(...issuesIn(exit.tail).map(({ task: _, ...issue }) => issue));
  if (outcome.issues.length > 0) throw new StatesError('Millrace.Fault', lineOf(outcome.issues, mostCharacters));
  if (endedByFullDisk(exit.tail)) {
    const hint = 'free some space and run again: the published tables are as they were';
    outcome.issues.push({ code: 'MR501', path: options.root.folder, message: 'the disk is full', hint });
    throw new StatesError('Millrace.Fault', 'the disk is full');
  }
  const how = exit.signal === null ? `with exit code ${exit.code}` : `by ${exit.signal}`;
  const last = exit.tail.trim().split('\n').at(-1) ?? '';
  const lacks = lackedPackage(options.engine, last);
  if (lacks !== undefined) {
    outcome.issues.push(lacks);
    throw new StatesError('Millrace.Fault', lacks.message);
  }
  throw new StatesError('States.TaskFailed', `the engine ended ${how} in stage ${stage} (${log}): ${last}`);
}

async function heard(setting: Setting, event: EngineEvent): Promise<void> {
  const { options, outcome, clock } = setting;
  switch (event.event) {
    case 'stage.start':
      clock.lap(`engine start (${event.stage})`);
      return;
    case 'task.start':
      options.emit({ type: 'task.start', task: event.task });
      return;
    case 'task.done':
      return taskDone(setting, event);
    case 'task.failed':
      outcome.issues.push(...event.issues);
      outcome.failed.push(event.task);
      options.emit({ type: 'task.failed', task: event.task, issues: event.issues });
      return;
    case 'check.done':
      setting.check = false;
      if (event.issues.length === 0) await setting.whenChecked();
      outcome.issues.push(...(await placed(event.issues, options.plan)));
      clock.lap('check');
      return;
    default:
      return event satisfies never;
  }
}

function taskDone({ options, outcome }: Setting, event: TaskOutcome & { event: 'task.done' }): void {
  if ([...outcome.tasks, ...outcome.unchanged].some((known) => known.task === event.task)) return;
  const task = options.plan.tasks.find((entry) => entry.name === event.task)!;
  const { event: _, ...reported } = event;
  const result = resultOf(task, reported);
  if (reported.unchanged === undefined) outcome.tasks.push(result);
  else outcome.unchanged.push(...unchangedTasks([reported]));
  if (reported.model !== undefined) outcome.models.push(reported.model);
  options.emit({ type: 'task.done', result });
}

async function invokeFunction(setting: Setting, call: ResourceCall): Promise<Json> {
  const { FunctionName, Payload } = call.arguments as { FunctionName: string; Payload: unknown };
  switch (FunctionName) {
    case 'quality':
      return { StatusCode: 200, Payload: (await askGate(setting, Payload as QualityRequest)) as unknown as Json };
    case 'bookmarks':
      return {
        StatusCode: 200,
        Payload: (await callBookmarks(setting, Payload as BookmarksRequest)) as unknown as Json,
      };
    default:
      throw new StatesError('Lambda.ResourceNotFoundException', FunctionName);
  }
}

async function askGate({ options, outcome }: Setting, request: QualityRequest): Promise<Verdict> {
  const verdict = await judge(request, qualityFiles(options.root, request.pipeline)).catch((error: unknown) => {
    throw refused(outcome, error);
  });
  outcome.verdicts.push(verdict);
  options.emit({ type: 'verdict', ...verdict });
  return verdict;
}

/** What stopped a function, kept for the end of the run, and told to the state machine as what is not tried again. */
function refused(outcome: Outcome, error: unknown): unknown {
  const fault = error instanceof MillraceError ? error : systemFault(error);
  if (fault === undefined) {
    outcome.unforeseen = error;
    return error;
  }
  outcome.refused = fault;
  return new StatesError('Millrace.Fault', lineOf(fault.issues, mostCharacters));
}

type BookmarksRequest = ({ action: 'claim' } & ClaimRequest) | ({ action: 'commit' | 'abort' } & SettleRequest);

async function callBookmarks(setting: Setting, request: BookmarksRequest): Promise<Claimed | Settled> {
  const { bookmarks, outcome } = setting;
  try {
    if (request.action !== 'claim') return await (request.action === 'commit' ? commit : abort)(request, bookmarks);
    outcome.claim = await claim({ ...request, holder: thisProcess() }, bookmarks);
    setting.whenClaimed(outcome.claim.peeked);
    return outcome.claim.claimed;
  } catch (error) {
    throw refused(outcome, error);
  }
}

function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}
