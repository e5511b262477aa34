import { layout } from './layout.ts';
import { listFolders, type Objects } from './objects.ts';

/** The versions of a model that have a folder, judged or not, in numeric order. */
export async function versionsOf(objects: Objects, pipeline: string, model: string): Promise<number[]> {
  const folders = await listFolders(objects, layout.model(pipeline, model));
  return folders.flatMap(versionIn).sort((a, b) => a - b);
}

/** The number in the name of a version folder such as `v12`. */
function versionIn(folder: string): number[] {
  const found = /^v(\d+)$/.exec(folder)?.[1];
  return found === undefined ? [] : [Number(found)];
}
