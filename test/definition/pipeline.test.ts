import { affected, definePipeline } from 'millrace';
import { expect, test } from 'vitest';
import { computes } from '../../lib/definition/compute.ts';
import { definitionSchema } from '../../lib/definition/schema.ts';
import { stageNames } from '../../lib/definition/stages.ts';
import { small } from '../plan/pipelines.ts';

test('definePipeline returns its argument: the types do the rest', () => {
  const written = {
    name: 'one',
    sources: { people: { format: 'csv', path: 'people/*.csv', columns: ['id'] } },
    tables: {},
  } as const;
  expect(definePipeline(written)).toBe(written);
});

test('the scope of affected keys is named by its column', () => {
  expect(affected('id')).toEqual({ affected: 'id' });
  expect(small.tables.people_clean.reads.people?.scope).toEqual(affected('id'));
});

test('each stage may run on each kind of compute', () => {
  for (const stage of stageNames)
    for (const compute of computes) {
      const placed = { ...small, compute: { [stage]: compute } };
      expect(definitionSchema.parse(placed).compute).toEqual({ [stage]: compute });
    }
});
