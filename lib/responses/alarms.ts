import * as z from 'zod/mini';
import { type Issue, MillraceError } from '../errors.ts';
import { readAmounts } from './amount.ts';

/** An alarm state change. Both forms of delivery give the same `at`, so the same change is recognised. */
export interface AlarmChange {
  alarm: string;
  state: 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';
  reason: string;
  at: Date;
  /** Value of the metric's dimension `Model`, if it has one. */
  model?: string;
}

const state = z.enum(['OK', 'ALARM', 'INSUFFICIENT_DATA']);
const time = z.string().check(z.refine((text) => !Number.isNaN(Date.parse(text)), 'not a time'));
const name = z.string().check(z.minLength(1));

const eventBridge = z.object({
  'detail-type': z.literal('CloudWatch Alarm State Change'),
  detail: z.object({
    alarmName: name,
    state: z.object({ value: state, reason: z.optional(z.string()), timestamp: time }),
    configuration: z.optional(
      z.object({
        metrics: z.optional(
          z.array(
            z.object({
              metricStat: z.optional(
                z.object({ metric: z.object({ dimensions: z.optional(z.record(z.string(), z.string())) }) }),
              ),
            }),
          ),
        ),
      }),
    ),
  }),
});

const sns = z.object({
  Records: z.array(
    z.object({
      EventSource: z.literal('aws:sns'),
      Sns: z.object({ Message: z.string(), Timestamp: z.optional(time) }),
    }),
  ),
});
const dimensions = z.optional(z.array(z.object({ name: z.string(), value: z.string() })));
const snsMessage = z.object({
  AlarmName: name,
  NewStateValue: state,
  NewStateReason: z.optional(z.string()),
  StateChangeTime: time,
  Trigger: z.optional(
    z.object({
      Dimensions: dimensions,
      Metrics: z.optional(
        z.array(z.object({ MetricStat: z.optional(z.object({ Metric: z.object({ Dimensions: dimensions }) })) })),
      ),
    }),
  ),
});

/**
 * Parses EventBridge's `CloudWatch Alarm State Change`, its SNS notification, and notices of AWS Budgets. Throws MR680 for anything
 * else.
 */
export function readAlarms(event: unknown): AlarmChange[] {
  const direct = eventBridge.safeParse(event);
  if (direct.success) {
    const { alarmName, state: now, configuration } = direct.data.detail;
    const found = configuration?.metrics?.flatMap(({ metricStat }) => pairs(metricStat?.metric.dimensions)) ?? [];
    return [change(alarmName, now.value, now.reason, now.timestamp, found)];
  }
  const notification = sns.safeParse(event);
  if (notification.success) return notification.data.Records.map(({ Sns }) => fromMessage(Sns.Message, Sns.Timestamp));
  throw new MillraceError([unknownAlarm('event', JSON.stringify(event) ?? 'undefined')]);
}

function fromMessage(text: string, at: string | undefined): AlarmChange {
  const notice = at === undefined ? undefined : readBudgetNotice(text, new Date(at));
  if (notice !== undefined) return notice;
  const parsed = snsMessage.safeParse(json(text));
  if (!parsed.success) throw new MillraceError([unknownAlarm('Sns.Message', text)]);
  const { AlarmName, NewStateValue, NewStateReason, StateChangeTime, Trigger } = parsed.data;
  const lists = [
    Trigger?.Dimensions,
    ...(Trigger?.Metrics ?? []).map(({ MetricStat }) => MetricStat?.Metric.Dimensions),
  ];
  const found = lists.flatMap((list) => list ?? []).map(({ name: key, value }) => [key, value] as const);
  return change(AlarmName, NewStateValue, NewStateReason, StateChangeTime, found);
}

function change(
  alarm: string,
  value: AlarmChange['state'],
  reason: string | undefined,
  at: string,
  found: readonly (readonly [string, string])[],
): AlarmChange {
  const model = found.find(([key]) => key.toLowerCase() === 'model')?.[1];
  return { alarm, state: value, reason: reason ?? '', at: new Date(at), ...(model !== undefined && { model }) };
}

const pairs = (record: Readonly<Record<string, string>> | undefined) => Object.entries(record ?? {});

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const unknownAlarm = (path: string, text: string): Issue => ({
  code: 'MR680',
  path,
  message: `not an alarm state change: ${text.length > 200 ? `${text.slice(0, 200)}...` : text}`,
  hint: 'find the sender; the responder accepts alarms through EventBridge or SNS, and budgets through SNS',
});

/**
 * Parses a notice of AWS Budgets, which is text. Returns an alarm `<budget>-budget`: in ALARM if the actual spending has reached the
 * budget, in OK if it has not, or is only forecast to. Undefined for any other text, and for ambiguous amounts, because no run is stopped
 * on a guess. `at` is the time of publication.
 */
function readBudgetNotice(text: string, at: Date): AlarmChange | undefined {
  if (!text.startsWith('AWS Budget Notification')) return undefined;
  const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(text)?.[1]?.trim();
  const budget = field('Budget Name');
  const kind = field('Alert Type');
  const [budgeted, spent] = readAmounts([field('Budgeted Amount'), field(`${kind} Amount`)]) ?? [];
  if (budget === undefined || kind === undefined || budgeted === undefined || spent === undefined) return undefined;
  const exceeded = kind === 'ACTUAL' && spent.value >= budgeted.value;
  const currency = budgeted.currency ?? spent.currency;
  const amounts = `${spent.value.toFixed(2)} of ${budgeted.value.toFixed(2)}${currency === undefined ? '' : ` ${currency}`}`;
  return {
    alarm: `${budget}-budget`,
    state: exceeded ? 'ALARM' : 'OK',
    reason: `${kind === 'ACTUAL' ? 'spent' : 'forecast'} this month: ${amounts}`,
    at,
  };
}
