import { type Issue, MillraceError } from '../../errors.ts';
import type { ModelStore } from '../../gate/model-store.ts';
import type { Promotion } from '../../gate/ports.ts';
import { suggestion } from '../../plan/suggest.ts';
import { counted } from '../terminal.ts';

export const isVersion = (word: string) => /^v?\d+$/.test(word);

/** The model named by the first word, or the only model, and the remaining words. */
export async function modelIn(
  words: readonly string[],
  pipeline: string,
  store: ModelStore,
  isRest: (word: string) => boolean,
) {
  const names = await store.names();
  const [first] = words;
  const named = first !== undefined && (names.includes(first) || !isRest(first));
  return {
    model: await modelNamed(named ? first : undefined, pipeline, store),
    rest: named ? words.slice(1) : [...words],
  };
}

export async function modelNamed(name: string | undefined, pipeline: string, store: ModelStore): Promise<string> {
  const names = await store.names();
  if (names.length === 0) throw new MillraceError([noModelIssue(pipeline)]);
  if (name !== undefined && names.includes(name)) return name;
  if (name === undefined && names.length === 1) return names[0]!;
  const message =
    name === undefined ? `pipeline "${pipeline}" has ${counted(names.length, 'model')}` : `there is no model "${name}"`;
  throw new MillraceError(
    [{ code: 'MR135', path: 'millrace models', message, hint: suggestion(name ?? '', names) }],
    2,
  );
}

export async function versionIn(word: string, model: string, store: ModelStore): Promise<number> {
  const version = Number(word.replace(/^v/, ''));
  const versions = await store.versions(model);
  if (isVersion(word) && versions.includes(version)) return version;
  const known = versions.map((each) => `v${each}`).join(', ');
  const message = `model ${model} has no version "${word}"`;
  throw new MillraceError(
    [{ code: 'MR411', path: 'millrace models', message, hint: `existing versions: ${known}` }],
    2,
  );
}

export function liveOf(log: readonly Promotion[], pipeline: string, model: string): Promotion {
  const live = log.at(-1);
  if (live !== undefined) return live;
  const hint = `\`millrace models list ${pipeline}\` lists all versions`;
  throw new MillraceError([
    { code: 'MR406', path: `promotions of ${model}`, message: `no version of model "${model}" is live`, hint },
  ]);
}

export const noModelIssue = (pipeline: string, env?: string) =>
  ({
    code: 'MR406',
    path: pipeline,
    message: `no model of ${pipeline} was trained yet`,
    hint: `millrace run ${pipeline}${env === undefined ? '' : ` --env ${env}`}`,
  }) satisfies Issue;

export const usage = (path: string, message: string, hint: string) =>
  new MillraceError([{ code: 'MR414', path, message, hint }], 2);
