import type { SQSEvent, SQSRecord } from 'aws-lambda';
import * as z from 'zod/mini';
import { type Issue, MillraceError } from '../../lib/errors.ts';
import { badParameters, unknownEvent } from '../../lib/runs/faults.ts';
import type { Arrival, Parameters } from '../../lib/runs/run-state.ts';

/** An AWS event, parsed into what the trigger decides on. */
export type Delivery =
  | { kind: 'batch'; records: readonly SQSRecord[] }
  | { kind: 'arrival'; arrival: Arrival }
  | { kind: 'end'; run: string }
  | { kind: 'other'; issue: Issue };

/** An "Object Created" event from a message of the queue. */
export interface ObjectEvent {
  id: string;
  at: Date;
}

export interface Addressee {
  /** Bucket whose objects are inputs. */
  bucket: string;
  stateMachineArn: string;
  /** Id of this invocation; the same when Lambda retries it. */
  requestId: string;
  now: Date;
}

const batch = z.object({
  Records: z.array(z.object({ messageId: z.string(), body: z.string(), eventSource: z.literal('aws:sqs') })),
});
const time = z.string().check(z.refine((text) => !Number.isNaN(Date.parse(text)), 'not a time'));
const objectCreated = z.object({
  id: z.string().check(z.minLength(1)),
  'detail-type': z.literal('Object Created'),
  time,
  detail: z.object({ bucket: z.object({ name: z.string() }), object: z.object({ key: z.string() }) }),
});
const executionEnd = z.object({
  'detail-type': z.literal('Step Functions Execution Status Change'),
  detail: z.object({
    name: z.string(),
    stateMachineArn: z.string(),
    status: z.enum(['SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED']),
  }),
});
const parameters = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]));
/** `id` stays the same when the sender retries; `time` of a schedule is `<aws.scheduler.scheduled-time>`. */
const schedule = z.object({ cause: z.literal('schedule'), time, parameters: z.optional(parameters) });
const manual = z.object({
  cause: z.literal('manual'),
  id: z.optional(z.string().check(z.minLength(1), z.maxLength(200))),
  parameters: z.optional(parameters),
});

/** An execution's input is limited to 256 KiB; parameters near that size are a mistake, and every retry would be refused. */
const mostParameterBytes = 32 * 1024;

/** Parses the event of an invocation. Never throws: an unknown event is returned as an issue. */
export function readDelivery(event: unknown, to: Addressee): Delivery {
  const records = batch.safeParse(event);
  if (records.success) return { kind: 'batch', records: (event as SQSEvent).Records };
  const end = executionEnd.safeParse(event);
  if (end.success) {
    const { name, stateMachineArn } = end.data.detail;
    if (stateMachineArn === to.stateMachineArn) return { kind: 'end', run: name };
    return other('detail.stateMachineArn', `the end of an execution of ${stateMachineArn}`);
  }
  const scheduled = schedule.safeParse(event);
  if (scheduled.success) {
    const { time: at, parameters: given = {} } = scheduled.data;
    return arrival('schedule', `schedule:${new Date(at).toISOString()}`, new Date(at), given);
  }
  const byHand = manual.safeParse(event);
  if (byHand.success) {
    return arrival('manual', `manual:${byHand.data.id ?? to.requestId}`, to.now, byHand.data.parameters ?? {});
  }
  const cause = (event as { cause?: unknown } | null)?.cause;
  if (cause === 'manual') return { kind: 'other', issue: badParameters(first(byHand.error)) };
  return other('event', `not an event that starts or ends a run: ${clip(JSON.stringify(event) ?? 'undefined')}`);
}

/** One run for all objects of a batch. */
export function objectsArrival(events: readonly ObjectEvent[]): Arrival | undefined {
  if (events.length === 0) return undefined;
  const newest = Math.max(...events.map(({ at }) => at.getTime()));
  return { cause: 'objects', ids: events.map(({ id }) => id), at: new Date(newest), parameters: {}, waits: true };
}

/** Throws MR671 for a message that is not an object event of the bucket. */
export function readMessage({ messageId, body }: Pick<SQSRecord, 'messageId' | 'body'>, to: Addressee): ObjectEvent {
  const path = `message ${messageId}`;
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    throw wrong(path, `not valid JSON: ${clip(body)}`);
  }
  const created = objectCreated.safeParse(json);
  if (!created.success) throw wrong(path, `not an "Object Created" event: ${first(created.error)}`);
  const { id, time: at, detail } = created.data;
  if (detail.bucket.name === to.bucket) return { id: `object:${id}`, at: new Date(at) };
  throw wrong(path, `an object of bucket ${detail.bucket.name}, not of ${to.bucket}`);
}

const wrong = (path: string, text: string) => new MillraceError([unknownEvent(path, text)]);

function arrival(cause: 'schedule' | 'manual', id: string, at: Date, given: Parameters): Delivery {
  const bytes = Buffer.byteLength(JSON.stringify(given));
  if (bytes <= mostParameterBytes) {
    return { kind: 'arrival', arrival: { cause, ids: [id], at, parameters: given, waits: false } };
  }
  return {
    kind: 'other',
    issue: badParameters(`${bytes} bytes of parameters; the maximum is ${mostParameterBytes}`),
  };
}

const other = (path: string, text: string): Delivery => ({ kind: 'other', issue: unknownEvent(path, text) });

const clip = (text: string) => (text.length > 200 ? `${text.slice(0, 200)}...` : text);

function first(error: z.core.$ZodError): string {
  const [issue] = error.issues;
  return issue === undefined ? 'wrong form' : `${issue.path.join('.')}: ${issue.message}`;
}
