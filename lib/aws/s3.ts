import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandOutput,
  NoSuchKey,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { type Objects, UnreadableObject } from '../lake/objects.ts';
import { awsIssue, isDenied } from './faults.ts';

const client = new S3Client({});

/** A place in S3, as in `s3://bucket/some/key`. */
export interface Place {
  bucket: string;
  /** Without a slash at its start; may be empty. */
  key: string;
}

/** Throws a TypeError for anything but an `s3://` URI. */
export function placeOf(uri: string): Place {
  const [, bucket, key = ''] = /^s3:\/\/([^/]+)(?:\/(.*))?$/.exec(uri) ?? [];
  if (bucket === undefined) throw new TypeError(`"${uri}" is not a place in S3`);
  return { bucket, key };
}

export const uriOf = ({ bucket, key }: Place) => `s3://${bucket}/${key}`;

/** The objects of a bucket. */
export function bucketObjects(bucket: string): Objects {
  const location = (key: string) => uriOf({ bucket, key });
  return {
    location,
    async read(key) {
      try {
        const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
        return await Body!.transformToByteArray();
      } catch (error) {
        if (error instanceof NoSuchKey || (error as Error).name === 'NoSuchBucket') return undefined;
        if (!isDenied(error)) throw error;
        // Without permission to list, S3 reports a missing object as access denied.
        const issue = awsIssue(error, location(key))!;
        throw new UnreadableObject([{ ...issue, message: 'it is missing, or access to it is denied' }], 5);
      }
    },
    async write(key, content) {
      const put = { Bucket: bucket, Key: key, Body: content, ContentType: typeOf(key) };
      await client.send(new PutObjectCommand(put));
    },
    async remove(key) {
      await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
    },
    async list(folder) {
      const { objects, folders } = await listKeys({ bucket, key: folder });
      const keys = [...objects.map(({ key }) => key), ...folders];
      // Consoles represent a folder as an empty object with the folder's key.
      return keys
        .map((key) => key.slice(folder.length))
        .filter((name) => name !== '')
        .sort();
    },
  };
}

function typeOf(key: string): string {
  if (key.endsWith('.gz')) return 'application/gzip';
  return key.endsWith('.json') ? 'application/json' : 'text/plain';
}

export interface Listed {
  key: string;
  etag: string;
  size: number;
  /** ISO 8601. */
  writtenAt?: string;
}

export interface Keys {
  objects: Listed[];
  /** The folders directly below the place, as keys that end in a slash; empty for a deep listing. */
  folders: string[];
}

/** All objects and folders directly below a place, or all objects at any depth with `deep`. Sorted by key. */
export async function listKeys(place: Place, { deep = false } = {}): Promise<Keys> {
  const found: Keys = { objects: [], folders: [] };
  for await (const page of pages(place, deep)) {
    // Keys may contain characters that XML cannot, so they are requested URL-encoded, with blanks as `+`.
    const key = (text: string) => (page.EncodingType === 'url' ? decodeURIComponent(text.replaceAll('+', ' ')) : text);
    for (const { Key, ETag, Size, LastModified } of page.Contents ?? []) {
      const writtenAt = LastModified && { writtenAt: LastModified.toISOString() };
      found.objects.push({ key: key(Key!), etag: (ETag ?? '').replaceAll('"', ''), size: Size ?? 0, ...writtenAt });
    }
    found.folders.push(...(page.CommonPrefixes ?? []).flatMap(({ Prefix }) => (Prefix ? key(Prefix) : [])));
  }
  return found;
}

/** Lists the keys below a place, page by page. */
async function* pages({ bucket, key }: Place, deep: boolean): AsyncGenerator<ListObjectsV2CommandOutput> {
  let token: string | undefined;
  do {
    const page = await client.send(
      new ListObjectsV2Command({
        Bucket: bucket,
        Prefix: key,
        EncodingType: 'url',
        ...(!deep && { Delimiter: '/' }),
        ...(token !== undefined && { ContinuationToken: token }),
      }),
    );
    yield page;
    token = page.NextContinuationToken;
  } while (token !== undefined);
}
