import type { CheckedDefinition, CheckedTable } from '../definition/schema.ts';
import type { Issue } from '../errors.ts';
import { suggestion } from './suggest.ts';

/** MR102: names must be unique, because they share the lake's folders and the task list. */
export function checkNames(definition: CheckedDefinition, place: string): Issue[] {
  const owners = new Map<string, string>();
  const issues: Issue[] = [];
  const claim = (name: string, owner: string) => {
    const first = owners.get(name);
    if (first === undefined) owners.set(name, owner);
    else
      issues.push({
        code: 'MR102',
        path: `${place}  ${owner}`,
        message: `the name "${name}" is already used by ${first}`,
        hint: 'rename one of them',
      });
  };
  for (const name of Object.keys(definition.sources)) claim(name, `sources.${name}`);
  for (const name of Object.keys(definition.tables)) claim(name, `tables.${name}`);
  for (const [name, model] of Object.entries(definition.models ?? {})) {
    if (model.predictions !== undefined) claim(model.predictions, `models.${name}.predictions`);
  }
  return issues;
}

/** Checks every name in a definition that must refer to a table or a column. */
export function checkReferences(definition: CheckedDefinition, place: string): Issue[] {
  const columnsOf = (name: string): string[] | undefined => {
    const source = definition.sources[name];
    if (source !== undefined) {
      const columns = Array.isArray(source.columns) ? source.columns : Object.keys(source.columns);
      return [...columns, ...Object.keys(source.partitions ?? {})];
    }
    const table = definition.tables[name];
    return table === undefined ? undefined : Object.keys(table.columns);
  };
  const known = [...Object.keys(definition.sources), ...Object.keys(definition.tables)];
  const issues: Issue[] = [];
  const column = (name: string, columns: readonly string[], path: string, owner: string) => {
    if (columns.includes(name)) return;
    const message = `"${name}" is not a column of ${owner}`;
    issues.push({ code: 'MR103', path: `${place}  ${path}`, message, hint: suggestion(name, columns) });
  };

  for (const [name, source] of Object.entries(definition.sources)) {
    const columns = columnsOf(name)!;
    for (const header of Object.keys('headers' in source ? (source.headers ?? {}) : {}))
      column(header, columns, `sources.${name}.headers`, name);
    const lacking = 'mayLack' in source ? (source.mayLack ?? []) : [];
    for (const lacked of lacking) column(lacked, columns, `sources.${name}.mayLack`, name);
  }
  for (const [name, table] of Object.entries(definition.tables)) {
    const existing = Object.keys(table.columns);
    for (const list of ['key', 'latestBy', 'partitionBy'] as const) {
      for (const entry of table[list] ?? []) column(entry, existing, `tables.${name}.${list}`, name);
    }
    for (const entry of Object.keys(table.bounds?.nulls ?? {}))
      column(entry, existing, `tables.${name}.bounds.nulls`, name);
    issues.push(...scopeIssues(name, table, place));
    for (const [upstream, read] of Object.entries(table.reads)) {
      const path = `tables.${name}.reads.${upstream}`;
      const columns = columnsOf(upstream);
      if (columns === undefined || upstream === name) {
        const others = known.filter((other) => other !== name);
        issues.push({
          code: 'MR104',
          path: `${place}  tables.${name}.reads`,
          message: `table "${name}" reads "${upstream}", which no source or other table produces`,
          hint: suggestion(upstream, others),
        });
        continue;
      }
      if (typeof read.scope === 'object') column(read.scope.affected, columns, `${path}.scope`, upstream);
      for (const rule of [...Object.values(read.keep ?? {}), ...Object.values(read.quarantine ?? {})]) {
        if (typeof rule === 'string') continue;
        column(rule.column, columns, path, upstream);
        if (!(rule.isIn in table.reads)) {
          issues.push({
            code: 'MR104',
            path: `${place}  ${path}`,
            message: `a rule refers to "${rule.isIn}", which "${name}" does not read`,
            hint: suggestion(rule.isIn, Object.keys(table.reads)),
          });
        } else column(rule.column, columnsOf(rule.isIn) ?? [], path, rule.isIn);
      }
    }
  }
  for (const [name, model] of Object.entries(definition.models ?? {})) {
    const columns = definition.tables[model.features];
    if (columns === undefined) {
      issues.push({
        code: 'MR104',
        path: `${place}  models.${name}.features`,
        message: `model "${name}" uses "${model.features}" as features, which is not a table`,
        hint: suggestion(model.features, Object.keys(definition.tables)),
      });
      continue;
    }
    for (const entry of [model.label, ...(model.inputs ?? []), ...(model.gate?.slices ?? []).map((s) => s.column)]) {
      column(entry, Object.keys(columns.columns), `models.${name}`, model.features);
    }
    if ((columns.key ?? []).length === 0) {
      issues.push({
        code: 'MR107',
        path: `${place}  tables.${model.features}.key`,
        message: `the feature table of model "${name}" has no key, which is needed to split and to score rows`,
        hint: 'give the table a key',
      });
    }
  }
  return issues;
}

