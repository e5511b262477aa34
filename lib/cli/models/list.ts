import type { Dossier } from '../../documents/model.ts';
import { MillraceError } from '../../errors.ts';
import { judgedBy } from '../../gate/judged.ts';
import type { ModelStore } from '../../gate/model-store.ts';
import { labelOf } from '../../learning/learning.ts';
import { columns } from '../terminal.ts';
import type { Answer, ModelsRequest } from './answer.ts';
import { modelNamed, noModelIssue } from './named.ts';
import { entryOf, minute, standing } from './standing.ts';

export async function list({ pipeline, words, store, options }: ModelsRequest): Promise<Answer> {
  const names = words.length > 0 ? [await modelNamed(words[0], pipeline, store)] : await store.names();
  if (names.length === 0) {
    const { message, hint } = noModelIssue(pipeline, options.env);
    return { document: { pipeline, models: [] }, text: `${message}\n  try   ${hint}\n` };
  }
  const models = await Promise.all(
    names.map(async (model) => {
      const [log, folders] = await Promise.all([store.history(model), store.versions(model)]);
      const numbers = [...new Set([...folders, ...log.map(({ version }) => version)])].sort((a, b) => a - b);
      const versions = await Promise.all(
        numbers.map(async (version) => {
          const dossier = await knownDossier(store, model, version);
          const entry = entryOf(log, version);
          const judged =
            dossier === undefined ? entry && { metric: entry.metric, value: entry.value } : judgedBy(dossier);
          return {
            version,
            ...(judged ?? { metric: null, value: null }),
            standing: standing(log, version),
            promoted_at: entry?.at ?? null,
          };
        }),
      );
      return { model, live: log.at(-1)?.version ?? null, versions };
    }),
  );
  const text = models.map(({ model, versions }) => {
    // A model whose objective changed has versions that were judged by different metrics.
    const labels = new Set(versions.flatMap(({ metric }) => (metric === null ? [] : [labelOf(metric)])));
    const heading = labels.size > 1 ? 'judged by' : ([...labels][0] ?? '');
    const rows = versions.map((each) => [
      `v${each.version}`,
      each.value === null ? '-' : `${labels.size > 1 ? `${labelOf(each.metric)} ` : ''}${each.value.toFixed(4)}`,
      each.standing,
      each.promoted_at === null ? '' : minute(each.promoted_at),
    ]);
    return `model ${model}\n${columns([['version', heading, 'standing', 'promoted'], ...rows])}`;
  });
  return { document: { pipeline, models }, text: text.join('\n') };
}

async function knownDossier(store: ModelStore, model: string, version: number): Promise<Dossier | undefined> {
  return store.dossier(model, version).catch((error: unknown) => {
    if (error instanceof MillraceError) return undefined;
    throw error;
  });
}
