import { layout } from '../lake/layout.ts';
import type { Objects } from '../lake/objects.ts';
import type { Registry } from './registry.ts';

/** Writes a model's promotion log beside its versions, where the engine reads which version is live. */
export async function publishPromotions(
  registry: Pick<Registry, 'history'>,
  lake: Objects,
  pipeline: string,
  model: string,
): Promise<void> {
  const lines = (await registry.history(model)).map((entry) => `${JSON.stringify(entry)}\n`);
  await lake.write(layout.promotions(pipeline, model), lines.join(''));
}
