import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandOutput,
  NoSuchKey,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';

const client = new S3Client({});

/** A place in S3, as in `s3://bucket/some/key`. */
export interface Place {
  bucket: string;
  /** Without a slash at its start; may be empty. */
  key: string;
}

/** Throws a TypeError for what is no `s3://` URI. */
export function placeOf(uri: string): Place {
  const [, bucket, key = ''] = /^s3:\/\/([^/]+)(?:\/(.*))?$/.exec(uri) ?? [];
  if (bucket === undefined) throw new TypeError(`"${uri}" is not a place in S3`);
  return { bucket, key };
}

export const uriOf = ({ bucket, key }: Place) => `s3://${bucket}/${key}`;

/** The bytes of an object, undefined where there is none. */
export async function getObject({ bucket, key }: Place): Promise<Uint8Array | undefined> {
  try {
    const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    return await Body!.transformToByteArray();
  } catch (error) {
    if (error instanceof NoSuchKey) return undefined;
    throw error;
  }
}

/** The text of an object, undefined where there is none. */
export async function getText(place: Place): Promise<string | undefined> {
  const bytes = await getObject(place);
  return bytes && Buffer.from(bytes).toString('utf8');
}

export async function putObject({ bucket, key }: Place, body: string | Uint8Array, type = 'application/json') {
  await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ContentType: type }));
}

export async function deleteObject({ bucket, key }: Place): Promise<void> {
  await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
}

export interface Listed {
  key: string;
  etag: string;
  size: number;
  /** ISO 8601. */
  writtenAt?: string;
}

/** The objects whose keys begin with that of the place, and hold no further slash, in the order of their keys. */
export async function listObjects(place: Place, atMost = Number.POSITIVE_INFINITY): Promise<Listed[]> {
  const found: Listed[] = [];
  for await (const page of pages(place, atMost)) {
    for (const { Key, ETag, Size, LastModified } of page.Contents ?? []) {
      const writtenAt = LastModified && { writtenAt: LastModified.toISOString() };
      found.push({ key: Key!, etag: (ETag ?? '').replaceAll('"', ''), size: Size ?? 0, ...writtenAt });
    }
    if (found.length >= atMost) break;
  }
  return found;
}

/** The folders right below a place, which ends in a slash, as keys that end in one too, in their order. */
export async function listFolders(place: Place): Promise<string[]> {
  const found: string[] = [];
  for await (const page of pages(place)) {
    found.push(...(page.CommonPrefixes ?? []).flatMap(({ Prefix }) => Prefix ?? []));
  }
  return found.sort();
}

/** What lies right below a place, page by page as S3 tells it. */
async function* pages(
  { bucket, key }: Place,
  atMost = Number.POSITIVE_INFINITY,
): AsyncGenerator<ListObjectsV2CommandOutput> {
  let token: string | undefined;
  do {
    const page = await client.send(
      new ListObjectsV2Command({
        Bucket: bucket,
        Prefix: key,
        Delimiter: '/',
        ...(token !== undefined && { ContinuationToken: token }),
        ...(atMost < 1000 && { MaxKeys: atMost }),
      }),
    );
    yield page;
    token = page.NextContinuationToken;
  } while (token !== undefined);
}
