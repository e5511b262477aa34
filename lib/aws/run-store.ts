import {
  GetItemCommand,
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { partitionKeys } from '../lake/partition-keys.ts';
import { type RunState, unstarted } from '../runs/run-state.ts';
import type { TriggerPorts, Written } from '../runs/start-runs.ts';
import { dynamodb, expiry, number, text } from './dynamodb.ts';

/** A queue and its dead-letter queue keep a message for at most 14 days, so no event is redelivered after that. */
const eventDays = 15;

/**
 * The trigger's state in the runs table: one item `trigger#<pipeline>` / `state`, and one item per event, which
 * `expires`. State and events change in one transaction.
 */
export function runStore(table: string, pipeline: string): Pick<TriggerPorts, 'read' | 'write' | 'note'> {
  const stateKey = { pk: text(partitionKeys.trigger(pipeline)), sk: text('state') };

  const put = (event: string): TransactWriteItem => ({
    Put: {
      TableName: table,
      Item: {
        pk: text(partitionKeys.event(pipeline, event)),
        sk: text('event'),
        expires: expiry(new Date(), eventDays),
      },
      ConditionExpression: 'attribute_not_exists(pk)',
    },
  });

  return {
    async read() {
      const { Item } = await dynamodb.send(
        new GetItemCommand({ TableName: table, Key: stateKey, ConsistentRead: true }),
      );
      return Item?.state?.S === undefined ? unstarted : (JSON.parse(Item.state.S) as RunState);
    },
    async write(to, events) {
      const item: TransactWriteItem = {
        Put: {
          TableName: table,
          Item: { ...stateKey, revision: number(to.revision), state: text(JSON.stringify(to)) },
          ...(to.revision === 1
            ? { ConditionExpression: 'attribute_not_exists(pk)' }
            : {
                ConditionExpression: 'revision = :before',
                ExpressionAttributeValues: { ':before': number(to.revision - 1) },
              }),
        },
      };
      return transact([item, ...events.map(put)], [undefined, ...events]);
    },
    async note(events) {
      for (let attempt = 0; ; attempt++) {
        const written = await transact(events.map(put), events);
        if (written !== 'changed') return written;
        // Another delivery of the same events is being recorded at the same time.
        if (attempt === 5) throw new Error('the events could not be recorded: other transactions hold them');
        await new Promise((wake) => setTimeout(wake, 50 * 2 ** attempt * Math.random()));
      }
    },
  };
}

/** Writes all items or none. `events` has the event id of each item; the state has none. */
async function transact(items: TransactWriteItem[], events: readonly (string | undefined)[]): Promise<Written> {
  try {
    await dynamodb.send(new TransactWriteItemsCommand({ TransactItems: items }));
    return 'written';
  } catch (error) {
    if (!(error instanceof TransactionCanceledException)) throw error;
    const codes = (error.CancellationReasons ?? []).map((reason) => reason.Code ?? 'None');
    const known = events.filter((event, i) => event !== undefined && codes[i] === 'ConditionalCheckFailed');
    if (known.length > 0) return { known: known as string[] };
    if (codes.some((code) => code === 'ConditionalCheckFailed' || code === 'TransactionConflict')) return 'changed';
    throw error;
  }
}
