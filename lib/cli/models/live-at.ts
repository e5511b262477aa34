import { liveAt } from '../../gate/promotions.ts';
import type { Answer, ModelsRequest } from './answer.ts';
import { modelIn, usage } from './named.ts';
import { happened, minute } from './standing.ts';

export async function atTime({ pipeline, words, store }: ModelsRequest): Promise<Answer> {
  const { model, rest } = await modelIn(words, pipeline, store, (word) => /^\d{4}-/.test(word));
  const at = rest[0] === undefined ? undefined : timeOf(rest[0]);
  if (at === undefined) {
    const message = rest[0] === undefined ? 'no time is given' : `"${rest[0]}" is not a time`;
    throw usage('millrace models live-at', message, `millrace models live-at ${pipeline} ${model} 2026-01-31T12:00Z`);
  }
  const entry = liveAt(await store.history(model), at) ?? null;
  const text =
    entry === null
      ? `no version of ${model} was live at ${minute(at.toISOString())}\n`
      : `${model} v${entry.version} was live at ${minute(at.toISOString())}\n  ${happened(entry)} at ${minute(entry.at)}\n`;
  return { document: { pipeline, model, at: at.toISOString(), live: entry }, text };
}

/** Parses a date, or a date and time; UTC if no zone is given. */
function timeOf(text: string): Date | undefined {
  const parts = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(Z|[+-]\d\d:\d\d)?)?$/.exec(text);
  if (parts === null) return undefined;
  const at = new Date(`${parts[1]}T${parts[2] ?? '00:00'}${parts[3] ?? 'Z'}`);
  return Number.isNaN(at.getTime()) ? undefined : at;
}
