import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { pipelineState } from '../../lib/documents/bookmark-state.ts';

/** Files that may be below a root between two runs. */
const places = new Set(['cache', 'data', 'lake', 'models', 'runs', 'state']);

/** Leftover files after a run: scratch files and half-written documents. Paths are relative to the given folders. */
export async function scratchFiles(root: string, temporary: string): Promise<string[]> {
  const below = await readdir(root, { recursive: true, withFileTypes: true });
  const left = below
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)))
    .filter((name) => !places.has(name.split(path.sep)[0]!) || /\.tmp$/.test(name));
  const outside = await readdir(temporary, { recursive: true, withFileTypes: true });
  // The TypeScript loader caches compiled files.
  const foreign = outside.filter((entry) => entry.isFile() && !entry.parentPath.split(path.sep).includes('jiti'));
  return [...left, ...foreign.map((entry) => path.join(entry.parentPath, entry.name))].sort();
}

/** What the state of a pipeline still holds of a finished run. */
export async function stuck(root: string, pipeline: string): Promise<string[]> {
  const text = await readFile(path.join(root, 'state', `${pipeline}.json`), 'utf8');
  const { claim, inDoubt } = pipelineState.parse(JSON.parse(text));
  return [
    ...(claim === undefined ? [] : [`claimed by ${claim.run}`]),
    ...Object.keys(inDoubt).map((task) => `${task} in doubt`),
  ];
}
