import type { Command } from 'commander';
import { type ExitCode, type Issue, MillraceError } from '../errors.ts';
import { layout } from '../lake/layout.ts';
import { knownPipeline } from '../local/known-pipeline.ts';
import { builtTables, fullName, type LakeTable, type ShownTable, showTables } from '../local/lake-tables.ts';
import { loadPlan } from '../local/load.ts';
import { Root } from '../local/root.ts';
import type { Plan } from '../plan/schema.ts';
import { suggestion } from '../plan/suggest.ts';
import { tableLayer, traitsOf } from '../plan/task-kinds.ts';
import { aPipeline, environmentOption, oneOrMore, verb, wholeNumber } from './options.ts';
import { rowsText } from './rows-text.ts';
import {
  type CommonOptions,
  columns,
  counted,
  environmentOf,
  type Finish,
  printJson,
  type Terminal,
  thousands,
} from './terminal.ts';

interface Options extends CommonOptions {
  limit: number;
  columns?: string;
  where?: string;
  version?: number;
  env?: string;
}

export const showCommand = (terminal: Terminal, finish: Finish) =>
  verb('show', 'show rows of a table, or its quarantined rows; without a table, list all tables')
    .argument('<pipeline>', aPipeline)
    .argument('[table]', 'such as silver.orders; quarantine.orders shows the quarantined rows of orders')
    .option('--limit <n>', 'maximum number of rows', oneOrMore, 20)
    .option('--columns <names>', 'only these columns, separated by commas')
    .option('--where <condition>', 'only rows for which this SQL condition is true')
    .option('--version <n>', 'a version of the table, instead of the newest', wholeNumber)
    .addOption(environmentOption())
    .action(async (given: string, table: string | undefined, options: Options, command: Command) => {
      if (options.env !== undefined) throw await elsewhere(terminal, options.env, given, table);
      if (table === undefined) refuseRowOptions(given, command);
      const root = new Root(options.root);
      const pipeline = await knownPipeline(given, root);
      const built = await builtTables(root, pipeline);
      const declared = await declaredTables(given, built);
      if (table === undefined) await list(terminal, root, pipeline, built, options);
      else {
        const found = tableNamed(table, pipeline, built, declared);
        if (!built.some(same(found))) empty(terminal, given, pipeline, found, built, options);
        else await rows(terminal, root, pipeline, found, options);
      }
      finish(0);
    });

/** MR706: without a table there are no rows, so an option that selects rows would do nothing. */
function refuseRowOptions(given: string, command: Command): void {
  const useless = ['columns', 'limit', 'version', 'where'].find((name) => command.getOptionValueSource(name) === 'cli');
  if (useless === undefined) return;
  const hint = `name the table: \`millrace show ${given} TABLE --${useless} ...\`; \`millrace show ${given}\` lists the tables`;
  throw refused('MR706', 'millrace show', `--${useless} needs a table`, hint, 2);
}

const same =
  ({ layer, name }: LakeTable) =>
  (other: LakeTable) =>
    other.layer === layer && other.name === name;

/** The tables of the definition. If the pipeline has run, existing tables are shown even if its definition is now broken or gone. */
async function declaredTables(given: string, built: readonly LakeTable[]): Promise<LakeTable[]> {
  try {
    return tablesOf(await loadPlan(given));
  } catch (error) {
    if (built.length === 0 || !(error instanceof MillraceError)) throw error;
    return [];
  }
}

const tablesOf = (plan: Plan): LakeTable[] =>
  plan.tasks.flatMap((task) => {
    const layer = tableLayer(task);
    if (layer === undefined) return [];
    const table = { layer, name: task.name };
    return traitsOf(task).rejects ? [table, { layer: 'quarantine', name: task.name }] : [table];
  });

/** Finds a table by `layer.name`, or by its name alone. Throws MR160 if there is none. */
function tableNamed(
  given: string,
  pipeline: string,
  built: readonly LakeTable[],
  declared: readonly LakeTable[],
): LakeTable {
  const known = [...declared, ...built.filter((table) => !declared.some(same(table)))];
  const found =
    known.find((table) => fullName(table) === given) ??
    known.find(({ layer, name }) => layer !== 'quarantine' && name === given);
  if (found !== undefined) return found;
  const message = `pipeline "${pipeline}" has no table "${given}"`;
  const names = known.filter((table) => table.layer !== 'quarantine' || built.some(same(table))).map(fullName);
  // Without a layer, only the name can be mistyped.
  const near = given.includes('.') ? suggestion(given, names) : suggestionByName(given, known, names);
  throw refused('MR160', given, message, near, 2);
}

