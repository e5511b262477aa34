import type { CheckedDefinition } from '../definition/schema.ts';
import type { Issue } from '../errors.ts';
import { objectiveOf } from '../learning/learning.ts';

/**
 * MR143 for columns whose names SQL takes for one: Spark does not tell `id` from `ID`. Both may be in a file, where `headers` gives
 * each a name that differs by more than its case.
 */
export function checkColumnNames(definition: CheckedDefinition, place: string): Issue[] {
  const issues: Issue[] = [];
  const claim = (names: readonly string[], path: string, of: string, hint: string) => {
    const seen = new Map<string, string>();
    for (const name of names) {
      const first = seen.get(name.toLowerCase());
      if (first === undefined) seen.set(name.toLowerCase(), name);
      else {
        const message =
          first === name
            ? `"${of}" has two columns "${name}"`
            : `"${of}" has columns "${first}" and "${name}", which SQL takes for one`;
        issues.push({ code: 'MR143', path: `${place}  ${path}`, message, hint });
      }
    }
  };
  for (const [name, source] of Object.entries(definition.sources)) {
    const columns: readonly string[] = Array.isArray(source.columns) ? source.columns : Object.keys(source.columns);
    const last = columns.at(-1) ?? 'id';
    claim(
      columns,
      `sources.${name}.columns`,
      name,
      `give one another name, and its name in the file by \`headers: { ${last}_2: '${last}' }\``,
    );
    const headers = 'headers' in source ? Object.values(source.headers ?? {}) : [];
    const twice = headers.filter((header, i) => headers.indexOf(header) !== i);
    for (const header of new Set(twice)) {
      const message = `two columns of "${name}" are read from "${header}" of its files`;
      issues.push({
        code: 'MR143',
        path: `${place}  sources.${name}.headers`,
        message,
        hint: 'read it once, and copy it in SQL',
      });
    }
  }
  for (const [name, table] of Object.entries(definition.tables)) {
    claim(Object.keys(table.columns), `tables.${name}.columns`, name, 'rename one of them, in the SQL as well');
  }
  for (const [name, model] of Object.entries(definition.models ?? {})) {
    const key = definition.tables[model.features]?.key ?? [];
    if (model.predictions === undefined) continue;
    const hint = `rename the key column of "${model.features}", or leave out \`predictions\``;
    const predicted = objectiveOf(model).predicted.columns.map((column) => column.name);
    claim([...predicted, 'model_version', ...key], `models.${name}.predictions`, model.predictions, hint);
  }
  return issues;
}
