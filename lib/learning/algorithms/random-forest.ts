import * as z from 'zod';
import type { Algorithm, AlgorithmParts } from '../algorithm.ts';
import { savedTrees, sumOfLeaves, tree } from './trees.ts';

/** XGBoost's random forest: independent trees, each grown on a sample of the rows. A score is the mean of the trees. */

const name = 'random-forest';

const grid = z.strictObject({
  maxDepth: z.array(z.int().min(1).max(16)).min(1),
  trees: z.array(z.int().min(1).max(1000)).min(1),
});

const columnShare = z.number().gt(0).max(1);

const parts = {
  name,
  options: { grid: grid.optional(), columnShare: columnShare.optional() },
  planned: z.strictObject({ name: z.literal(name), grid, columnShare }),
  point: { max_depth: z.int(), trees: z.int() },
  settings: { column_share: z.number() },
  saved: savedTrees,
  types: { ForestGrid: grid, Tree: tree },
} as const satisfies AlgorithmParts;

export const randomForest = {
  parts,
  plan: ({ grid = { maxDepth: [6, 9], trees: [100] }, columnShare = 0.5 }) => ({ name, grid, columnShare }),
  fitsPerFold: ({ grid }) => grid.maxDepth.length * grid.trees.length,
  pointHeadings: { max_depth: 'Depth', trees: 'Trees' },
  refitted: ({ column_share }) => ` with ${Math.round(column_share * 100)} % of the columns for each split`,
  scorer: sumOfLeaves,
} as const satisfies Algorithm<typeof parts>;

/** The options of a model that is a random forest. */
export interface RandomForest {
  /** How it learns: the mean of independent trees. */
  readonly algorithm: 'random-forest';
  /**
   * Values to try, each with each.
   * @default `{ maxDepth: [6, 9], trees: [100] }`
   * @example grid: { maxDepth: [8, 12], trees: [200] }
   * @shape { maxDepth: number[]; trees: number[] }
   */
  readonly grid?: { readonly maxDepth: readonly number[]; readonly trees: readonly number[] };
  /**
   * The share of the columns that each split may use, above 0 and at most 1.
   * @default 0.5
   * @example columnShare: 0.3
   */
  readonly columnShare?: number;
}
