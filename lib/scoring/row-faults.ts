import type { Model } from '../documents/model.ts';
import type { Issue } from '../errors.ts';
import type { ColumnType } from '../plan/schema.ts';
import { suggestion } from '../plan/suggest.ts';
import { numberIn, type Row } from './score.ts';

/** What a model is asked to score: which columns a row may have, and what each of them holds. */
export interface RowContract {
  /** Column of the features table -> its type. Of a feature that is not listed, any value that can be read as its kind is taken. */
  types: ReadonlyMap<string, ColumnType>;
  /** Columns that a row may have beside the features, key and label of the model: inputs that were constant, for example. */
  others: readonly string[];
}

/**
 * What keeps a row from being scored as it was meant: MR137 for each feature that it lacks, each name that nobody knows and each value
 * of another type. A null is a missing value, said on purpose. `where` names the row.
 */
export function faultsOf(model: Model, row: Row, contract: RowContract, where: string): Issue[] {
  const issue = (path: string, message: string, hint: string): Issue => ({ code: 'MR137', path, message, hint });
  const features = model.features.map(({ name }) => name);
  const allowed = new Set([...features, ...model.key, model.label, ...contract.others]);
  const unknown = Object.keys(row).filter((name) => !allowed.has(name));
  const absent = features.filter((name) => !Object.hasOwn(row, name));
  const faults = unknown.map((name) => {
    const shown = name.length > 60 ? `${name.slice(0, 60)}...` : name;
    // A name far longer than any column's is near none of them.
    const hint = name.length > 200 ? `known: ${features.slice(0, 20).join(', ')}` : suggestion(name, features);
    return issue(`${where}  ${shown}`, `the model has no feature "${shown}"`, hint);
  });
  if (absent.length > 0) {
    const message = `${absent.length === 1 ? 'a feature is' : `${absent.length} features are`} not given: ${absent.join(', ')}`;
    faults.push(issue(where, message, 'give each, null where it is not known, or use --lenient'));
  }
  for (const feature of model.features) {
    if (!Object.hasOwn(row, feature.name)) continue;
    const wanted = wants(feature.kind, contract.types.get(feature.name), row[feature.name]);
    if (wanted === undefined) continue;
    const message = `${feature.name} is ${shownValue(row[feature.name])}, and must be ${wanted}`;
    faults.push(issue(`${where}  ${feature.name}`, message, 'correct it, or write null where it is not known'));
  }
  return faults;
}

/** What a value should be, where it is not. */
function wants(
  kind: Model['features'][number]['kind'],
  type: ColumnType | undefined,
  value: unknown,
): string | undefined {
  if (value === null || Number.isNaN(value)) return undefined;
  if (kind === 'categorical') return typeof value === 'string' ? undefined : 'a text';
  const isNumber = typeof value === 'number' || typeof value === 'bigint';
  const isTime =
    value instanceof Date || (typeof value === 'string' && /^\d{4}-/.test(value) && numberIn(value) !== undefined);
  switch (type) {
    case 'boolean':
      return typeof value === 'boolean' || value === 0 || value === 1 ? undefined : 'true or false';
    case 'date':
    case 'timestamp':
      return isTime ? undefined : `a ${type}, as 2025-06-30${type === 'date' ? '' : 'T12:00:00Z'}`;
    case undefined:
      return isNumber || isTime || typeof value === 'boolean' ? undefined : 'a number, a date or true or false';
    default:
      return isNumber ? undefined : 'a number';
  }
}

function shownValue(value: unknown): string {
  const text =
    JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? String(part) : part)) ?? typeof value;
  return text.length > 40 ? `${text.slice(0, 40)}...` : text;
}