const kindOfScope = (scope: NonNullable<CheckedTable['reads'][string]['scope']>) =>
  typeof scope === 'object' ? 'affected' : scope;

/** The conditions under which incremental scopes give the same result as a full run. */
function scopeIssues(name: string, table: CheckedTable, place: string): Issue[] {
  const issues: Issue[] = [];
  const say = (message: string, hint: string) =>
    issues.push({ code: 'MR107', path: `${place}  tables.${name}.reads`, message, hint });
  const reads = Object.entries(table.reads);
  const scopes = reads.map(([, read]) => read.scope ?? 'all');
  const affected = [...new Set(scopes.flatMap((scope) => (typeof scope === 'object' ? [scope.affected] : [])))];
  const consumed = reads.filter(([, read]) => read.use !== 'lookup');
  if (consumed.length === 0)
    say(`"${name}" has only lookups, so it reads no rows`, 'set use: rows or use: aggregate for one read');
  if (affected.length > 1)
    say(`"${name}" is affected by two keys: ${affected.join(', ')}`, 'use one key in all scopes');
  if (affected.length === 1 && !(table.key ?? []).includes(affected[0]!)) {
    say(`"${name}" is affected by "${affected[0]}", which is not in its key`, `add "${affected[0]}" to the key`);
  }
  const partial = scopes.find((scope) => scope !== 'all');
  for (const [upstream, read] of reads) {
    const scope = read.scope ?? 'all';
    // A run that is incremental for one scope would skip rows of the others or read them twice.
    if (read.use !== 'lookup' && partial !== undefined && kindOfScope(scope) !== kindOfScope(partial)) {
      say(
        `"${name}" mixes the scopes ${kindOfScope(partial)} and ${kindOfScope(scope)}, so some rows of "${upstream}" would be left out or counted twice`,
        `read "${upstream}" with the same scope as the others`,
      );
    }
    if (read.use === 'lookup' && scope === 'new') {
      say(`"${name}" looks up only new rows of "${upstream}"`, `read "${upstream}" with scope 'all'`);
    }
  }
  for (const column of table.key ?? []) {
    const spec = table.columns[column];
    if (spec?.endsWith('?')) {
      issues.push({
        code: 'MR107',
        path: `${place}  tables.${name}.columns.${column}`,
        message: `"${column}" is in the key of "${name}" and nullable, but every row needs a key`,
        hint: `write '${spec.slice(0, -1)}': rows without it are quarantined; for an aggregate, filter them with a rule`,
      });
    }
  }
  if (scopes.includes('new') && (table.key ?? []).length > 0) {
    say(`"${name}" has a key and reads only new rows, so an older row could win`, 'use affected(key) instead of new');
  }
  const aggregatesNew = reads.some(([, read]) => read.use === 'aggregate' && read.scope === 'new');
  if (aggregatesNew) say(`"${name}" aggregates only new rows, so totals would be partial`, 'use affected(key) or all');
  if ((table.latestBy ?? []).length > 0 && (table.key ?? []).length === 0) {
    say(`"${name}" has latestBy but no key`, 'add a key, or remove latestBy');
  }
  return issues;
}
