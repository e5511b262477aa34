import { figuresOf } from '../../gate/compare-with-live.ts';
import { leakText } from '../../learning/findings.ts';
import { objectiveOf } from '../../learning/learning.ts';
import { figuresTable } from '../model-tables.ts';
import { counted, wrapped } from '../terminal.ts';
import type { Answer, ModelsRequest } from './answer.ts';
import { isVersion, liveOf, modelIn, versionIn } from './named.ts';
import { happened, minute, standing } from './standing.ts';

export async function show({ pipeline, words, store }: ModelsRequest): Promise<Answer> {
  const { model, rest } = await modelIn(words, pipeline, store, isVersion);
  const log = await store.history(model);
  const version = rest[0] === undefined ? liveOf(log, pipeline, model).version : await versionIn(rest[0], model, store);
  const dossier = await store.dossier(model, version);
  const { metrics, rows, comparisons = [], leaks = [], learned } = dossier;
  const { judgedBy } = objectiveOf(dossier);
  const state = standing(log, version);
  const lines = [
    `model ${model} v${version}  ${state}\n`,
    figuresTable([`v${version}`], [dossier]),
    `learned from ${counted(rows.train, 'row')}, judged on ${rows.test.toLocaleString('en-US')} held-out rows\n`,
    ...comparisons.map((each) =>
      'why_not' in each
        ? `not compared with v${each.against}: ${each.why_not}\n`
        : `compared with v${each.against}, ${figuresOf(dossier, each)}\n`,
    ),
    ...leaks.map((leak) => `MR410 ${leak.feature} ${leakText(judgedBy.label, judgedBy.in(leak))}\n`),
  ];
  const entries = log.filter((entry) => entry.version === version);
  for (const entry of entries) lines.push(`${minute(entry.at)}  ${happened(entry)}\n`);
  const document = {
    pipeline,
    model,
    version,
    standing: state,
    metrics,
    rows,
    comparisons,
    leaks,
    learned: learned ?? null,
    log: entries,
  };
  return { document, text: wrapped(lines.join('')) };
}
