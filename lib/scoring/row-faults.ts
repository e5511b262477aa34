import type { Model } from '../documents/model.ts';
import type { Issue } from '../errors.ts';
import type { ColumnType } from '../plan/schema.ts';
import { suggestion } from '../plan/suggest.ts';
import { numberIn, type Row } from './score.ts';

/** The columns that a row to score may have, and their types. */
export interface RowContract {
  /** Column of the feature table -> its type. For an unlisted feature, any value that can be converted to its kind is accepted. */
  types: ReadonlyMap<string, ColumnType>;
  /** Columns that a row may have in addition to features, key and label, such as constant inputs. */
  others: readonly string[];
}

/**
 * MR137 for each missing feature, each unknown name and each value of another type in a row. A null is an intentional missing value.
 * `where` names the row.
 */
export function faultsOf(model: Model, row: Row, contract: RowContract, where: string): Issue[] {
  const issue = (path: string, message: string, hint: string): Issue => ({ code: 'MR137', path, message, hint });
  const features = model.features.map(({ name }) => name);
  const allowed = new Set([...features, ...model.key, model.label, ...contract.others]);
  const unknown = Object.keys(row).filter((name) => !allowed.has(name));
  const absent = features.filter((name) => !Object.hasOwn(row, name));
  const faults = unknown.map((name) => {
    const shown = name.length > 60 ? `${name.slice(0, 60)}...` : name;
    // A name much longer than any column name is not near any of them.
    const hint = name.length > 200 ? `known: ${features.slice(0, 20).join(', ')}` : suggestion(name, features);
    return issue(`${where}  ${shown}`, `the model has no feature "${shown}"`, hint);
  });
  if (absent.length > 0) {
    const message = `${absent.length === 1 ? 'a feature is' : `${absent.length} features are`} missing: ${absent.join(', ')}`;
    faults.push(issue(where, message, 'add each, with null for an unknown value, or use --lenient'));
  }
  for (const feature of model.features) {
    if (!Object.hasOwn(row, feature.name)) continue;
    const wanted = wants(feature.kind, contract.types.get(feature.name), row[feature.name]);
    if (wanted === undefined) continue;
    const message = `${feature.name} is ${shownValue(row[feature.name])}, but must be ${wanted}`;
    faults.push(issue(`${where}  ${feature.name}`, message, 'correct it, or write null for an unknown value'));
  }
  return faults;
}

/**
 * MR137 for each feature that the feature table lacks or has with a type that the model cannot read, as after a roll-back to a version
 * that was trained before the table changed. `columns` are those of the table, `names` those of the rows in it.
 */
export function tableFaults(
  model: Model,
  names: readonly string[],
  columns: ReadonlyMap<string, ColumnType>,
  table: string,
): Issue[] {
  const version = `v${model.model_version} of ${model.name}`;
  const hint =
    'make a version live that was trained on this table (`millrace models list` shows all), or use --lenient';
  return model.features.flatMap(({ name, kind }): Issue[] => {
    const type = columns.get(name);
    const isText = type === 'string';
    if (names.includes(name) && (type === undefined || isText === (kind === 'categorical'))) return [];
    const message = names.includes(name)
      ? `${version} learned ${name} as ${kind === 'categorical' ? 'text' : 'a number'}, and ${table} has it as ${type}`
      : `${version} needs the feature ${name}, which ${table} does not have`;
    return [{ code: 'MR137', path: table, message, hint }];
  });
}

/** The expected type of a value; undefined if it matches. */
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
      return isTime ? undefined : `a ${type} such as 2025-06-30${type === 'date' ? '' : 'T12:00:00Z'}`;
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
