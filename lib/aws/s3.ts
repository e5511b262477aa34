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

/** Throws a TypeError for anything but an `s3://` URI. */
export function placeOf(uri: string): Place {
  const [, bucket, key = ''] = /^s3:\/\/([^/]+)(?:\/(.*))?$/.exec(uri) ?? [];
  if (bucket === undefined) throw new TypeError(`"${uri}" is not a place in S3`);
  return { bucket, key };
}

export const uriOf = ({ bucket, key }: Place) => `s3://${bucket}/${key}`;

/** The bytes of an object, or undefined if there is none. */
export async function getObject({ bucket, key }: Place): Promise<Uint8Array | undefined> {
  try {
    const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    return await Body!.transformToByteArray();
  } catch (error) {
    if (error instanceof NoSuchKey) return undefined;
    throw error;
  }
}

/** The text of an object, or undefined if there is none. */
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

export interface Keys {
  objects: Listed[];
  /** The folders directly below the place, as keys that end in a slash; empty for a deep listing. */
  folders: string[];
}

/** All objects and folders directly below a place, or all objects at any depth with `deep`. Sorted by key. */
export async function listKeys(place: Place, { deep = false, atMost = Number.POSITIVE_INFINITY } = {}): Promise<Keys> {
  const found: Keys = { objects: [], folders: [] };
  for await (const page of pages(place, deep, atMost)) {
    // Keys may contain characters that XML cannot, so they are requested URL-encoded, with blanks as `+`.
    const key = (text: string) => (page.EncodingType === 'url' ? decodeURIComponent(text.replaceAll('+', ' ')) : text);
    for (const { Key, ETag, Size, LastModified } of page.Contents ?? []) {
      const writtenAt = LastModified && { writtenAt: LastModified.toISOString() };
      found.objects.push({ key: key(Key!), etag: (ETag ?? '').replaceAll('"', ''), size: Size ?? 0, ...writtenAt });
    }
    found.folders.push(...(page.CommonPrefixes ?? []).flatMap(({ Prefix }) => (Prefix ? key(Prefix) : [])));
    if (found.objects.length >= atMost) break;
  }
  return found;
}

/** The objects whose keys begin with the key of the place and have no further slash, sorted by key. */
export const listObjects = async (place: Place, atMost?: number): Promise<Listed[]> =>
  (await listKeys(place, atMost === undefined ? {} : { atMost })).objects;

/** The folders directly below a place (whose key ends in a slash), as keys that end in a slash, sorted. */
export const listFolders = async (place: Place): Promise<string[]> => (await listKeys(place)).folders.sort();

/** Lists the keys below a place, page by page. */
async function* pages(
  { bucket, key }: Place,
  deep: boolean,
  atMost: number,
): AsyncGenerator<ListObjectsV2CommandOutput> {
  let token: string | undefined;
  do {
    const page = await client.send(
      new ListObjectsV2Command({
        Bucket: bucket,
        Prefix: key,
        EncodingType: 'url',
        ...(!deep && { Delimiter: '/' }),
        ...(token !== undefined && { ContinuationToken: token }),
        ...(atMost < 1000 && { MaxKeys: atMost }),
      }),
    );
    yield page;
    token = page.NextContinuationToken;
  } while (token !== undefined);
}
