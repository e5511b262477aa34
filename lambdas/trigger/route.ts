import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import type { SQSRecord } from 'aws-lambda';
import { type Issue, MillraceError } from '../../lib/errors.ts';
import { metRunning } from '../../lib/runs/faults.ts';
import { arrived, ended, type StartDecision, type TriggerPorts } from '../../lib/runs/start-runs.ts';
import { type Addressee, type ObjectEvent, objectsArrival, readDelivery, readMessage } from './events.ts';

/** What the function returns, and what its log is to tell. */
export interface Answer {
  /** To SQS: the messages that are to be delivered again. To any other caller: what was decided. */
  response: { batchItemFailures: { itemIdentifier: string }[] } | StartDecision;
  outcome?: StartDecision;
  /** Malformed messages. They fail alone, each time, until the queue puts them aside. */
  issues: readonly Issue[];
  /** What is in order and yet may not be what was meant. */
  warnings?: readonly Issue[];
}

/** Acts on one invocation. Throws MillraceError for what the trigger does not know; any other fault is worth another delivery. */
export async function answer(event: unknown, to: Addressee, ports: TriggerPorts): Promise<Answer> {
  const delivery = readDelivery(event, to);
  switch (delivery.kind) {
    case 'other':
      throw new MillraceError([delivery.issue]);
    case 'arrival': {
      const { cause } = delivery.arrival;
      const outcome = await arrived(delivery.arrival, ports);
      const met = !outcome.started && outcome.why === 'running' && (cause === 'schedule' || cause === 'manual');
      return decided(outcome, met ? [metRunning(cause, outcome.run)] : []);
    }
    case 'end':
      return decided(await ended(delivery.run, ports));
    case 'batch': {
      const { response, events, issues } = await readBatch(delivery.records, to);
      const arrival = objectsArrival(events);
      if (arrival === undefined) return { response, issues };
      return { ...decided(await arrived(arrival, ports)), response, issues };
    }
    default:
      return delivery satisfies never;
  }
}

function decided(outcome: StartDecision, warnings: readonly Issue[] = []): Answer {
  const stopped = !outcome.started && outcome.why === 'stopped' ? [outcome.issue] : [];
  const told = [...warnings, ...stopped];
  return { response: outcome, outcome, issues: [], ...(told.length > 0 && { warnings: told }) };
}

/** The events of the messages that are in order; the others fail alone. */
async function readBatch(records: readonly SQSRecord[], to: Addressee) {
  const events: ObjectEvent[] = [];
  const issues: Issue[] = [];
  const response = await processPartialResponse(
    { Records: [...records] },
    async (record: SQSRecord) => {
      try {
        events.push(readMessage(record, to));
      } catch (error) {
        if (error instanceof MillraceError) issues.push(...error.issues);
        throw error;
      }
    },
    new BatchProcessor(EventType.SQS),
    { throwOnFullBatchFailure: false },
  );
  return { response, events, issues };
}
