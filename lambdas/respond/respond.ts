/** From an alarm to the runbook's action, once a change of the alarm, with everything written down. */

import { MillraceError } from '../../lib/errors.ts';
import type { Outcome as RunOutcome } from '../trigger/trigger.ts';
import type { AlarmChange } from './alarms.ts';
import { lastGood, type PromotionEntry } from './promotions.ts';
import { type Action, type Rule, ruleFor } from './runbook.ts';

export interface AuditEntry {
  at: Date;
  alarm: string;
  /** The change of the alarm: `<alarm>@<time>`. */
  transition: string;
  action: Action;
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
  cool(slot: string, transition: string, coolDownMs: number): Promise<boolean>;
  /** Gives back a slot that this change holds. */
  uncool(slot: string, transition: string): Promise<void>;
  audit(entry: AuditEntry): Promise<void>;
  notify(subject: string, text: string): Promise<void>;
  /** Asks for a run that trains, now or after the one that is on. Asked again under this id, nothing more happens. */
  retrain(id: string, at: Date): Promise<RunOutcome>;
  /** Oldest first. */
  history(model: string): Promise<PromotionEntry[]>;
  /** Appends to the log. False, and nothing appended, where the number is taken. */
  append(model: string, entry: PromotionEntry): Promise<boolean>;
  /** Switches the schedule off, where there is one that is on. */
  pause(): Promise<'paused' | 'paused before' | 'no schedule'>;
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
    const free = await ports.cool(slot, transition, rule.coolDownMinutes * 60_000);
    const outcome = free ? 'done' : 'cooling down';
    const detail = free
      ? await act(action, change, rule, transition, ports)
      : `not done: it was done less than ${rule.coolDownMinutes} minutes ago`;
    await ports.audit({ at: ports.now(), ...told, outcome, detail });
    await ports.settle(transition, 'done');
    return { alarm, action, outcome, detail };
  } catch (error) {
    const detail = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    const written = await Promise.allSettled([
      ports.audit({ at: ports.now(), ...told, outcome: 'failed', detail }),
      ports.uncool(slot, transition),
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
    case 'pause':
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
    case 'pause': {
      const paused = await ports.pause();
      if (paused !== 'no schedule') return `the schedule is ${paused}`;
      return notify(change, rule, 'Nothing is paused: the pipeline has no schedule.', ports);
    }
    case 'retrain': {
      const outcome = await ports.retrain(`alarm:${transition}`, change.at);
      if (outcome.started) return `run ${outcome.run} trains`;
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

const appends = 5;

async function rollBack(change: AlarmChange, rule: Rule, transition: string, ports: RespondPorts): Promise<string> {
  const { model } = change;
  if (model === undefined) {
    return notify(change, rule, 'Nothing is rolled back: the alarm has no dimension Model.', ports);
  }
  for (let i = 0; i < appends; i++) {
    const log = await ports.history(model);
    const before = log.find(({ rollback }) => rollback?.transition === transition);
    if (before) return `${model} v${before.version} is live again, instead of v${before.rollback?.from}`;
    const live = log.at(-1);
    const good = lastGood(log);
    if (live === undefined || good === undefined) {
      return notify(change, rule, `Nothing to roll ${model} back to: no other good version was ever live.`, ports);
    }
    const { version, run, auc } = good;
    const entry: PromotionEntry = {
      sequence: live.sequence + 1,
      version,
      run,
      auc,
      at: ports.now().toISOString(),
      rollback: { from: live.version, transition },
    };
    if (await ports.append(model, entry)) return `${model} v${version} is live again, instead of v${live.version}`;
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

const busy = (transition: string) =>
  new MillraceError([
    {
      code: 'MR681',
      path: transition,
      message: 'another invocation is answering this change of the alarm',
      hint: 'none is needed: it is delivered again, and then either answered or taken over',
    },
  ]);
