import * as z from 'zod';
import type { Algorithm, AlgorithmParts } from '../algorithm.ts';
import { savedTrees, sumOfLeaves, tree } from './trees.ts';

/** XGBoost's boosted trees: each tree corrects the sum of the trees before it. */

const name = 'gradient-boosted-trees';

const grid = z.strictObject({
  maxDepth: z.array(z.int().min(1).max(16)).min(1),
  rounds: z.array(z.int().min(1).max(5000)).min(1),
});

const learningRate = z.number().gt(0).max(1);

const parts = {
  name,
  options: { grid: grid.optional(), learningRate: learningRate.optional() },
  planned: z.strictObject({ name: z.literal(name), grid, learningRate }),
  point: { max_depth: z.int(), rounds: z.int() },
  settings: { learning_rate: z.number() },
  saved: savedTrees,
  types: { BoostingGrid: grid, Tree: tree },
} as const satisfies AlgorithmParts;

export const gradientBoostedTrees = {
  parts,
  plan: ({ grid = { maxDepth: [3, 5], rounds: [50, 100] }, learningRate = 0.1 }) => ({ name, grid, learningRate }),
  // A fit of many rounds contains the fits of fewer rounds.
  fitsPerFold: ({ grid }) => grid.maxDepth.length,
  pointHeadings: { max_depth: 'Depth', rounds: 'Rounds' },
  refitted: ({ learning_rate }) => ` with a learning rate of ${learning_rate}`,
  scorer: sumOfLeaves,
} as const satisfies Algorithm<typeof parts>;

/** The options of a model that is made of boosted trees. */
export interface GradientBoostedTrees {
  /** How it learns: trees that each correct the ones before. */
  readonly algorithm: 'gradient-boosted-trees';
  /**
   * Values to try, each with each.
   * @default `{ maxDepth: [3, 5], rounds: [50, 100] }`
   * @example grid: { maxDepth: [3, 5, 7], rounds: [100] }
   * @shape { maxDepth: number[]; rounds: number[] }
   */
  readonly grid?: { readonly maxDepth: readonly number[]; readonly rounds: readonly number[] };
  /**
   * What each tree adds, above 0 and at most 1.
   * @default 0.1
   * @example learningRate: 0.05
   */
  readonly learningRate?: number;
}
