import * as z from 'zod';

/** Models that add up one leaf of each tree. */

/** A tree as parallel arrays. Node 0 is the root; `left[i] === -1` marks a leaf, whose value is `value[i]`. */
export const tree = z.strictObject({
  feature: z.array(z.int()),
  /** Go left when float32(x) < threshold. */
  threshold: z.array(z.number()),
  left: z.array(z.int()),
  right: z.array(z.int()),
  value: z.array(z.number()),
});

export const savedTrees = {
  /** The start of every sum. */
  base_margin: z.number(),
  trees: z.array(tree),
};

type Saved = { [K in keyof typeof savedTrees]: z.infer<(typeof savedTrees)[K]> };

export function sumOfLeaves({ base_margin, trees }: Saved): (matrix: Float32Array) => number {
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
}
