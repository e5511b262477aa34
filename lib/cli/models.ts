import { userInfo } from 'node:os';
import { Command } from 'commander';
import { onAws } from '../aws/faults.ts';
import { openPipeline } from '../deployed/connect.ts';
import type { Dossier } from '../documents/model.ts';
import { MillraceError } from '../errors.ts';
import { figuresOf } from '../gate/beside-live.ts';
import { driftBetween } from '../gate/drift.ts';
import { judgedBy } from '../gate/judged.ts';
import type { ModelStore } from '../gate/model-store.ts';
import type { Promotion } from '../gate/ports.ts';
import { lastGood, liveAt } from '../gate/promotions.ts';
import { rolledBack } from '../gate/twins.ts';
import { labelOf, objectiveOf } from '../learning/learning.ts';
import { tornLogs } from '../local/gate-ports.ts';
import { knownPipeline } from '../local/known-pipeline.ts';
import { modelFiles } from '../local/model-store.ts';
import { Root } from '../local/root.ts';
import { suggestion } from '../plan/suggest.ts';
import { renderWarnings } from './issues.ts';
import { figuresTable, movedTable } from './model-tables.ts';
import { aPipeline, environmentOption, verb } from './options.ts';
import {
  type CommonOptions,
  columns,
  counted,
  environmentOf,
  type Finish,
  printJson,
  type Terminal,
  wrapped,
} from './terminal.ts';

interface Options extends CommonOptions {
  env?: string;
}

/** What a verb answers: a document for `--json`, and the same for a person. */
interface Said {
  document: unknown;
  text: string;
}

export const modelsCommand = (terminal: Terminal, finish: Finish) => {
  const under = (name: string, about: string, rest: string, action: (asked: Asked) => Promise<Said>) =>
    verb(name, about)
      .argument('<pipeline>', aPipeline)
      .argument('[words...]', rest)
      .addOption(environmentOption())
      .action(async (given: string, words: string[], options: Options) => {
        const pipeline = options.env === undefined ? await knownPipeline(given, new Root(options.root)) : given;
        const torn = options.env === undefined ? await tornIn(new Root(options.root), pipeline) : [];
        const said = await opened(terminal, pipeline, options, (store) => action({ pipeline, words, store, options }));
        if (options.json) printJson(terminal, said.document);
        else terminal.out.write(said.text);
        terminal.err.write(renderWarnings(torn));
        finish(0);
      });
  return new Command('models')
    .description('the versions of the models: what is live, what was, how they compare; promote one, or roll back')
    .addCommand(under('list', 'every version of each model, and what is live', '[model]', list))
    .addCommand(under('show', 'one version: the live one unless named', '[model] [version]', show))
    .addCommand(
      under(
        'compare',
        'two versions: the live one and another unless both are named',
        '[model] version [version]',
        compare,
      ),
    )
    .addCommand(under('promote', 'make a version live, whatever the gate said', '[model] version', promote))
    .addCommand(under('rollback', 'make the good version before the live one live again', '[model]', rollBack))
    .addCommand(under('live-at', 'which version was live at a time, as 2026-01-31T12:00Z', '[model] time', atTime));
};

const tornIn = async (root: Root, pipeline: string) =>
  tornLogs(root, pipeline, await modelFiles(root, pipeline).names());

interface Asked {
  pipeline: string;
  words: string[];
  store: ModelStore;
  options: Options;
}

async function opened<T>(
  terminal: Terminal,
  pipeline: string,
  options: Options,
  action: (store: ModelStore) => Promise<T>,
): Promise<T> {
  if (options.env === undefined) return action(modelFiles(new Root(options.root), pipeline));
  const environment = environmentOf(terminal, options.env);
  return onAws(`${pipeline} in ${options.env}`, async () => {
    const found = await openPipeline(environment, pipeline);
    const { deployedModels } = await import('../deployed/models.ts');
    return action(deployedModels(found));
  });
}

