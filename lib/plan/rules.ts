import type { Issue } from '../errors.ts';
import type { Read, TransformTask } from './schema.ts';
import { hasQuery, sqlIssues, type VisibleTable } from './sql.ts';

/** MR109 for each rule and expectation that names a column which its table does not have. `place`: that of the table. */
export function ruleIssues(
  reads: readonly Read[],
  expect: TransformTask['expect'],
  tables: readonly VisibleTable[],
  made: VisibleTable,
  place: string,
): Issue[] {
  const ofReads = reads.flatMap((read) =>
    (['quarantine', 'keep'] as const).flatMap((list) =>
      read[list].flatMap((rule) => {
        const at = `${place}.reads.${read.table}.${list}.${rule.name}`;
        return 'sql' in rule
          ? unknownColumns(
              rule.sql,
              tables.find(({ name }) => name === read.table),
              at,
            )
          : [];
      }),
    ),
  );
  return [...ofReads, ...expect.flatMap(({ name, sql }) => unknownColumns(sql, made, `${place}.expect.${name}`))];
}

function unknownColumns(sql: string, table: VisibleTable | undefined, path: string): Issue[] {
  // The tables of a subquery are not known here; the engine checks it.
  if (table === undefined || hasQuery(sql)) return [];
  return sqlIssues(`SELECT (${sql}) AS ok FROM \`${table.name}\``, path, [table])
    .filter(({ code }) => code === 'MR109')
    .map((issue) => ({ ...issue, path }));
}
