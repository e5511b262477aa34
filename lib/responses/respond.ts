import { type Issue, MillraceError } from '../errors.ts';
import type { PromotionEntry } from '../gate/promotions.ts';
import { wholeChoice } from '../gate/whole-version.ts';
import type { Stop } from '../runs/run-state.ts';
import type { StartDecision } from '../runs/start-runs.ts';
import type { Lifted } from '../runs/stop-runs.ts';
import { counted } from '../words.ts';
import type { AlarmChange } from './alarms.ts';
import { rollBackOf } from './roll-back.ts';
import { type Action, type Rule, ruleFor } from './runbook.ts';

/** Executes the runbook's action for an alarm, once per state change, and records everything. */

export interface AuditEntry {
  at: Date;
  alarm: string;
  /** The alarm state change: `<alarm>@<time>`. */
  transition: string;
  /** The action of the runbook, or `lift` for a request by a person. */
  action: Action | 'lift';
  outcome: 'done' | 'failed' | 'cooling down';
  /** One line: the result, or the error. */
  detail: string;
}

export interface RespondPorts {
  pipeline: string;
  /** Claims an alarm state change. `busy`: another invocation claimed it recently and has not finished. A failed one can be claimed again. */
  claim(transition: string): Promise<'mine' | 'done' | 'busy'>;
  settle(transition: string, as: 'done' | 'failed'): Promise<void>;
  /** Reserves an action's slot for `coolDownMs`, unless another change holds it. */
  reserveSlot(slot: string, transition: string, coolDownMs: number): Promise<boolean>;
  /** Releases a slot that this change holds. */
  releaseSlot(slot: string, transition: string): Promise<void>;
  audit(entry: AuditEntry): Promise<void>;
  notify(subject: string, text: string): Promise<void>;
  /** Requests a run that trains, now or after the current run. A second request with this id has no effect. */
  retrain(id: string, at: Date): Promise<StartDecision>;
  /** Requests a run that scores with the live version, now or after the current run. A second request with this id has no effect. */
  rescore(id: string, at: Date): Promise<StartDecision>;
  /** Oldest first. */
  history(model: string): Promise<PromotionEntry[]>;
  /** Why a version cannot score, if it cannot. */
  damage(model: string, version: number): Promise<Issue | undefined>;
  /** Appends to the log. Returns false and appends nothing if the number is taken. */
  append(model: string, entry: PromotionEntry): Promise<boolean>;
  /** Pauses the schedule until then, if there is one. */
  pause(until: Date): Promise<'paused' | 'paused before' | 'no schedule'>;
  /** Resumes a schedule that was paused until then. */
  resume(until: Date): Promise<'on again' | 'as it was' | 'no schedule'>;
  /** Stops runs: none starts until the stop is over. */
  stop(stop: Stop): Promise<'stopped' | 'stopped before'>;
  /** The current stop. */
  stopped(): Promise<Stop | undefined>;
  lift(): Promise<Lifted>;
  now(): Date;
}

export interface Response {
  alarm: string;
  action: Action;
  outcome: 'done' | 'cooling down' | 'seen' | 'no alarm';
  detail: string;
}

/**
 * Executes the runbook's action. A second delivery of the same change has no effect. Records and rethrows errors of the action; throws
 * MR681 while another invocation answers the change, so that the event is redelivered.
 */
export async function respond(change: AlarmChange, ports: RespondPorts): Promise<Response> {
  const { alarm } = change;
  const rule = ruleFor(alarm);
  const { action } = rule;
  if (change.state !== 'ALARM') return { alarm, action, outcome: 'no alarm', detail: `the alarm is ${change.state}` };
  const transition = `${alarm}@${change.at.toISOString()}`;
  const claimed = await ports.claim(transition);
  if (claimed === 'done') return { alarm, action, outcome: 'seen', detail: 'answered before' };
  if (claimed === 'busy') throw busy(transition);
  const entry = { alarm, transition, action };
  const slot = `${action}#${subject(action, change)}`;
  try {
    const free = await ports.reserveSlot(slot, transition, rule.coolDownMinutes * 60_000);
    const outcome = free ? 'done' : 'cooling down';
    const detail = free
      ? await act(action, change, rule, transition, ports)
      : `cooling down: this was last done less than ${counted(rule.coolDownMinutes, 'minute')} ago`;
    await ports.audit({ at: ports.now(), ...entry, outcome, detail });
    await ports.settle(transition, 'done');
    return { alarm, action, outcome, detail };
  } catch (error) {
    const detail = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    const written = await Promise.allSettled([
      ports.audit({ at: ports.now(), ...entry, outcome: 'failed', detail }),
      ports.releaseSlot(slot, transition),
      ports.settle(transition, 'failed'),
    ]);
    const lost = written.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
    throw lost.length === 0 ? error : new AggregateError([error, ...lost], `${detail}; recording this failed too`);
  }
}

/** The subject of an action; the cool-down applies per subject. */
function subject(action: Action, { alarm, model }: AlarmChange): string {
  switch (action) {
    case 'notify':
      return alarm;
    case 'rollback':
      return model ?? '';
    case 'retrain':
    case 'stop':
      return 'pipeline';
    default:
      return action satisfies never;
  }
}

