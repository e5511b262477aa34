import { layout } from '../lake/layout.ts';
import type { Registry } from './registry.ts';
import { putObject } from './s3.ts';

/** Writes a model's promotion log beside its versions, where the engine reads which version is live. */
export async function publishPromotions(
  registry: Pick<Registry, 'history'>,
  lake: string,
  pipeline: string,
  model: string,
): Promise<void> {
  const lines = (await registry.history(model)).map((entry) => `${JSON.stringify(entry)}\n`);
  await putObject({ bucket: lake, key: layout.promotions(pipeline, model) }, lines.join(''), 'text/plain');
}
