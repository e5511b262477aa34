import { MillraceError } from '../errors.ts';
import type { PromotionEntry } from '../gate/promotions.ts';
import type { Stop } from '../runs/run-state.ts';
import type { StartDecision } from '../runs/start-runs.ts';
import type { Lifted } from '../runs/stop-runs.ts';
import { counted } from '../words.ts';
import type { AlarmChange } from './alarms.ts';
import { rollBackOf } from './roll-back.ts';
import { type Action, type Rule, ruleFor } from './runbook.ts';

/** From an alarm to the runbook's action, once a change of the alarm, with everything written down. */

export interface AuditEntry {
  at: Date;
  alarm: string;
  /** The change of the alarm: `<alarm>@<time>`. */
  transition: string;
  /** What the runbook says, or what a person asked for. */
  action: Action | 'lift';
  outcome: 'done' | 'failed' | 'cooling down';
  /** One line: what was done, or what went wrong. */
  detail: string;
}

export interface RespondPorts {
  pipeline: string;
  /** Takes a change of an alarm. `busy`: somebody took it a short while ago and is not through. A failed one can be taken again. */
  claim(transition: string): Promise<'mine' | 'done' | 'busy'>;
  settle(transition: string, as: 'done' | 'failed'): Promise<void>;
  /** Takes an action's slot for `coolDownMs`, unless another change holds it. */
  reserveSlot(slot: string, transition: string, coolDownMs: number): Promise<boolean>;
  /** Gives back a slot that this change holds. */
  releaseSlot(slot: string, transition: string): Promise<void>;
  audit(entry: AuditEntry): Promise<void>;
  notify(subject: string, text: string): Promise<void>;
  /** Asks for a run that trains, now or after the one that is on. Asked again under this id, nothing more happens. */
  retrain(id: string, at: Date): Promise<StartDecision>;
  /** Asks for a run that scores with what is live now, or for that after the one that is on. Asked again, nothing more happens. */
  rescore(id: string, at: Date): Promise<StartDecision>;
  /** Oldest first. */
  history(model: string): Promise<PromotionEntry[]>;
  /** Appends to the log. False, and nothing appended, where the number is taken. */
  append(model: string, entry: PromotionEntry): Promise<boolean>;
  /** Keeps the schedule from asking for runs until then, where there is one that does. */
  pause(until: Date): Promise<'paused' | 'paused before' | 'no schedule'>;
  /** Lets a schedule that was paused until then go on at once. */
  resume(until: Date): Promise<'on again' | 'as it was' | 'no schedule'>;
  /** No run starts until the stop is over, whoever asks for one. */
  stop(stop: Stop): Promise<'stopped' | 'stopped before'>;
  /** The stop that holds now. */
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
 * Does what the runbook says. The same change delivered twice acts once. Throws what the action threw, once it is written down,
 * and MR681 while somebody else is at it: to be delivered again.
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
  const told = { alarm, transition, action };
  const slot = `${action}#${subject(action, change)}`;
  try {
    const free = await ports.reserveSlot(slot, transition, rule.coolDownMinutes * 60_000);
    const outcome = free ? 'done' : 'cooling down';
    const detail = free
      ? await act(action, change, rule, transition, ports)
      : `not done: it was done less than ${counted(rule.coolDownMinutes, 'minute')} ago`;
    await ports.audit({ at: ports.now(), ...told, outcome, detail });
    await ports.settle(transition, 'done');
    return { alarm, action, outcome, detail };
  } catch (error) {
    const detail = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    const written = await Promise.allSettled([
      ports.audit({ at: ports.now(), ...told, outcome: 'failed', detail }),
      ports.releaseSlot(slot, transition),
      ports.settle(transition, 'failed'),
    ]);
    const lost = written.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
    throw lost.length === 0 ? error : new AggregateError([error, ...lost], `${detail}; nor could that be written down`);
  }
}

/** What an action is done to: it cools down for that alone. */
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

/** Each can be done again without doing more, but for a notice: it may come twice. Returns what was done, in a line. */
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
      return outcome.why === 'running' ? `training waits for the end of run ${outcome.run}` : 'asked for before';
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
    `${alarm} is in alarm since ${at.toISOString()}.`,
    reason,
    note,
    `What to do: ${rule.advice}.`,
    `Pipeline: ${ports.pipeline}`,
  ];
  await ports.notify(`${ports.pipeline}: ${alarm}`, lines.filter((line) => line !== '').join('\n'));
  return note === '' ? 'told' : `told: ${note}`;
}

/** Until the month is over: a budget is a month's, and begins anew with the next. */
async function stopRuns(change: AlarmChange, rule: Rule, transition: string, ports: RespondPorts): Promise<string> {
  const now = ports.now();
  const until = monthEnd(change.at);
  if (until <= now) return `nothing is stopped: the month that it is about ended on ${until.toISOString()}`;
  const runs = await ports.stop({ since: now.toISOString(), until: until.toISOString(), by: transition });
  const schedule = await ports.pause(until);
  const paused = schedule === 'no schedule' ? '' : `, and the schedule is ${schedule}`;
  const done = `runs are ${runs} until ${until.toISOString()}${paused}`;
  const lifted = 'To let them start before: invoke the respond function with {"liftStop": true, "by": "your name"}';
  await notify(change, rule, `No run starts: ${done}. A run that is on goes on. ${lifted}.`, ports);
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
    const plan = before === undefined ? rollBackOf(model, log, change.at) : undefined;
    if (plan !== undefined && 'nothing' in plan) return notify(change, rule, plan.nothing, ports);
    const sequence = (log.at(-1)?.sequence ?? 0) + 1;
    const { version, run, metric, value } = before ?? plan!.to;
    const from = before?.rollback?.from ?? plan!.from;
    const judged = { metric, value, at: ports.now().toISOString() };
    const entry = { sequence, version, run, ...judged, rollback: { from, transition } };
    if (before !== undefined || (await ports.append(model, entry))) {
      return `${rolledBackTo(model, version, from, log)}; ${scored(await ports.rescore(`alarm:${transition}`, change.at))}`;
    }
  }
  throw new MillraceError([
    {
      code: 'MR682',
      path: `promotions of ${model}`,
      message: `others appended ${appends} times while a version was being rolled back`,
      hint: 'it is tried again by itself; see who promotes so often',
    },
  ]);
}

/** A version that a training put in place of the bad one stays live; the bad one is only marked. */
const rolledBackTo = (model: string, version: number, from: number, log: readonly PromotionEntry[]) =>
  log.at(-1)?.version === version && log.at(-1)?.rollback === undefined
    ? `${model} v${version} stays live; v${from}, which it replaced, is marked as rolled back`
    : `${model} v${version} is live again, instead of v${from}`;

function scored(outcome: StartDecision): string {
  if (outcome.started) return `run ${outcome.run} scores with it`;
  if (outcome.why === 'stopped') return `scoring waits until runs may start, on ${outcome.until}`;
  return outcome.why === 'running' ? `scoring waits for the end of run ${outcome.run}` : 'scoring was asked for before';
}

const busy = (transition: string) =>
  new MillraceError([
    {
      code: 'MR681',
      path: transition,
      message: 'another invocation is answering this change of the alarm',
      hint: 'none is needed: it is delivered again, and then either answered or taken over',
    },
  ]);

/** The end of the month (UTC) that a time is in: the budget of the next one begins then. */
const monthEnd = (at: Date): Date => new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1));