function suggestionByName(given: string, known: readonly LakeTable[], names: readonly string[]): string {
  const tables = known.filter(({ layer }) => layer !== 'quarantine');
  const near = suggestion(
    given,
    tables.map(({ name }) => name),
  ).split('   (known: ')[0]!;
  const table = tables.find(({ name }) => name === near);
  return table === undefined ? suggestion('', names) : `${fullName(table)}   (known: ${names.join(', ')})`;
}

/** The answer for a table that does not exist yet. */
function empty(
  terminal: Terminal,
  given: string,
  pipeline: string,
  table: LakeTable,
  built: readonly LakeTable[],
  options: Options,
): void {
  const isMade = built.some(({ layer, name }) => layer !== 'quarantine' && name === table.name);
  if (table.layer !== 'quarantine' || !isMade) {
    throw refused('MR161', fullName(table), 'the table was not built yet', `millrace run ${given}`, 1);
  }
  if (options.json)
    printJson(terminal, { pipeline, table: fullName(table), version: null, total: 0, columns: [], rows: [] });
  else terminal.out.write(`${table.name} has no quarantined rows\n`);
}

async function rows(terminal: Terminal, root: Root, pipeline: string, table: LakeTable, options: Options) {
  const reading = { rows: options.limit, version: options.version, where: options.where };
  const [shown] = (await showTables(root, pipeline, [table], reading)) as [ShownTable];
  const wanted = options.columns === undefined ? undefined : columnsNamed(options.columns, table, shown);
  if (options.json) {
    const { version, total, columns: all, rows: found, places } = shown;
    const kept = wanted ?? all;
    const written = found.map((row, i) => ({
      ...Object.fromEntries(kept.map(({ name }) => [name, row[name]])),
      ...(table.layer === 'quarantine' && wanted === undefined && { _place: places[i] ?? null }),
    }));
    return printJson(terminal, { pipeline, table: fullName(table), version, total, columns: kept, rows: written });
  }
  const width = terminal.out.isTTY === true && terminal.out.columns ? terminal.out.columns : Number.POSITIVE_INFINITY;
  terminal.out.write(rowsText(table.layer === 'quarantine' && wanted === undefined, shown, wanted, width));
  const part = shown.total > shown.rows.length ? `${thousands(shown.rows.length)} of ` : '';
  const which = options.where === undefined ? '' : ` that ${shown.total === 1 ? 'matches' : 'match'} the condition`;
  terminal.out.write(`${fullName(table)}, version ${shown.version}: ${part}${counted(shown.total, 'row')}${which}
`);
}

function columnsNamed(names: string, table: LakeTable, { columns: known }: ShownTable): ShownTable['columns'] {
  return names.split(',').map((part) => {
    const name = part.trim();
    const found = known.find((column) => column.name === name);
    if (found !== undefined) return found;
    const hint = suggestion(
      name,
      known.map((column) => column.name),
    );
    throw refused('MR162', '--columns', `${fullName(table)} has no column "${name}"`, hint, 2);
  });
}

async function list(terminal: Terminal, root: Root, pipeline: string, built: readonly LakeTable[], options: Options) {
  const shown = built.length === 0 ? [] : await showTables(root, pipeline, built, { rows: 0 });
  const tables = built.map((table, i) => ({
    table: fullName(table),
    rows: shown[i]!.total,
    version: shown[i]!.version,
    columns: shown[i]!.columns,
  }));
  if (options.json) return printJson(terminal, { pipeline, tables });
  if (tables.length === 0) {
    terminal.out.write(`${pipeline} has no tables in ${root.folder} yet\n  try   millrace run ${pipeline}\n`);
    return;
  }
  const head = ['table', 'rows', 'version'];
  const cells = tables.map((each) => [each.table, thousands(each.rows), String(each.version)]);
  terminal.out.write(columns([head, ...cells]));
}

/** MR163: `show` cannot read the tables of an environment. */
async function elsewhere(terminal: Terminal, env: string, pipeline: string, table: string | undefined) {
  const environment = environmentOf(terminal, env);
  const { namesOf } = await import('../environment/names.ts');
  const { database } = namesOf(environment).pipeline(pipeline);
  const [layer, name] = table === undefined || !table.includes('.') ? [undefined, table] : table.split('.');
  const hint =
    layer === 'quarantine'
      ? `query the quarantined rows with Spark: SELECT * FROM delta.\`s3://${namesOf(environment).bucket('lake')}/${layout.quarantine(pipeline, name!).slice(0, -1)}\``
      : `query Athena: SELECT * FROM "${database}"."${name ?? 'a table'}" LIMIT 20`;
  return refused('MR163', `--env ${env}`, 'show reads only tables on this machine', hint, 2);
}

const refused = (code: Issue['code'], path: string, message: string, hint: string, exitCode: ExitCode) =>
  new MillraceError([{ code, path, message, hint }], exitCode);
