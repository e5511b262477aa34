import { userInfo } from 'node:os';
import { MillraceError } from '../../errors.ts';
import { judgedBy } from '../../gate/judged.ts';
import type { ModelStore } from '../../gate/model-store.ts';
import type { Promotion } from '../../gate/ports.ts';
import { lastGood } from '../../gate/promotions.ts';
import { wholeChoice } from '../../gate/whole-version.ts';
import { wrapped } from '../terminal.ts';
import type { Answer, ModelsRequest } from './answer.ts';
import { isVersion, liveOf, modelIn, usage, versionIn } from './named.ts';
import { entryOf } from './standing.ts';

export async function promote({ pipeline, words, store }: ModelsRequest): Promise<Answer> {
  const { model, rest } = await modelIn(words, pipeline, store, isVersion);
  if (rest[0] === undefined)
    throw usage(
      'millrace models promote',
      'no version to promote is given',
      `millrace models promote ${pipeline} ${model} 2`,
    );
  const version = await versionIn(rest[0], model, store);
  const log = await store.history(model);
  if (log.at(-1)?.version === version) {
    return {
      document: { pipeline, model, live: version, changed: false },
      text: `${model} v${version} is live already\n`,
    };
  }
  const damage = await store.damage(model, version);
  if (damage !== undefined) throw new MillraceError([damage]);
  const judged = judgedBy(await store.dossier(model, version));
  const run = entryOf(log, version)?.run ?? 'by hand';
  const entry: Promotion = { version, run, ...judged, at: new Date().toISOString(), by: caller() };
  return changed(pipeline, model, entry, log, store, 'live');
}

export async function rollBack({ pipeline, words, store }: ModelsRequest): Promise<Answer> {
  const { model } = await modelIn(words, pipeline, store, isVersion);
  const log = await store.history(model);
  const live = liveOf(log, pipeline, model);
  const { choice: good, passedOver } = await wholeChoice(
    (damaged) => lastGood(log, damaged),
    (entry) => entry?.version,
    (version) => store.damage(model, version),
  );
  if (good === undefined) {
    const first = log.every(({ version }) => version === live.version);
    const message = first
      ? `v${live.version} is the first version of ${model}, so there is no version to roll back to`
      : passedOver === ''
        ? `no other good version of ${model} was ever live`
        : `no other good version of ${model} is whole${passedOver}`;
    const hint = `\`millrace models list ${pipeline}\` shows all versions, and \`millrace models promote ${pipeline} ${model} N\` makes vN live`;
    throw new MillraceError([{ code: 'MR412', path: `promotions of ${model}`, message, hint }]);
  }
  const at = new Date().toISOString();
  const { version, run, metric, value } = good;
  const rollback = { from: live.version, transition: `${caller()}@${at}` };
  return changed(pipeline, model, { version, run, metric, value, at, rollback }, log, store, 'live again', passedOver);
}

async function changed(
  pipeline: string,
  model: string,
  entry: Promotion,
  log: readonly Promotion[],
  store: ModelStore,
  how: string,
  note = '',
): Promise<Answer> {
  const before = log.at(-1)?.version ?? null;
  await store.append(model, entry);
  const then = await store.rescore();
  const instead = before === null ? '' : `, instead of v${before}`;
  return {
    document: { pipeline, model, live: entry.version, before, changed: true, then },
    text: wrapped(`${model} v${entry.version} is ${how}${instead}${note}\n${then}\n`),
  };
}

const caller = () => `${userInfo().username}, by hand`;
