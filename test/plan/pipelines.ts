import { type AnyDefinition, affected, definePipeline } from '../../lib/definition/index.ts';

/** A small pipeline with every kind of read. */
export const small = definePipeline({
  name: 'small',
  parameters: { as_of: { type: 'date', default: '2025-01-01' } },
  sources: {
    people: { format: 'csv', path: 'people/*.csv', columns: ['id', 'town', 'born'] },
    visits: {
      format: 'json',
      path: 'visits/*.json',
      columns: { id: 'string', at: 'timestamp', minutes: 'double?' },
      stream: { partitionBy: 'at' },
    },
    towns: { format: 'parquet', path: 'towns/*.parquet', columns: { town: 'string', size: 'bigint?' } },
  },
  tables: {
    people_clean: {
      layer: 'silver',
      sql: 'people_clean.sql',
      reads: { people: { use: 'rows', scope: affected('id') }, towns: { use: 'lookup' } },
      columns: { id: 'string', town: 'string?', born: 'date?', size: 'bigint?' },
      key: ['id'],
      latestBy: ['born'],
    },
    visits_clean: {
      layer: 'silver',
      sql: 'visits_clean.sql',
      reads: { visits: { use: 'rows', scope: 'new' } },
      columns: { id: 'string', at: 'timestamp', minutes: 'double?' },
    },
    people_features: {
      layer: 'feature',
      sql: 'people_features.sql',
      reads: {
        people_clean: { use: 'rows', scope: affected('id') },
        visits_clean: {
          use: 'aggregate',
          scope: affected('id'),
          keep: { before: 'at < CAST(:as_of AS TIMESTAMP)', known: { column: 'id', isIn: 'people_clean' } },
        },
      },
      columns: { id: 'string', size: 'bigint?', visits: 'bigint' },
      key: ['id'],
    },
  },
  models: {
    stays: { features: 'people_features', label: 'size', algorithm: 'gradient-boosted-trees', predictions: 'scores' },
  },
});

export const smallSql: Record<string, string> = {
  'people_clean.sql':
    'SELECT p._row, trim(p.id) AS id, p.town, try_cast(p.born AS DATE) AS born, t.size\n' +
    'FROM people p LEFT JOIN towns t ON t.town = p.town',
  'visits_clean.sql': 'SELECT _row, id, at, minutes FROM visits',
  'people_features.sql':
    'WITH v AS (SELECT id, count(*) AS n FROM visits_clean GROUP BY id)\n' +
    'SELECT p._row, coalesce(v.n, 0) AS _rows_visits_clean, p.id, p.size, coalesce(v.n, 0) AS visits\n' +
    'FROM people_clean p LEFT JOIN v ON v.id = p.id',
};

/** The small pipeline with changes, which may be invalid: so literal types are ignored. */
export function changed(change: (draft: Draft) => void): AnyDefinition {
  const draft = structuredClone(small) as unknown as Draft;
  change(draft);
  return draft as unknown as AnyDefinition;
}

// biome-ignore lint/suspicious/noExplicitAny: a draft may hold anything, that is its purpose.
export type Draft = Record<string, any>;
