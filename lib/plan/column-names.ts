import type { CheckedDefinition } from '../definition/schema.ts';
import type { Issue } from '../errors.ts';
import { objectiveOf } from '../learning/learning.ts';

/**
 * MR143 for columns whose names are equal in SQL: Spark does not distinguish `id` from `ID`. A file may have both, if `headers` gives
 * them names that differ by more than case.
 */
export function checkColumnNames(definition: CheckedDefinition, place: string): Issue[] {
  const issues: Issue[] = [];
  const claim = (names: readonly string[], path: string, owner: string, hint: string) => {
    const seen = new Map<string, string>();
    for (const name of names) {
      const first = seen.get(name.toLowerCase());
      if (first === undefined) seen.set(name.toLowerCase(), name);
      else {
        const message =
          first === name
            ? `"${owner}" has two columns "${name}"`
            : `"${owner}" has columns "${first}" and "${name}", which are the same name in SQL`;
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
      `rename one of them, and map its name in the file with \`headers: { ${last}_2: '${last}' }\``,
    );
    const headers = 'headers' in source ? Object.values(source.headers ?? {}) : [];
    const twice = headers.filter((header, i) => headers.indexOf(header) !== i);
    for (const header of new Set(twice)) {
      const message = `two columns of "${name}" are read from the same file column "${header}"`;
      issues.push({
        code: 'MR143',
        path: `${place}  sources.${name}.headers`,
        message,
        hint: 'read it once and copy it in SQL',
      });
    }
  }
  for (const [name, table] of Object.entries(definition.tables)) {
    claim(Object.keys(table.columns), `tables.${name}.columns`, name, 'rename one of them, in the SQL too');
  }
  for (const [name, model] of Object.entries(definition.models ?? {})) {
    const key = definition.tables[model.features]?.key ?? [];
    if (model.predictions === undefined) continue;
    const hint = `rename the key column of "${model.features}", or remove \`predictions\``;
    const predicted = objectiveOf(model).predicted.columns.map((column) => column.name);
    claim([...predicted, 'model_version', ...key], `models.${name}.predictions`, model.predictions, hint);
  }
  return issues;
}
