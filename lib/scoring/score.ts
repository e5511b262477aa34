import type { Model } from '../documents/model.ts';
import { algorithmNamed, objectiveOf } from '../learning/learning.ts';

/** Scoring in pure TypeScript, without dependencies or native code. Scores equal those of the training library to 1e-6. */

export type Row = Readonly<Record<string, unknown>>;

/** Trees compare in float32; larger values become the largest float32. */
const largest = 3.4028234663852886e38;

const dayMilliseconds = 86_400_000;

/** Cache of compiled models, because a warm function scores with the same model object repeatedly. */
const compiled = new WeakMap<Model, (row: Row) => number>();

/** The prediction for a row: the prediction columns of the model's objective. */
export function predict(model: Model, row: Row): Readonly<Record<string, number>> {
  let scoreOf = compiled.get(model);
  if (scoreOf === undefined) {
    scoreOf = compileModel(model);
    compiled.set(model, scoreOf);
  }
  return objectiveOf(model).predicted.of(scoreOf(row), model.metrics);
}

/** Compiles a model for speed; the returned function scores a row. */
export function compileModel(model: Model): (row: Row) => number {
  const columns = model.features.map(encoderOf);
  const width = model.encoded.length;
  const matrix = new Float32Array(width);
  const marginOf = algorithmNamed(model.algorithm).scorer(model);
  const { link } = objectiveOf(model);
  return (row) => {
    let at = 0;
    for (const column of columns) at = column(row, matrix, at);
    return link(marginOf(matrix));
  };
}

/** Writes a feature's columns into the matrix at `at`, and returns the position of the next feature. */
type Encoder = (row: Row, matrix: Float32Array, at: number) => number;

function encoderOf(feature: Model['features'][number]): Encoder {
  switch (feature.kind) {
    case 'numeric':
      return (row, matrix, at) => {
        const value = numberOf(row[feature.name]) ?? feature.fill;
        matrix[at] = Math.min(largest, Math.max(-largest, value));
        return at + 1;
      };
    case 'categorical': {
      const codes = new Map(feature.categories.map((category, i) => [category, i]));
      return (row, matrix, at) => {
        matrix.fill(0, at, at + codes.size);
        const word = wordOf(row[feature.name]);
        const code = word === undefined ? undefined : codes.get(word);
        if (code !== undefined) matrix[at + code] = 1;
        return at + codes.size;
      };
    }
    default:
      return feature satisfies never;
  }
}

/** Text unchanged, a number or boolean as text; anything else is not a category. */
function wordOf(value: unknown): string | undefined {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
    case 'boolean':
    case 'bigint':
      return String(value);
    default:
      return undefined;
  }
}

/** Booleans are 0 and 1; dates and times are days since 1970-01-01; such values as text are parsed; everything else is missing. */
function numberOf(value: unknown): number | undefined {
  switch (typeof value) {
    case 'number':
      return Number.isNaN(value) ? undefined : value;
    case 'bigint':
      return Number(value);
    case 'boolean':
      return value ? 1 : 0;
    case 'string':
      return numberIn(value);
    default:
      return value instanceof Date ? days(value.getTime()) : undefined;
  }
}

/** An unambiguous pattern, so that text that is not a number is refused in linear time. */
const decimal = /^[+-]?(?:\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?|Infinity)$/;

/** Longer texts are not parsed: the longest exact decimal of a double has 1,077 characters. */
const longest = 1100;

/** Only ISO 8601: JavaScript would parse texts such as "plan 5" as a date, in the machine's time zone. */
const iso = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(Z|[+-]\d\d:?\d\d)?)?$/i;

/** The number in a text, or undefined. Takes linear time and does not parse long texts. */
export function numberIn(given: string): number | undefined {
  if (given.length > longest) return undefined;
  const text = given.trim();
  if (decimal.test(text)) return Number(text);
  if (/^true$/i.test(text)) return 1;
  if (/^false$/i.test(text)) return 0;
  const [whole, date, time, zone = 'Z'] = iso.exec(text) ?? [];
  if (whole === undefined) return undefined;
  if (time === undefined) return days(Date.parse(`${date}T00:00Z`));
  return days(Date.parse(`${date}T${time}${zone.replace(/(\d\d)(\d\d)$/, '$1:$2').toUpperCase()}`));
}

/** Converts milliseconds to days; an invalid date is missing. */
function days(milliseconds: number): number | undefined {
  return Number.isNaN(milliseconds) ? undefined : milliseconds / dayMilliseconds;
}
