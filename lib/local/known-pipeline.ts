import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { isPath, noPipeline, pipelineNamed } from './load.ts';
import { projectFolder, type Root } from './root.ts';

/**
 * The name of a pipeline that has a definition, or that has run in this root even if its definition is elsewhere or gone. Throws MR101
 * with the nearest name for any other.
 */
export async function knownPipeline(given: string, root: Root): Promise<string> {
  const name = await pipelineNamed(given);
  if (isPath(given)) return name;
  const places = [
    path.join(projectFolder, 'pipelines', name, 'pipeline.ts'),
    root.state(name),
    root.lake(name),
    root.models(name),
  ];
  const there = await Promise.all(places.map(isThere));
  if (there.includes(true)) return name;
  const ran = await readdir(path.dirname(root.lake(name))).catch(() => [] as string[]);
  throw await noPipeline(given, `pipelines/${given}/pipeline.ts`, ran);
}

const isThere = (place: string) =>
  stat(place).then(
    () => true,
    () => false,
  );
