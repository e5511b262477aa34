import { columnOf } from '../definition/columns.ts';
import type { CheckedDefinition, CheckedTable } from '../definition/schema.ts';
import type { Issue } from '../errors.ts';
import { boundsOf } from './bounds.ts';
import { fingerprint } from './canonical-json.ts';
import { incrementalIssues } from './incremental.ts';
import { repeatableIssues } from './repeatable.ts';
import { ruleIssues } from './rules.ts';
import type { Read, Rule, Task, TransformTask } from './schema.ts';
import { analyseSql, placeOfOutput, type SqlAnalysis, sqlParameters } from './sql.ts';
import { stageOf } from './stages.ts';
import { suggestion } from './suggest.ts';
import { traitsOf } from './task-kinds.ts';

/** Compiles one table of the definition and analyses its SQL against its upstream tables. */
export function transformTask(
  definition: CheckedDefinition,
  name: string,
  before: readonly Task[],
  sqlFiles: Readonly<Record<string, string>>,
  place: string,
): { task?: TransformTask; issues: Issue[] } {
  const table = definition.tables[name]!;
  const folder = place.includes('/') ? place.slice(0, place.lastIndexOf('/') + 1) : '';
  const sql = sqlFiles[table.sql];
  if (sql === undefined) {
    const hint = suggestion(table.sql, Object.keys(sqlFiles));
    const message = `the file ${folder}${table.sql} does not exist or cannot be read`;
    return { issues: [{ code: 'MR106', path: `${place}  tables.${name}.sql`, message, hint }] };
  }
  const upstream = Object.keys(table.reads).map((read) => before.find((task) => task.name === read));
  // An upstream table with issues is missing here; its readers would only repeat them.
  if (upstream.some((task) => task === undefined)) return { issues: [] };
  const visible = upstream.map((task) => ({ name: task!.name, columns: traitsOf(task!).visible(task!) }));
  const analysis = analyseSql(sql, folder + table.sql, visible);
  const reads = Object.entries(table.reads).map(([read, spec]) => readOf(read, spec));
  const ruleTexts = [...reads.flatMap((r) => [...r.keep, ...r.quarantine])].flatMap((r) => ('sql' in r ? [r.sql] : []));
  const expect = Object.entries(table.expect ?? {}).map(([rule, spec]) => expectationOf(rule, spec));
  const parameters = [
    ...new Set([...analysis.parameters, ...[...ruleTexts, ...expect.map((e) => e.sql)].flatMap(sqlParameters)]),
  ].sort();
  const columns = Object.entries(table.columns).map(([column, spec]) => columnOf(column, spec));
  const issues = [
    ...analysis.issues,
    ...(analysis.issues.length > 0 ? [] : contractIssues(name, table, sql, folder, analysis, reads)),
    ...parameterIssues(definition, parameters, `${place}  tables.${name}`),
    ...ruleIssues(reads, expect, visible, { name, columns }, `${place}  tables.${name}`),
    ...repeatableIssues(
      { sql, sqlFile: folder + table.sql, reads },
      visible.flatMap((each) => each.columns.map((column) => column.name)),
      `${place}  tables.${name}`,
    ),
  ];
  if (issues.length === 0) {
    issues.push(...incrementalIssues({ name, columns, place, sql, file: folder + table.sql }, reads, visible));
  }
  if (issues.length > 0) return { issues };

  const contract = {
    layer: table.layer,
    columns,
    key: [...(table.key ?? [])],
    latestBy: [...(table.latestBy ?? [])],
    partitionBy: [...(table.partitionBy ?? [])],
  };
  const fingerprints = new Map(upstream.map((task) => [task!.name, task!.fingerprint.value]));
  const task: TransformTask = {
    kind: 'transform',
    name,
    stage: stageOf('transform', definition),
    upstream: Object.keys(table.reads),
    sqlFile: folder + table.sql,
    sql,
    reads,
    ...contract,
    ...boundsOf(table.bounds),
    expect,
    parameters,
    lineage: analysis.lineage,
    fingerprint: fingerprint('transform', { SQL: analysis.normalForm, contract, rules: [reads, expect] }, fingerprints),
  };
  return { task, issues: [] };
}

function expectationOf(
  name: string,
  spec: NonNullable<CheckedTable['expect']>[string],
): TransformTask['expect'][number] {
  if (typeof spec === 'string') return { name, sql: spec, severity: 'error' };
  const { sql, severity = 'error', on } = spec;
  return { name, sql, severity, ...(on === 'table' && { on }) };
}

function readOf(table: string, spec: CheckedTable['reads'][string]): Read {
  const rules = (entries: Readonly<Record<string, string | { column: string; isIn: string }>> = {}): Rule[] =>
    Object.entries(entries).map(([name, rule]) => (typeof rule === 'string' ? { name, sql: rule } : { name, ...rule }));
  return {
    table,
    use: spec.use,
    scope: spec.scope ?? 'all',
    keep: rules(spec.keep),
    quarantine: rules(spec.quarantine),
  };
}

/** Checks that the SQL returns exactly the contract's columns and the accounting columns. */
function contractIssues(
  name: string,
  table: CheckedTable,
  sql: string,
  folder: string,
  analysis: SqlAnalysis,
  reads: readonly Read[],
): Issue[] {
  const file = folder + table.sql;
  const issues: Issue[] = [];
  const owned = accountingColumns(reads);
  const required = [...Object.keys(table.columns), ...owned];
  for (const column of required.filter((column) => !analysis.outputs.includes(column))) {
    const owner = owned.includes(column);
    const surplus = analysis.outputs.filter((output) => !required.includes(output));
    issues.push({
      code: owner ? 'MR113' : 'MR111',
      path: file,
      message: owner
        ? `"${column}" is missing; row accounting of "${name}" needs it`
        : `the contract of "${name}" has a column "${column}", which the SQL does not return`,
      hint: owner
        ? column === '_row'
          ? 'select _row of the table that these rows come from'
          : `select count(*) AS ${column}, the number of rows counted into each output row (0 if there are none)`
        : suggestion(column, surplus),
    });
  }
  for (const column of analysis.outputs.filter((output) => !required.includes(output))) {
    issues.push({
      code: 'MR111',
      path: placeOfOutput(sql, file, column),
      message: `the SQL returns "${column}", which the contract of "${name}" does not have`,
      hint: suggestion(column, Object.keys(table.columns)),
    });
  }
  for (const read of reads.filter((r) => !analysis.tables.includes(r.table))) {
    const only = [...reads].some((r) =>
      [...r.keep, ...r.quarantine].some((rule) => 'isIn' in rule && rule.isIn === read.table),
    );
    if (only) continue;
    issues.push({
      code: 'MR115',
      path: file,
      message: `"${name}" lists "${read.table}" in reads, but its SQL does not read it`,
      hint: 'read it, or remove it from reads',
    });
  }
  return issues;
}

/** `_row` if rows pass through one to one, `_rows_x` for each aggregated table x. */
function accountingColumns(reads: readonly Read[]): string[] {
  const rows = reads.some((read) => read.use === 'rows') ? ['_row'] : [];
  return [...rows, ...reads.filter((read) => read.use === 'aggregate').map((read) => `_rows_${read.table}`)];
}

function parameterIssues(definition: CheckedDefinition, parameters: readonly string[], path: string): Issue[] {
  const known = Object.keys(definition.parameters ?? {});
  return parameters
    .filter((parameter) => !known.includes(parameter))
    .map((parameter) => ({
      code: 'MR108',
      path,
      message: `":${parameter}" is not a parameter of the pipeline`,
      hint: suggestion(parameter, known),
    }));
}
