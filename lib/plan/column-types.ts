import { isNested } from '../definition/column-types.ts';
import type { CheckedDefinition } from '../definition/schema.ts';
import type { Issue } from '../errors.ts';

type CheckedSource = CheckedDefinition['sources'][string];

/** Columns whose type does not go with what they are used for, and csv options that contradict each other: MR150 to MR154. */
export function checkColumnTypes(definition: CheckedDefinition, place: string): Issue[] {
  const issues: Issue[] = [];
  const say = (code: string, path: string, message: string, hint: string) =>
    issues.push({ code, path: `${place}  ${path}`, message, hint });
  for (const [name, source] of Object.entries(definition.sources)) {
    const path = `sources.${name}`;
    if (source.format === 'csv')
      for (const issue of csvIssues(source)) say(issue.code, path + issue.at, issue.message, issue.hint);
    const lacking = 'mayLack' in source ? (source.mayLack ?? []) : [];
    if (Array.isArray(source.columns)) continue;
    for (const column of lacking) {
      const spec = source.columns[column];
      if (spec === undefined || spec.endsWith('?')) continue;
      say(
        'MR153',
        `${path}.mayLack`,
        `"${column}" is ${spec}, so it is never null, also where a file lacks it`,
        `'${spec}?'`,
      );
    }
  }
  for (const [name, table] of Object.entries(definition.tables)) {
    for (const use of ['key', 'latestBy', 'partitionBy'] as const) {
      for (const column of table[use] ?? []) {
        const type = typeIn(table.columns, column);
        if (!isNested(type) && !(type === 'binary' && use !== 'latestBy')) continue;
        const message = `"${column}" is ${type}, by which rows are not told apart`;
        say('MR151', `tables.${name}.${use}`, message, 'use a column that holds one plain value');
      }
    }
  }
  for (const [name, model] of Object.entries(definition.models ?? {})) {
    const table = definition.tables[model.features];
    if (table === undefined) continue;
    const own = new Set([...(table.key ?? []), model.label]);
    const inputs = model.inputs ?? Object.keys(table.columns).filter((column) => !own.has(column));
    for (const column of [...inputs, model.label]) {
      const type = typeIn(table.columns, column);
      if (!isNested(type) && type !== 'binary') continue;
      const hint = 'leave it out with `inputs`, or compute plain columns from it';
      const role = column === model.label ? 'label' : 'input';
      say(
        'MR150',
        `models.${name}.${role === 'label' ? 'label' : 'inputs'}`,
        `the ${role} "${column}" is ${type}, from which no model learns`,
        hint,
      );
    }
  }
  return issues;
}

const typeIn = (columns: Readonly<Record<string, string>>, column: string) =>
  (columns[column] ?? '').replace(/\?$/, '');

function csvIssues(
  source: Extract<CheckedSource, { format: 'csv' }>,
): (Omit<Issue, 'path' | 'hint'> & { at: string; hint: string })[] {
  const issues: (Omit<Issue, 'path' | 'hint'> & { at: string; hint: string })[] = [];
  const { columns, delimiter = ',', quote = '"', quoting, comment, header, headers, decimal, thousands } = source;
  for (const [name, spec] of Array.isArray(columns) ? [] : Object.entries(columns)) {
    const type = spec.replace(/\?$/, '');
    if (!isNested(type) && type !== 'binary') continue;
    issues.push({
      code: 'MR152',
      at: `.columns.${name}`,
      message: `"${name}" is ${type}, which no cell of a csv holds`,
      hint: `declare it 'string', and take it apart with from_json, split or unbase64 in a silver table`,
    });
  }
  const clash = (at: string, message: string, hint: string) =>
    issues.push({ code: 'MR154', at: `.${at}`, message, hint });
  const signs = Object.entries({
    delimiter,
    quote: quoting === 'none' ? undefined : quote,
    escape: source.escape,
    comment,
  });
  const used = new Map<string, string>();
  for (const [option, sign] of signs) {
    if (sign === undefined) continue;
    const other = used.get(sign);
    if (other === undefined) used.set(sign, option);
    else clash(option, `${option} and ${other} are the same sign, ${JSON.stringify(sign)}`, escapeHint(option, other));
  }
  if (quoting === 'none' && source.quote !== undefined)
    clash('quote', `there is no quote with quoting: 'none'`, 'leave one of them out');
  if (header === 0 && Object.keys(headers ?? {}).length > 0)
    clash(
      'headers',
      'a file without a header has no names to map',
      'leave `headers` out: the columns are in the order of the file',
    );
  if (header === 0 && (source.mayLack ?? []).length > 0)
    clash('mayLack', 'columns that are found by their place are in every file', 'leave `mayLack` out');
  if (thousands !== undefined && thousands === (decimal ?? '.'))
    clash(
      'thousands',
      `decimal and thousands are the same sign, "${thousands}"`,
      `decimal: '${thousands === ',' ? '.' : ','}'`,
    );
  if (Array.isArray(columns)) {
    for (const option of ['decimal', 'thousands'] as const) {
      if (source[option] !== undefined)
        clash(
          option,
          'columns without types are strings, in which no number is read',
          `give the columns types: { amount: 'double?' }`,
        );
    }
  }
  return issues;
}

const escapeHint = (option: string, other: string) =>
  option === 'escape' && other === 'quote'
    ? 'leave `escape` out: two quotes inside quotes are one'
    : 'choose different signs';
