import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type Model, manifestSchema, modelSchema } from '../documents/model.ts';
import { MillraceError } from '../errors.ts';
import { versionFiles } from '../lake/layout.ts';
import { livePromotion } from './gate-ports.ts';
import type { Root } from './root.ts';

/** The live model, verified against its manifest. Throws MR406 if no version is live, MR404 if its bytes differ. */
export async function liveModel(root: Root, pipeline: string, name: string): Promise<Model> {
  const live = await livePromotion(root, pipeline, name);
  if (live === undefined) {
    const message = `no version of model "${name}" is live`;
    const hint = `run \`millrace run ${pipeline}\``;
    throw new MillraceError([{ code: 'MR406', path: root.model(pipeline, name), message, hint }]);
  }
  const folder = root.version(pipeline, name, live.version);
  const damaged = (file: string) => () => {
    const message = `${file} is missing or damaged`;
    const hint = 'restore the folder, or delete it and run the pipeline again';
    throw new MillraceError([{ code: 'MR404', path: path.join(folder, file), message, hint }]);
  };
  const bytes = await readFile(path.join(folder, versionFiles.model)).catch(damaged(versionFiles.model));
  const manifest = await readFile(path.join(folder, versionFiles.manifest), 'utf8')
    .then((text) => manifestSchema.parse(JSON.parse(text)))
    .catch(damaged(versionFiles.manifest));
  const found = createHash('sha256').update(bytes).digest('hex');
  if (manifest.files[versionFiles.model]?.sha256 !== found) {
    const message = 'the model was changed after it was written: its SHA-256 differs from the manifest';
    const hint = 'restore the folder, or delete it and run the pipeline to train again';
    throw new MillraceError([{ code: 'MR404', path: path.join(folder, versionFiles.model), message, hint }]);
  }
  return modelSchema.parse(JSON.parse(bytes.toString('utf8')));
}
