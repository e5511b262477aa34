import type { Model } from '../documents/model.ts';
import { algorithmNamed, objectiveOf } from '../learning/learning.ts';

/** Scoring in pure TypeScript: no dependency, no native code. Equals the library that learned the model to 1e-6. */

export type Row = Readonly<Record<string, unknown>>;

/** Trees compare in float32; what does not fit is as large as it gets. */
const largest = 3.4028234663852886e38;

const dayMilliseconds = 86_400_000;

/** Models laid out already: a warm function scores with the same object again and again. */
const compiled = new WeakMap<Model, (row: Row) => number>();

/** What the model says of a row: the columns that its objective has for predictions. */
export function predict(model: Model, row: Row): Readonly<Record<string, number>> {
  let scoreOf = compiled.get(model);
  if (scoreOf === undefined) {
    scoreOf = compileModel(model);
    compiled.set(model, scoreOf);
  }
  return objectiveOf(model).predicted.of(scoreOf(row), model.metrics);
}

/** Lays a model out for speed; the function returned gives the score of a row. */
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

/** Writes a feature's columns into the matrix from `at` on, and returns where the next feature begins. */
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

/** Text as it is, a number or a boolean as text; anything else is no category. */
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

/** Booleans are 0 and 1, dates and times are days since 1970-01-01, text that is one of these is read; all else is missing. */
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

/** Each character can be read in one way only, so that a text that is no number is refused in linear time. */
const decimal = /^[+-]?(?:\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?|Infinity)$/;

/** A number of more characters is no feature: the longest that a double needs has 1,077. */
const longest = 1100;

/** Only ISO 8601: JavaScript would read a date into texts such as "plan 5", and by the time zone of the machine. */
const iso = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(Z|[+-]\d\d:?\d\d)?)?$/i;

/** The number that a text stands for; undefined where it stands for none. Takes time in proportion to the text, and reads no long one. */
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

/** Of milliseconds; an invalid date is a missing one. */
function days(milliseconds: number): number | undefined {
  return Number.isNaN(milliseconds) ? undefined : milliseconds / dayMilliseconds;
}
