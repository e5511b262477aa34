import { randomUUID } from 'node:crypto';
import { layout } from '../lake/layout.ts';
import { listFolders } from '../lake/objects.ts';
import { isRunName, runName } from '../runs/run-name.ts';
import type { Root } from './root.ts';

/** The name of the pipeline's run that starts at `at`. It sorts after every run of the pipeline, even if the clock was set back. */
export async function nextRun(root: Root, pipeline: string, at: Date): Promise<string> {
  const names = await listFolders(root.objects, layout.runs(pipeline));
  return runName(at, [randomUUID()], names.filter(isRunName).sort().at(-1));
}
