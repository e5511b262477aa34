import { expect, test } from 'vitest';
import { keysOf, partitionKeys } from '../../lib/lake/partition-keys.ts';

const patterns = (pipeline: string) => Object.values(keysOf).flatMap((keys) => keys(pipeline));
const allows = (pattern: string, key: string) =>
  pattern.endsWith('*') ? key.startsWith(pattern.slice(0, -1)) : key === pattern;

test('a role for one pipeline reaches each of its items, and none of another pipeline', () => {
  const pipelines = ['churn', 'churn_2', 'chur', 'telco'];
  for (const pipeline of pipelines) {
    const keys = Object.values(partitionKeys).map((key) => key(pipeline, 'a#b'));
    expect(keys.length).toBeGreaterThan(5);
    for (const other of pipelines) {
      const reached = keys.filter((key) => patterns(other).some((pattern) => allows(pattern, key)));
      expect(reached).toEqual(other === pipeline ? keys : []);
    }
  }
});
