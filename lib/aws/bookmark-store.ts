import { randomUUID } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { ConditionalCheckFailedException, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { BookmarkConflict, type BookmarkStore } from '../bookmarks/ports.ts';
import { emptyState, type PipelineState, pipelineState } from '../documents/bookmark-state.ts';
import { MillraceError } from '../errors.ts';
import { layout } from '../lake/layout.ts';
import type { Objects } from '../lake/objects.ts';
import { partitionKeys } from '../lake/partition-keys.ts';
import { dynamodb, number, text } from './dynamodb.ts';

const loads = 4;

/**
 * The bookmarks in DynamoDB and S3. A state may be larger than an item, so the item `bookmarks#<pipeline>` / `head` holds its revision
 * and the key of an S3 object. The object is written before the head is updated, so a state is saved completely or not at all.
 */
export function bookmarkStore(table: string, lake: Objects): BookmarkStore {
  const keyOf = (pipeline: string) => ({ pk: text(partitionKeys.bookmarks(pipeline)), sk: text('head') });

  const head = async (pipeline: string): Promise<string | undefined> => {
    const { Item } = await dynamodb.send(
      new GetItemCommand({ TableName: table, Key: keyOf(pipeline), ConsistentRead: true }),
    );
    return Item?.['state']?.S;
  };

  return {
    async load(pipeline) {
      for (let attempt = 1; ; attempt++) {
        const key = await head(pipeline);
        if (key === undefined) return emptyState(pipeline);
        const bytes = await lake.read(key);
        if (bytes !== undefined) return parsed(bytes, lake.location(key));
        // Another writer updated the head meanwhile and deleted the object that it replaced.
        if (attempt === loads) throw unreadable(lake.location(key), 'is missing');
      }
    },
    async save(state) {
      const next: PipelineState = { ...state, revision: state.revision + 1 };
      const key = `${layout.bookmarks(state.pipeline)}${String(next.revision).padStart(10, '0')}-${randomUUID()}.json.gz`;
      const replaced = await head(state.pipeline);
      await lake.write(key, gzipSync(JSON.stringify(next)));
      try {
        await dynamodb.send(
          new PutItemCommand({
            TableName: table,
            Item: { ...keyOf(state.pipeline), revision: number(next.revision), state: text(key) },
            ...(state.revision === 0
              ? { ConditionExpression: 'attribute_not_exists(pk)' }
              : {
                  ConditionExpression: 'revision = :seen',
                  ExpressionAttributeValues: { ':seen': number(state.revision) },
                }),
          }),
        );
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
        await lake.remove(key);
        throw new BookmarkConflict(`${state.pipeline} is no longer at revision ${state.revision}`);
      }
      if (replaced !== undefined) await lake.remove(replaced);
      return next;
    },
  };
}

function parsed(bytes: Uint8Array, uri: string): PipelineState {
  try {
    return pipelineState.parse(JSON.parse(gunzipSync(bytes).toString('utf8')));
  } catch {
    throw unreadable(uri, 'is not a bookmarks document');
  }
}

function unreadable(uri: string, how: string): MillraceError {
  const hint = 'restore the previous object version, or delete the head item: the next run then rebuilds everything';
  return new MillraceError([{ code: 'MR503', path: uri, message: `the state of the pipeline ${how}`, hint }]);
}
