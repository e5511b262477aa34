import { isNested } from '../definition/column-types.ts';
import { formatOf } from '../definition/formats/formats.ts';
import type { CheckedDefinition } from '../definition/schema.ts';
import type { Issue } from '../errors.ts';
import { objectiveOf } from '../learning/learning.ts';

/** MR150 to MR154: column types that do not fit their use, and contradicting format options. */
export function checkColumnTypes(definition: CheckedDefinition, place: string): Issue[] {
  const issues: Issue[] = [];
  const say = (code: string, path: string, message: string, hint: string) =>
    issues.push({ code, path: `${place}  ${path}`, message, hint });
  for (const [name, source] of Object.entries(definition.sources)) {
    const path = `sources.${name}`;
    for (const issue of formatOf(source).issues(source)) say(issue.code, path + issue.at, issue.message, issue.hint);
    const lacking = 'mayLack' in source ? (source.mayLack ?? []) : [];
    if (Array.isArray(source.columns)) continue;
    for (const column of lacking) {
      const spec = source.columns[column];
      if (spec === undefined || spec.endsWith('?')) continue;
      say(
        'MR153',
        `${path}.mayLack`,
        `"${column}" is ${spec}, which is not nullable, but files may lack it`,
        `'${spec}?'`,
      );
    }
  }
  for (const [name, table] of Object.entries(definition.tables)) {
    for (const use of ['key', 'latestBy', 'partitionBy'] as const) {
      for (const column of table[use] ?? []) {
        const type = typeIn(table.columns, column);
        if (!isNested(type) && !(type === 'binary' && use !== 'latestBy')) continue;
        const message = `"${column}" is ${type}, which cannot identify rows`;
        say('MR151', `tables.${name}.${use}`, message, 'use a column with plain values');
      }
    }
  }
  for (const [name, model] of Object.entries(definition.models ?? {})) {
    const table = definition.tables[model.features];
    if (table === undefined) continue;
    const { labelTypes, parts } = objectiveOf(model);
    const labelType = typeIn(table.columns, model.label);
    // A label that is not a column is MR103.
    if (labelType !== '' && !isNested(labelType) && labelType !== 'binary' && !labelTypes.test(labelType)) {
      const message = `the label "${model.label}" is ${labelType}, which the objective "${parts.name}" does not predict`;
      say('MR150', `models.${name}.label`, message, 'cast it in the SQL that makes it, or use another `objective`');
    }
    const excluded = new Set([...(table.key ?? []), model.label]);
    const inputs = model.inputs ?? Object.keys(table.columns).filter((column) => !excluded.has(column));
    for (const column of [...inputs, model.label]) {
      const type = typeIn(table.columns, column);
      if (!isNested(type) && type !== 'binary') continue;
      const hint = 'exclude it with `inputs`, or compute plain columns from it';
      const role = column === model.label ? 'label' : 'input';
      say(
        'MR150',
        `models.${name}.${role === 'label' ? 'label' : 'inputs'}`,
        `the ${role} "${column}" is ${type}, which models do not support`,
        hint,
      );
    }
  }
  return issues;
}

const typeIn = (columns: Readonly<Record<string, string>>, column: string) =>
  (columns[column] ?? '').replace(/\?$/, '');
