import type { Model } from '../documents/model.ts';
import { MillraceError } from '../errors.ts';
import { readModel } from '../gate/whole-version.ts';
import { livePromotion } from './gate-ports.ts';
import type { Root } from './root.ts';

/** The live model, verified against its manifest. Throws MR406 if no version is live, MR404 if its bytes differ. */
export async function liveModel(root: Root, pipeline: string, name: string): Promise<Model> {
  const live = await livePromotion(root, pipeline, name);
  if (live !== undefined) return readModel(root.objects, pipeline, name, live.version);
  const message = `no version of model "${name}" is live`;
  const hint = `run \`millrace run ${pipeline}\``;
  throw new MillraceError([{ code: 'MR406', path: root.model(pipeline, name), message, hint }]);
}
