import * as z from 'zod';
import type { Algorithm } from '../algorithm.ts';

/** XGBoost's boosted trees: each tree corrects the sum of those before it. */

/** A tree as parallel arrays. Node 0 is the root; `left[i] === -1` marks a leaf, whose value is `value[i]`. */
const tree = z.strictObject({
  feature: z.array(z.int()),
  /** Go left when float32(x) < threshold. */
  threshold: z.array(z.number()),
  left: z.array(z.int()),
  right: z.array(z.int()),
  value: z.array(z.number()),
});

const saved = z.object({
  /** What every score starts from, before the objective's link: log-odds of a binary label. */
  base_margin: z.number(),
  trees: z.array(tree),
});

const asked = z.object({
  grid: z
    .strictObject({
      maxDepth: z.array(z.int().min(1).max(16)).min(1),
      rounds: z.array(z.int().min(1).max(5000)).min(1),
    })
    .optional(),
  learningRate: z.number().gt(0).max(1).optional(),
});

const planned = z.strictObject({
  name: z.literal('gradient-boosted-trees'),
  grid: z.strictObject({ maxDepth: z.array(z.int()), rounds: z.array(z.int()) }),
  learningRate: z.number(),
});

type Planned = z.infer<typeof planned>;

export const gradientBoostedTrees = {
  name: 'gradient-boosted-trees',
  asked: asked.shape,
  planned,
  plan: ({ grid = { maxDepth: [3, 5], rounds: [50, 100] }, learningRate = 0.1 }): Planned => ({
    name: 'gradient-boosted-trees',
    grid,
    learningRate,
  }),
  // A fit of more rounds holds those of fewer, so that rounds cost nothing more.
  fitsPerFold: ({ grid }) => grid.maxDepth.length,
  point: { max_depth: z.int(), rounds: z.int() },
  pointHeadings: { max_depth: 'Depth', rounds: 'Rounds' },
  settings: { learning_rate: z.number() },
  saved: saved.shape,
  scorer({ base_margin, trees }) {
    const laidOut = trees.map((tree) => ({
      left: Int32Array.from(tree.left),
      right: Int32Array.from(tree.right),
      feature: Int32Array.from(tree.feature),
      threshold: Float32Array.from(tree.threshold),
      value: Float64Array.from(tree.value),
    }));
    return (matrix) => {
      let margin = base_margin;
      for (const { left, right, feature, threshold, value } of laidOut) {
        let node = 0;
        while (left[node] !== -1) node = matrix[feature[node]!]! < threshold[node]! ? left[node]! : right[node]!;
        margin += value[node]!;
      }
      return margin;
    };
  },
} as const satisfies Algorithm<z.infer<typeof asked>, Planned, z.infer<typeof saved>>;

/** What a model of the definition says of its algorithm. */
export interface GradientBoostedTrees {
  /** How it learns. */
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
