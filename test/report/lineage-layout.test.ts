import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Task, TransformTask } from '../../lib/plan/schema.ts';
import { box, layout } from '../../lib/report/lineage-layout.ts';
import { samplePlan, transform } from './sample-plan.ts';

/** Tables in any layer that read any earlier tables. */
const anyTasks: fc.Arbitrary<Task[]> = fc
  .array(
    fc.tuple(
      fc.constantFrom<TransformTask['layer']>('silver', 'gold', 'feature'),
      fc.array(fc.nat({ max: 60 }), { maxLength: 5 }),
    ),
    { maxLength: 50 },
  )
  .map((specs) =>
    specs.map(([layer, reads], i) => {
      const upstream = [...new Set(reads.filter((r) => r < i))].map((r) => ({ table: `t${r}` }));
      return transform(`t${i}`, layer, upstream);
    }),
  );

describe('the picture of the pipeline', () => {
  it('draws layers side by side, and a table to the right of its inputs', () => {
    const { bands, nodes } = layout(samplePlan.tasks);
    expect(bands.map((band) => band.title)).toEqual(['bronze', 'silver', 'gold · feature', 'model', 'predictions']);
    const x = (name: string) => nodes.find((node) => node.task.name === name)!.x;
    expect(x('regions_clean')).toBeLessThan(x('customers_clean'));
    expect(x('region_churn')).toBe(x('churn_features'));
  });

  it('has no bands if a layer reads a later one', () => {
    const tasks = [transform('a', 'gold', []), transform('b', 'silver', [{ table: 'a' }])];
    expect(layout(tasks).bands).toEqual([]);
  });

  it('draws any plan within its frame, without overlapping boxes and with every edge to the right', () => {
    fc.assert(
      fc.property(anyTasks, (tasks) => {
        const { nodes, edges, width, height } = layout(tasks);
        expect(nodes).toHaveLength(tasks.length);
        expect(edges).toHaveLength(tasks.reduce((total, task) => total + task.upstream.length, 0));
        for (const [i, a] of nodes.entries()) {
          expect(a.x >= 0 && a.y >= 0 && a.x + box.width <= width && a.y + box.height <= height).toBe(true);
          for (const b of nodes.slice(i + 1)) {
            const apart = Math.abs(a.x - b.x) >= box.width || Math.abs(a.y - b.y) >= box.height;
            expect(apart).toBe(true);
          }
        }
        for (const { points } of edges) {
          for (const [i, [x, y]] of points.entries()) {
            expect(i === 0 || x > points[i - 1]![0]).toBe(true);
            expect(y >= 0 && y <= height).toBe(true);
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it('draws edges between the boxes of a column, never through one', () => {
    fc.assert(
      fc.property(anyTasks, (tasks) => {
        const { nodes, edges } = layout(tasks);
        for (const { points } of edges) {
          for (const [x, y] of points.slice(1, -1)) {
            const hit = nodes.some((n) => x > n.x && x < n.x + box.width && y > n.y && y < n.y + box.height);
            const crossed = nodes.some((n) => x === n.x && y > n.y && y < n.y + box.height);
            expect(hit || crossed).toBe(false);
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it('ignores an upstream table outside the plan', () => {
    expect(layout([transform('a', 'silver', [{ table: 'gone' }])]).edges).toEqual([]);
  });
});
