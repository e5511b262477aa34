import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import type { SQSRecord } from 'aws-lambda';
import { type Issue, MillraceError } from '../../lib/errors.ts';
import { metRunning } from '../../lib/runs/faults.ts';
import { arrived, ended, type StartDecision, type TriggerPorts } from '../../lib/runs/start-runs.ts';
import { type Addressee, type ObjectEvent, objectsArrival, readDelivery, readMessage } from './events.ts';

/** The function's return value, and what it logs. */
export interface Answer {
  /** To SQS: the messages to redeliver. To any other caller: the decision. */
  response: { batchItemFailures: { itemIdentifier: string }[] } | StartDecision;
  outcome?: StartDecision;
  /** Malformed messages. Only they fail, until the queue moves them to the dead letters. */
  issues: readonly Issue[];
  /** Valid requests that may not do what the sender meant. */
  warnings?: readonly Issue[];
}

/** Handles one invocation. Throws MillraceError for an unknown event; any other error should be retried. */
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
  const all = [...warnings, ...stopped];
  return { response: outcome, outcome, issues: [], ...(all.length > 0 && { warnings: all }) };
}

/** The events of the valid messages; the others fail alone. */
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
