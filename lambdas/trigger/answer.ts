import { type Issue, MillraceError } from '../../lib/errors.ts';
import { type Addressee, objectsArrival, readDelivery } from './deliveries.ts';
import { metRunning } from './faults.ts';
import { arrived, ended, type Outcome, type TriggerPorts } from './trigger.ts';

/** What the function returns, and what its log is to tell. */
export interface Answer {
  /** To SQS: the messages that are to be delivered again. To any other caller: what was decided. */
  response: { batchItemFailures: { itemIdentifier: string }[] } | Outcome;
  outcome?: Outcome;
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
      return { ...decided(outcome), ...(met && { warnings: [metRunning(cause, outcome.run)] }) };
    }
    case 'end':
      return decided(await ended(delivery.run, ports));
    case 'batch': {
      const bad = delivery.messages.filter((message) => 'issue' in message);
      const arrival = objectsArrival(delivery.messages);
      const outcome = arrival && (await arrived(arrival, ports));
      return {
        response: { batchItemFailures: bad.map(({ messageId }) => ({ itemIdentifier: messageId })) },
        ...(outcome && { outcome }),
        issues: bad.map(({ issue }) => issue),
      };
    }
    default:
      return delivery satisfies never;
  }
}

const decided = (outcome: Outcome): Answer => ({ response: outcome, outcome, issues: [] });
