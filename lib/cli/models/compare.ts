import { figuresOf } from '../../gate/compare-with-live.ts';
import { driftBetween } from '../../gate/drift.ts';
import { driftTable, figuresTable } from '../model-tables.ts';
import { wrapped } from '../terminal.ts';
import type { Answer, ModelsRequest } from './answer.ts';
import { isVersion, liveOf, modelIn, usage, versionIn } from './named.ts';

export async function compare({ pipeline, words, store }: ModelsRequest): Promise<Answer> {
  const { model, rest } = await modelIn(words, pipeline, store, isVersion);
  if (rest.length === 0)
    throw usage(
      'millrace models compare',
      'no version to compare is given',
      `millrace models compare ${pipeline} ${model} 1 2`,
    );
  const given = await Promise.all(rest.slice(0, 2).map((word) => versionIn(word, model, store)));
  const pair = given.length === 2 ? given : [liveOf(await store.history(model), pipeline, model).version, given[0]!];
  const [a, b] = [Math.min(...pair), Math.max(...pair)];
  const [older, newer] = await Promise.all([store.dossier(model, a), store.dossier(model, b)]);
  const beside = newer.comparisons?.find(({ against }) => against === a) ?? null;
  const moved = older.distribution && newer.distribution ? driftBetween(older.distribution, newer.distribution) : null;
  const same = older.learned !== undefined && JSON.stringify(older.learned) === JSON.stringify(newer.learned);
  const lines = [
    `model ${model}, v${a} and v${b}, each on its own hold-out\n`,
    figuresTable([`v${a}`, `v${b}`], [older, newer]),
    same ? 'both learned from the same rows in the same way\n' : '',
    beside === null
      ? `v${b} was not compared with v${a} on the same rows\n`
      : 'why_not' in beside
        ? `not compared on the same rows: ${beside.why_not}\n`
        : `v${b} compared with v${a}, ${figuresOf(newer, beside)}\n`,
    moved === null ? '' : driftTable(moved),
  ];
  return {
    document: {
      pipeline,
      model,
      versions: [a, b],
      metrics: [older.metrics, newer.metrics],
      beside,
      drift: moved,
      same_rows: same,
    },
    text: wrapped(lines.join('')),
  };
}
