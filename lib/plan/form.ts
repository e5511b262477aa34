import type * as z from 'zod';
import { columnTypes } from '../definition/column-types.ts';
import { definitionSchema } from '../definition/schema.ts';
import type { Issue } from '../errors.ts';
import { suggestion } from './suggest.ts';

type Path = readonly PropertyKey[];
type FormIssue = z.core.$ZodIssue;

/** MR100 for each error of the schema: the place in the definition, the value there, and the allowed values. */
export function formIssues(found: readonly FormIssue[], definition: unknown, place: string): Issue[] {
  return found.flatMap((issue) => oneForm(issue, definition, place));
}

function oneForm(issue: FormIssue, definition: unknown, place: string): Issue[] {
  const at = (path: Path) => (path.length === 0 ? place : `${place}  ${path.join('.')}`);
  const mr100 = (message: string, hint = reference, path: Path = issue.path): Issue[] => [
    { code: 'MR100', path: at(path), message, hint },
  ];
  const value = written(definition, issue.path);
  if (isColumnType(issue.path) && issue.code !== 'invalid_key') {
    if (issue.code !== 'custom') return mr100(`${shown(value)} is not a column type`, typeWords);
    const word = String(issue.params?.['word']);
    const plain = /^\w+$/.test(word) && !/^(decimal|array|map|struct)$/.test(word);
    const why = plain && word === String(value).replace(/\?$/, '') ? '' : `: ${issue.message}`;
    return mr100(`${shown(value)} is not a column type${why}`, plain ? suggestion(word, columnTypes) : typeWords);
  }
  switch (issue.code) {
    case 'unrecognized_keys': {
      const known = optionsAt(issue.path, definition);
      return issue.keys.flatMap((key) => mr100(`"${key}" is not an option here`, suggestion(key, known)));
    }
    case 'invalid_key':
      return mr100(issue.issues[0]?.message ?? issue.message);
    case 'invalid_value':
      return mr100(`${shown(value)} is not allowed here`, suggestion(String(value), issue.values.map(String)));
    case 'invalid_union': {
      if (issue.errors.length === 0) {
        const known =
          'options' in issue ? (issue.options as unknown[]).filter((each) => each !== undefined).map(String) : [];
        return mr100(`${shown(value)} is not allowed here`, suggestion(String(value), known));
      }
      const nearest = issue.errors.find((errors) => errors.every(({ path }) => path.length > 0));
      if (nearest !== undefined) {
        const nested = nearest.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] }) as FormIssue);
        return formIssues(nested, definition, place);
      }
      return mr100(
        `${shown(value)} is not allowed here`,
        issue.errors.flatMap((errors) => errors.map(allowed)).join(', or '),
      );
    }
    case 'invalid_type':
      return value === undefined
        ? mr100(`"${String(issue.path.at(-1) ?? 'the definition')}" is missing`, `add ${article(issue.expected)}`)
        : mr100(`${shown(value)} is not ${article(issue.expected)}`);
    default:
      return mr100(issue.message);
  }
}

const typeWords = `${columnTypes.join(', ')}, decimal(10,2), array<...>, map<...,...>, struct<name:...>`;
const reference = 'docs/reference.md lists every option';

const allowed = (issue: FormIssue): string =>
  issue.code === 'invalid_value'
    ? issue.values.map((value) => JSON.stringify(value)).join(', ')
    : issue.code === 'invalid_type'
      ? article(issue.expected)
      : issue.message;

const article = (type: string) => (/^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`);

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'undefined';
  return text.length > 80 ? `${text.slice(0, 80)}...` : text;
}

/** `sources.x.columns.y` or `tables.x.columns.y`. */
const isColumnType = (path: Path) =>
  path.length === 4 &&
  (path[0] === 'sources' || path[0] === 'tables') &&
  path[2] === 'columns' &&
  typeof path[3] === 'string';

const written = (definition: unknown, path: Path): unknown =>
  path.reduce((value: unknown, key) => (value as Record<PropertyKey, unknown> | undefined | null)?.[key], definition);

/** The options that the schema allows at a place. */
function optionsAt(path: Path, definition: unknown): string[] {
  let schemas = [definitionSchema as unknown as Node];
  path.forEach((key, i) => {
    schemas = schemas
      .flatMap((schema) => alternatives(schema, written(definition, path.slice(0, i))))
      .flatMap(({ def }) => def.shape?.[String(key)] ?? def.valueType ?? def.element ?? []);
  });
  const shapes = schemas.flatMap((schema) => alternatives(schema, written(definition, path)));
  return [...new Set(shapes.flatMap(({ def }) => Object.keys(def.shape ?? {})))];
}

/** Zod's internal description of schemas. */
interface Node {
  def: {
    shape?: Record<string, Node>;
    valueType?: Node;
    element?: Node;
    innerType?: Node;
    options?: Node[];
    discriminator?: string;
    values?: unknown[];
  };
}

/** A schema without its wrappers; for a union, the alternatives that match the value's discriminator. */
function alternatives(schema: Node, value: unknown): Node[] {
  const { innerType, options, discriminator } = schema.def;
  if (innerType !== undefined) return alternatives(innerType, value);
  if (options === undefined) return [schema];
  const kind =
    discriminator === undefined ? undefined : (value as Record<string, unknown> | undefined)?.[discriminator];
  const fitting = discriminator === undefined ? [] : options.filter((option) => takes(option, discriminator, kind));
  return (fitting.length === 0 ? options : fitting).flatMap((option) => alternatives(option, value));
}

/** Whether the schema accepts a value with this discriminator. */
function takes({ def }: Node, discriminator: string, kind: unknown): boolean {
  const field = def.shape?.[discriminator];
  if (field === undefined) return (def.options ?? []).some((option) => takes(option, discriminator, kind));
  const wrapped = field.def.innerType;
  if (wrapped !== undefined)
    return kind === undefined || takes({ def: { shape: { [discriminator]: wrapped } } }, discriminator, kind);
  return field.def.values?.includes(kind) ?? false;
}