/** All actions are idempotent, except that a notification may be sent twice. Returns the result in one line. */
async function act(
  action: Action,
  change: AlarmChange,
  rule: Rule,
  transition: string,
  ports: RespondPorts,
): Promise<string> {
  switch (action) {
    case 'notify':
      return notify(change, rule, '', ports);
    case 'stop':
      return stopRuns(change, rule, transition, ports);
    case 'retrain': {
      const outcome = await ports.retrain(`alarm:${transition}`, change.at);
      if (outcome.started) return `run ${outcome.run} trains`;
      if (outcome.why === 'stopped') return `training waits until runs may start, on ${outcome.until}`;
      return outcome.why === 'running' ? `training waits for the end of run ${outcome.run}` : 'already requested';
    }
    case 'rollback':
      return rollBack(change, rule, transition, ports);
    default:
      return action satisfies never;
  }
}

async function notify(change: AlarmChange, rule: Rule, note: string, ports: RespondPorts): Promise<string> {
  const { alarm, reason, at } = change;
  const lines = [
    `${alarm} has been in alarm since ${at.toISOString()}.`,
    reason,
    note,
    `What to do: ${rule.advice}.`,
    `Pipeline: ${ports.pipeline}`,
  ];
  await ports.notify(`${ports.pipeline}: ${alarm}`, lines.filter((line) => line !== '').join('\n'));
  return note === '' ? 'notified' : `notified: ${note}`;
}

/** Stops runs until the end of the month, because a budget is monthly. */
async function stopRuns(change: AlarmChange, rule: Rule, transition: string, ports: RespondPorts): Promise<string> {
  const now = ports.now();
  const until = monthEnd(change.at);
  if (until <= now) return `nothing is stopped: the month of this alarm ended on ${until.toISOString()}`;
  const runs = await ports.stop({ since: now.toISOString(), until: until.toISOString(), by: transition });
  const schedule = await ports.pause(until);
  const paused = schedule === 'no schedule' ? '' : `, and the schedule is ${schedule}`;
  const done = `runs are ${runs} until ${until.toISOString()}${paused}`;
  const lifted = 'To let runs start earlier, invoke the respond function with {"liftStop": true, "by": "your name"}';
  await notify(change, rule, `No run starts: ${done}. A run already in progress continues. ${lifted}.`, ports);
  return done;
}

const appends = 5;

async function rollBack(change: AlarmChange, rule: Rule, transition: string, ports: RespondPorts): Promise<string> {
  const { model } = change;
  if (model === undefined) {
    return notify(change, rule, 'Nothing is rolled back: the alarm has no dimension Model.', ports);
  }
  for (let i = 0; i < appends; i++) {
    const log = await ports.history(model);
    const before = log.find(({ rollback }) => rollback?.transition === transition);
    const { choice, passedOver } = await wholeChoice(
      (damaged) => (before === undefined ? rollBackOf(model, log, change.at, damaged) : undefined),
      // The live version stays, whole or not.
      (plan) => (plan === undefined || 'nothing' in plan || plan.to === log.at(-1) ? undefined : plan.to.version),
      (version) => ports.damage(model, version),
    );
    if (choice !== undefined && 'nothing' in choice)
      return notify(change, rule, `${choice.nothing}${passedOver}`, ports);
    const sequence = (log.at(-1)?.sequence ?? 0) + 1;
    const { version, run, metric, value } = before ?? choice!.to;
    const from = before?.rollback?.from ?? choice!.from;
    const judged = { metric, value, at: ports.now().toISOString() };
    const entry = { sequence, version, run, ...judged, rollback: { from, transition } };
    if (before !== undefined || (await ports.append(model, entry))) {
      return `${rolledBackTo(model, version, from, log)}${passedOver}; ${scored(await ports.rescore(`alarm:${transition}`, change.at))}`;
    }
  }
  throw new MillraceError([
    {
      code: 'MR682',
      path: `promotions of ${model}`,
      message: `gave up after ${appends} write conflicts on the promotion log`,
      hint: 'nothing to do: the roll-back is retried. If this repeats, find what promotes so often',
    },
  ]);
}

/** A version that already replaced the bad one stays live; the bad one is only marked. */
const rolledBackTo = (model: string, version: number, from: number, log: readonly PromotionEntry[]) =>
  log.at(-1)?.version === version && log.at(-1)?.rollback === undefined
    ? `${model} v${version} stays live; v${from}, which it replaced, is marked as rolled back`
    : `${model} v${version} is live again, instead of v${from}`;

function scored(outcome: StartDecision): string {
  if (outcome.started) return `run ${outcome.run} scores with it`;
  if (outcome.why === 'stopped') return `scoring waits until runs may start, on ${outcome.until}`;
  return outcome.why === 'running'
    ? `scoring waits for the end of run ${outcome.run}`
    : 'scoring was already requested';
}

const busy = (transition: string) =>
  new MillraceError([
    {
      code: 'MR681',
      path: transition,
      message: 'another invocation is answering this alarm state change',
      hint: 'nothing to do: the alarm is redelivered and handled then',
    },
  ]);

/** The end of the month (UTC) of a time, when the next budget begins. */
const monthEnd = (at: Date): Date => new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1));
