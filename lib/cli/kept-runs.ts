import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Root } from '../local/root.ts';
import { type RunDocument, runDocument } from '../plan/run-document.ts';

/** The runs of a pipeline that have ended here, in the order of their names. */
export async function runsOf(root: Root, pipeline: string): Promise<RunDocument[]> {
  const names = await readdir(root.runs()).catch(() => [] as string[]);
  const runs = await Promise.all(
    names.sort().map(async (name) => {
      const text = await readFile(path.join(root.run(name), 'run.json'), 'utf8').catch(() => undefined);
      return text === undefined ? undefined : runDocument.parse(JSON.parse(text));
    }),
  );
  return runs.filter((run): run is RunDocument => run?.pipeline === pipeline);
}
