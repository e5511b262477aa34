import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { partitionKeys } from '../lake/partition-keys.ts';
import type { RespondPorts } from '../responses/respond.ts';
import { dynamodb, expiry, number, text } from './dynamodb.ts';

/** Longer than the function's timeout, so a claim older than this belongs to an invocation that has ended. */
const leaseMs = 120_000;
const responseDays = 30;

/**
 * The responder's records in the runs table: `response#<pipeline>` / alarm state change, `cool-down#<pipeline>` / slot, both
 * with `expires`, and `audit#<pipeline>` / time#alarm, which is kept.
 */
export function responseStore(
  table: string,
  pipeline: string,
  now: () => Date = () => new Date(),
): Pick<RespondPorts, 'claim' | 'settle' | 'reserveSlot' | 'releaseSlot' | 'audit'> {
  const claimKey = (transition: string) => ({ pk: text(partitionKeys.response(pipeline)), sk: text(transition) });
  const slotKey = (slot: string) => ({ pk: text(partitionKeys.coolDown(pipeline)), sk: text(slot) });

  return {
    async claim(transition) {
      const key = claimKey(transition);
      const at = now();
      const taken = await conditional(
        new PutItemCommand({
          TableName: table,
          Item: {
            ...key,
            standing: text('acting'),
            until: number(at.getTime() + leaseMs),
            expires: expiry(at, responseDays),
          },
          ConditionExpression:
            'attribute_not_exists(pk) OR standing = :failed OR (standing = :acting AND #until < :now)',
          ExpressionAttributeNames: { '#until': 'until' },
          ExpressionAttributeValues: {
            ':failed': text('failed'),
            ':acting': text('acting'),
            ':now': number(at.getTime()),
          },
        }),
      );
      if (taken) return 'mine';
      const { Item } = await dynamodb.send(new GetItemCommand({ TableName: table, Key: key, ConsistentRead: true }));
      return Item?.standing?.S === 'done' ? 'done' : 'busy';
    },
    async settle(transition, as) {
      await dynamodb.send(
        new UpdateItemCommand({
          TableName: table,
          Key: claimKey(transition),
          UpdateExpression: 'SET standing = :as',
          ExpressionAttributeValues: { ':as': text(as) },
        }),
      );
    },
    async reserveSlot(slot, transition, coolDownMs) {
      const at = now();
      return conditional(
        new PutItemCommand({
          TableName: table,
          Item: {
            ...slotKey(slot),
            since: number(at.getTime()),
            holder: text(transition),
            expires: expiry(at, responseDays),
          },
          ConditionExpression: 'attribute_not_exists(pk) OR since <= :limit OR holder = :holder',
          ExpressionAttributeValues: { ':limit': number(at.getTime() - coolDownMs), ':holder': text(transition) },
        }),
      );
    },
    async releaseSlot(slot, transition) {
      await conditional(
        new DeleteItemCommand({
          TableName: table,
          Key: slotKey(slot),
          ConditionExpression: 'holder = :holder',
          ExpressionAttributeValues: { ':holder': text(transition) },
        }),
      );
    },
    async audit({ at, alarm, transition, action, outcome, detail }) {
      const item = (time: Date): Record<string, AttributeValue> => ({
        pk: text(partitionKeys.audit(pipeline)),
        sk: text(`${time.toISOString()}#${alarm}`),
        transition: text(transition),
        action: text(action),
        outcome: text(outcome),
        detail: text(detail),
      });
      // Never overwrites: a second entry of the same millisecond gets the next millisecond.
      for (let time = at; ; time = new Date(time.getTime() + 1)) {
        const put = new PutItemCommand({
          TableName: table,
          Item: item(time),
          ConditionExpression: 'attribute_not_exists(pk)',
        });
        if (await conditional(put)) return;
      }
    },
  };
}

/** False if the condition does not hold. */
async function conditional(command: PutItemCommand | DeleteItemCommand): Promise<boolean> {
  try {
    if (command instanceof PutItemCommand) await dynamodb.send(command);
    else await dynamodb.send(command);
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}
