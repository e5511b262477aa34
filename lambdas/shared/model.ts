import type { Model } from '../../lib/plan/model-schema.ts';

/** Scoring in pure TypeScript: no dependency, no native code. Equals the library that learned the model to 1e-6. */

export type Row = Readonly<Record<string, unknown>>;

/** Trees compare in float32; what does not fit is as large as it gets. */
const largest = 3.4028234663852886e38;

const dayMilliseconds = 86_400_000;

/** Lays a model out for speed; the function returned gives the probability of the label, in (0, 1). */
export function compileModel(model: Model): (row: Row) => number {
  const columns = model.features.map(encoderOf);
  const width = model.encoded.length;
  const matrix = new Float32Array(width);
  const trees = model.trees.map((tree) => ({
    left: Int32Array.from(tree.left),
    right: Int32Array.from(tree.right),
    feature: Int32Array.from(tree.feature),
    threshold: Float32Array.from(tree.threshold),
    value: Float64Array.from(tree.value),
  }));
  return (row) => {
    let at = 0;
    for (const column of columns) at = column(row, matrix, at);
    let margin = model.base_margin;
    for (const { left, right, feature, threshold, value } of trees) {
      let node = 0;
      while (left[node] !== -1) node = matrix[feature[node]!]! < threshold[node]! ? left[node]! : right[node]!;
      margin += value[node]!;
    }
    return 1 / (1 + Math.exp(-margin));
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
        const value = row[feature.name];
        const code = value === null || value === undefined ? undefined : codes.get(String(value));
        if (code !== undefined) matrix[at + code] = 1;
        return at + codes.size;
      };
    }
    default:
      return feature satisfies never;
  }
}

/** Booleans are 0 and 1, dates and times are days since 1970-01-01, text that is a number is one; anything else is missing. */
function numberOf(value: unknown): number | undefined {
  switch (typeof value) {
    case 'number':
      return Number.isNaN(value) ? undefined : value;
    case 'bigint':
      return Number(value);
    case 'boolean':
      return value ? 1 : 0;
    case 'string': {
      if (value.trim() === '') return undefined;
      const number = Number(value);
      if (!Number.isNaN(number)) return number;
      const time = Date.parse(/[zZ]|[+-]\d\d:?\d\d$/.test(value) || value.length === 10 ? value : `${value}Z`);
      return Number.isNaN(time) ? undefined : time / dayMilliseconds;
    }
    default:
      return value instanceof Date ? value.getTime() / dayMilliseconds : undefined;
  }
}
