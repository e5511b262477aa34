import { createHash } from 'node:crypto';
import type * as z from 'zod';
import { type Model, manifestSchema, modelSchema } from '../documents/model.ts';
import { type Issue, MillraceError } from '../errors.ts';
import { layout, versionFiles } from '../lake/layout.ts';
import { type Objects, UnreadableObject } from '../lake/objects.ts';

/**
 * MR404 if a version cannot score: its manifest, or a file that the manifest names, is missing or has other bytes. The engine makes the
 * same check before it scores.
 */
export async function damageOf(
  objects: Objects,
  pipeline: string,
  model: string,
  version: number,
): Promise<Issue | undefined> {
  const folder = layout.version(pipeline, model, version);
  const damaged = (file: string, how: string): Issue => ({
    code: 'MR404',
    path: objects.location(`${folder}${file}`),
    message: `v${version} of model "${model}" cannot score: ${file} ${how}`,
    hint: 'restore the folder of the version, or delete it and run the pipeline again',
  });
  const bytesOf = (file: string) => bytesIfReadable(objects, `${folder}${file}`);
  const files = filesIn(await bytesOf(versionFiles.manifest));
  if (files?.[versionFiles.model] === undefined) return damaged(versionFiles.manifest, 'is missing or damaged');
  for (const [file, { sha256 }] of Object.entries(files)) {
    const bytes = await bytesOf(file);
    if (bytes === undefined) return damaged(file, 'is missing');
    if (createHash('sha256').update(bytes).digest('hex') !== sha256)
      return damaged(file, 'was changed: its SHA-256 differs from the manifest');
  }
  return undefined;
}

/**
 * Chooses a version that can score. `choose` gets the versions that cannot; `versionIn` returns the version to check, if any. `passedOver`
 * names these versions in a phrase for people; it is empty if there is none.
 */
export async function wholeChoice<T>(
  choose: (damaged: readonly number[]) => T,
  versionIn: (choice: T) => number | undefined,
  damage: (version: number) => Promise<Issue | undefined>,
): Promise<{ choice: T; passedOver: string }> {
  const found = new Map<number, string>();
  for (;;) {
    const choice = choose([...found.keys()]);
    const version = versionIn(choice);
    const issue = version === undefined ? undefined : await damage(version);
    if (issue === undefined)
      return { choice, passedOver: found.size === 0 ? '' : ` (passed over: ${[...found.values()].join('; ')})` };
    found.set(version!, issue.message);
  }
}

/** A version of a model. Throws MR404 if it is not whole. */
export async function readModel(objects: Objects, pipeline: string, model: string, version: number): Promise<Model> {
  const damage = await damageOf(objects, pipeline, model, version);
  if (damage !== undefined) throw new MillraceError([damage]);
  const bytes = await objects.read(layout.versionFile(pipeline, model, version, 'model'));
  return modelSchema.parse(JSON.parse(Buffer.from(bytes!).toString('utf8')));
}

function filesIn(manifest: Uint8Array | undefined): z.infer<typeof manifestSchema>['files'] | undefined {
  try {
    return manifest && manifestSchema.parse(JSON.parse(Buffer.from(manifest).toString('utf8'))).files;
  } catch {
    return undefined;
  }
}

/** Without permission to list, a missing object in S3 is unreadable, not undefined. */
async function bytesIfReadable(objects: Objects, key: string): Promise<Uint8Array | undefined> {
  try {
    return await objects.read(key);
  } catch (error) {
    if (error instanceof UnreadableObject) return undefined;
    throw error;
  }
}
