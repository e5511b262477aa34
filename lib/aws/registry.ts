import {
  type AttributeValue,
  ConditionalCheckFailedException,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import { MillraceError } from '../errors.ts';
import { isPromotionOf } from '../gate/gate.ts';
import type { Promotion } from '../gate/ports.ts';
import { judgedIn, type PromotionEntry } from '../gate/promotions.ts';
import { partitionKeys } from '../lake/partition-keys.ts';
import { dynamodb, number, text } from './dynamodb.ts';

/** The promotion logs of a pipeline's models: which version is live, and which was live at any time. */
export interface Registry {
  /** The newest entry: the version that scores. */
  live(model: string): Promise<PromotionEntry | undefined>;
  /** All entries, oldest first. */
  history(model: string): Promise<PromotionEntry[]>;
  /** Appends under `entry.sequence`. Returns false and writes nothing if that number is taken. */
  append(model: string, entry: PromotionEntry): Promise<boolean>;
  /** Appends under the next number, once per run and version, even if another version has become live since. */
  promote(model: string, promotion: Promotion): Promise<void>;
}

const promotes = 8;

/** In the registry table: `model#<pipeline>#<model>` / sequence with leading zeros, so that keys sort in the order of promotions. */
export function registry(table: string, pipeline: string): Registry {
  const pk = (model: string) => text(partitionKeys.model(pipeline, model));

  const query = (model: string, newest: boolean, from?: Record<string, AttributeValue>) =>
    dynamodb.send(
      new QueryCommand({
        TableName: table,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': pk(model) },
        ConsistentRead: true,
        ScanIndexForward: !newest,
        ...(newest && { Limit: 1 }),
        ...(from && { ExclusiveStartKey: from }),
      }),
    );

  const here: Registry = {
    async live(model) {
      const [item] = (await query(model, true)).Items ?? [];
      return item && entryOf(item);
    },
    async history(model) {
      const entries: PromotionEntry[] = [];
      let from: Record<string, AttributeValue> | undefined;
      do {
        const page = await query(model, false, from);
        entries.push(...(page.Items ?? []).map(entryOf));
        from = page.LastEvaluatedKey;
      } while (from);
      return entries;
    },
    async append(model, entry) {
      const Item = { pk: pk(model), ...itemOf(entry) };
      try {
        await dynamodb.send(
          new PutItemCommand({ TableName: table, Item, ConditionExpression: 'attribute_not_exists(pk)' }),
        );
        return true;
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return false;
        throw error;
      }
    },
    async promote(model, promotion) {
      for (let i = 0; i < promotes; i++) {
        const log = await here.history(model);
        if (log.some((entry) => isPromotionOf(entry, promotion))) return;
        if (await here.append(model, { ...promotion, sequence: (log.at(-1)?.sequence ?? 0) + 1 })) return;
      }
      throw new MillraceError([
        {
          code: 'MR674',
          path: `promotions of ${model}`,
          message: `gave up promoting version ${promotion.version} after ${promotes} write conflicts on the promotion log`,
          hint: 'nothing to do: the promotion is retried. If this repeats, find what promotes so often',
        },
      ]);
    },
  };
  return here;
}

function itemOf({
  sequence,
  version,
  run,
  at,
  metric,
  value,
  rollback,
  compared,
  by,
}: PromotionEntry): Record<string, AttributeValue> {
  return {
    sk: text(String(sequence).padStart(10, '0')),
    version: number(version),
    run: text(run),
    at: text(at),
    metric: text(metric),
    value: number(value),
    ...(compared && { compared: text(JSON.stringify(compared)) }),
    ...(by !== undefined && { by: text(by) }),
    ...(rollback && { rollback_from: number(rollback.from), rollback_transition: text(rollback.transition) }),
  };
}

function entryOf(item: Record<string, AttributeValue>): PromotionEntry {
  const { sk, version, run, at, rollback_from: from, rollback_transition: transition, compared, by } = item;
  return {
    sequence: Number(sk!.S),
    version: Number(version!.N),
    run: run!.S!,
    at: at!.S!,
    ...judgedIn(Object.fromEntries(Object.entries(item).map(([name, { S, N }]) => [name, S ?? N])))!,
    ...(compared && { compared: JSON.parse(compared.S!) as NonNullable<Promotion['compared']> }),
    ...(by && { by: by.S! }),
    ...(from && transition && { rollback: { from: Number(from.N), transition: transition.S! } }),
  };
}