async function list({ pipeline, words, store }: Asked): Promise<Said> {
  const names = words.length > 0 ? [await modelNamed(words[0], pipeline, store)] : await store.names();
  if (names.length === 0) throw noModel(pipeline);
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
    const rows = versions.map((each) => [
      `v${each.version}`,
      each.value === null ? '-' : each.value.toFixed(4),
      each.standing,
      each.promoted_at === null ? '' : minute(each.promoted_at),
    ]);
    return `model ${model}\n${columns([['version', labelOf(versions.at(-1)?.metric), 'standing', 'promoted'], ...rows])}`;
  });
  return { document: { pipeline, models }, text: text.join('\n') };
}

async function show({ pipeline, words, store }: Asked): Promise<Said> {
  const { model, rest } = await modelIn(words, pipeline, store, isVersion);
  const log = await store.history(model);
  const version = rest[0] === undefined ? liveOf(log, pipeline, model).version : await versionIn(rest[0], model, store);
  const dossier = await store.dossier(model, version);
  const { metrics, rows, comparisons = [], leaks = [], learned } = dossier;
  const state = standing(log, version);
  const lines = [
    `model ${model} v${version}  ${state}\n`,
    figuresTable([`v${version}`], [dossier]),
    `learned from ${counted(rows.train, 'row')}, judged on ${rows.test.toLocaleString('en-US')} held out\n`,
    ...comparisons.map((each) =>
      'why_not' in each
        ? `not compared with v${each.against}: ${each.why_not}\n`
        : `beside v${each.against}, ${figuresOf(dossier, each)}\n`,
    ),
    ...leaks.map((leak) => `MR410 ${objectiveOf(dossier).leakText(leak)}\n`),
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

async function compare({ pipeline, words, store }: Asked): Promise<Said> {
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
        : `v${b} beside v${a}, ${figuresOf(newer, beside)}\n`,
    moved === null ? '' : movedTable(moved),
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

async function promote({ pipeline, words, store }: Asked): Promise<Said> {
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
  const judged = judgedBy(await store.dossier(model, version));
  const run = entryOf(log, version)?.run ?? 'by hand';
  const entry: Promotion = { version, run, ...judged, at: new Date().toISOString(), by: caller() };
  return changed(pipeline, model, entry, log, store, 'live');
}

async function rollBack({ pipeline, words, store }: Asked): Promise<Said> {
  const { model } = await modelIn(words, pipeline, store, isVersion);
  const log = await store.history(model);
  const live = liveOf(log, pipeline, model);
  const good = lastGood(log);
  if (good === undefined) {
    const first = log.every(({ version }) => version === live.version);
    const message = first
      ? `v${live.version} is the first version of ${model}: there is nothing before it`
      : `no other good version of ${model} was ever live`;
    const hint = `\`millrace models list ${pipeline}\` shows all versions, \`millrace models promote\` makes any of them live`;
    throw new MillraceError([{ code: 'MR412', path: `promotions of ${model}`, message, hint }]);
  }
  const at = new Date().toISOString();
  const { version, run, metric, value } = good;
  const rollback = { from: live.version, transition: `${caller()}@${at}` };
  return changed(pipeline, model, { version, run, metric, value, at, rollback }, log, store, 'live again');
}

async function changed(
  pipeline: string,
  model: string,
  entry: Promotion,
  log: readonly Promotion[],
  store: ModelStore,
  how: string,
): Promise<Said> {
  const before = log.at(-1)?.version ?? null;
  await store.append(model, entry);
  const then = await store.rescore();
  const instead = before === null ? '' : `, instead of v${before}`;
  return {
    document: { pipeline, model, live: entry.version, before, changed: true, then },
    text: wrapped(`${model} v${entry.version} is ${how}${instead}\n${then}\n`),
  };
}

async function atTime({ pipeline, words, store }: Asked): Promise<Said> {
  const { model, rest } = await modelIn(words, pipeline, store, (word) => /^\d{4}-/.test(word));
  const at = rest[0] === undefined ? undefined : timeOf(rest[0]);
  if (at === undefined) {
    const message = rest[0] === undefined ? 'no time is given' : `"${rest[0]}" is not a time`;
    throw usage('millrace models live-at', message, `millrace models live-at ${pipeline} ${model} 2026-01-31T12:00Z`);
  }
  const entry = liveAt(await store.history(model), at) ?? null;
  const text =
    entry === null
      ? `no version of ${model} was live on ${minute(at.toISOString())}\n`
      : `${model} v${entry.version} was live on ${minute(at.toISOString())}\n  ${happened(entry)}, on ${minute(entry.at)}\n`;
  return { document: { pipeline, model, at: at.toISOString(), live: entry }, text };
}

/** A day, or a time; without a zone it is UTC. */
function timeOf(text: string): Date | undefined {
  const parts = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(Z|[+-]\d\d:\d\d)?)?$/.exec(text);
  if (parts === null) return undefined;
  const at = new Date(`${parts[1]}T${parts[2] ?? '00:00'}${parts[3] ?? 'Z'}`);
  return Number.isNaN(at.getTime()) ? undefined : at;
}

function happened({ rollback, by, run }: Promotion): string {
  if (rollback !== undefined) return `made live by a roll-back from v${rollback.from} (${rollback.transition})`;
  return by === undefined ? `promoted by the gate in ${run}` : `promoted by ${by}`;
}

function standing(log: readonly Promotion[], version: number): string {
  if (log.at(-1)?.version === version) return 'live';
  if (rolledBack(log).includes(version)) return 'rolled back';
  return log.some((entry) => entry.version === version) ? 'was live' : 'never live';
}

const entryOf = (log: readonly Promotion[], version: number) =>
  log.findLast((entry) => entry.version === version && entry.rollback === undefined);

const minute = (at: string) => `${at.slice(0, 16).replace('T', ' ')} UTC`;

const caller = () => `${userInfo().username}, by hand`;

const isVersion = (word: string) => /^v?\d+$/.test(word);

/** The model that the words begin with, or the only one there is, and the other words. */
async function modelIn(
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

async function modelNamed(name: string | undefined, pipeline: string, store: ModelStore): Promise<string> {
  const names = await store.names();
  if (names.length === 0) throw noModel(pipeline);
  if (name !== undefined && names.includes(name)) return name;
  if (name === undefined && names.length === 1) return names[0]!;
  const message =
    name === undefined ? `pipeline "${pipeline}" has ${counted(names.length, 'model')}` : `there is no model "${name}"`;
  throw new MillraceError(
    [{ code: 'MR135', path: 'millrace models', message, hint: suggestion(name ?? '', names) }],
    2,
  );
}

async function versionIn(word: string, model: string, store: ModelStore): Promise<number> {
  const version = Number(word.replace(/^v/, ''));
  const versions = await store.versions(model);
  if (isVersion(word) && versions.includes(version)) return version;
  const known = versions.map((each) => `v${each}`).join(', ');
  const message = `model ${model} has no version "${word}"`;
  throw new MillraceError([{ code: 'MR411', path: 'millrace models', message, hint: `there are: ${known}` }], 2);
}

function liveOf(log: readonly Promotion[], pipeline: string, model: string): Promotion {
  const live = log.at(-1);
  if (live !== undefined) return live;
  const hint = `\`millrace models list ${pipeline}\` shows what there is`;
  throw new MillraceError([
    { code: 'MR406', path: `promotions of ${model}`, message: `no version of model "${model}" is live`, hint },
  ]);
}

async function knownDossier(store: ModelStore, model: string, version: number): Promise<Dossier | undefined> {
  return store.dossier(model, version).catch((error: unknown) => {
    if (error instanceof MillraceError) return undefined;
    throw error;
  });
}

const noModel = (pipeline: string) =>
  new MillraceError([
    {
      code: 'MR406',
      path: pipeline,
      message: `no model of "${pipeline}" was trained yet`,
      hint: `run \`millrace run ${pipeline}\``,
    },
  ]);

const usage = (path: string, message: string, hint: string) =>
  new MillraceError([{ code: 'MR414', path, message, hint }], 2);
