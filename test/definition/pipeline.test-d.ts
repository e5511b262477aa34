import { expectTypeOf, test } from 'vitest';
import type { FormatName, Source } from '../../lib/definition/formats/formats.ts';
import { affected, definePipeline } from '../../lib/definition/index.ts';

const sources = {
  customers: { format: 'csv', path: 'customers/*.csv', columns: ['customer_id', 'status'] },
  regions: { format: 'parquet', path: 'regions/*.parquet', columns: { region_id: 'string', population: 'bigint?' } },
} as const;

const customersClean = {
  layer: 'silver',
  sql: 'customers_clean.sql',
  columns: { customer_id: 'string', churn: 'boolean?', tenure_days: 'int' },
} as const;

test('a valid definition is accepted and keeps its literal types', () => {
  const pipeline = definePipeline({
    name: 'churn',
    sources,
    tables: {
      customers_clean: {
        ...customersClean,
        reads: { customers: { use: 'rows', scope: affected('customer_id') }, regions: { use: 'lookup' } },
        key: ['customer_id'],
      },
      by_status: {
        layer: 'gold',
        sql: 'by_status.sql',
        reads: { customers_clean: { use: 'aggregate' } },
        columns: { churn: 'boolean', customers: 'bigint' },
        key: ['churn'],
      },
    },
    models: { churn: { features: 'customers_clean', label: 'churn', algorithm: 'gradient-boosted-trees' } },
  });
  expectTypeOf<keyof typeof pipeline.tables>().toEqualTypeOf<'customers_clean' | 'by_status'>();
  expectTypeOf(pipeline.tables.customers_clean.columns.tenure_days).toEqualTypeOf<'int'>();
});

test('a read of a missing table is refused', () => {
  definePipeline({
    name: 'churn',
    sources,
    tables: {
      // @ts-expect-error 'custmers' is not a table
      customers_clean: { ...customersClean, reads: { custmers: { use: 'rows' } }, key: ['customer_id'] },
    },
  });
});

test('a table may not read itself', () => {
  definePipeline({
    name: 'churn',
    sources,
    tables: {
      // @ts-expect-error a table is not its own upstream
      customers_clean: { ...customersClean, reads: { customers_clean: { use: 'rows' } } },
    },
  });
});

test('a key that is not a column is refused', () => {
  definePipeline({
    name: 'churn',
    sources,
    tables: {
      // @ts-expect-error 'custmer_id' is not a column
      customers_clean: { ...customersClean, reads: { customers: { use: 'rows' } }, key: ['custmer_id'] },
    },
  });
});

test('a scope that is not a column of the table it reads is refused', () => {
  definePipeline({
    name: 'churn',
    sources,
    tables: {
      customers_clean: {
        ...customersClean,
        // @ts-expect-error 'tenure_days' is a column of the output, not of customers
        reads: { customers: { use: 'rows', scope: { affected: 'tenure_days' } } },
      },
    },
  });
});

test('a label or a feature that is not a column is refused', () => {
  const tables = {
    customers_clean: { ...customersClean, reads: { customers: { use: 'rows' } }, key: ['customer_id'] },
  } as const;
  definePipeline({
    name: 'churn',
    sources,
    tables,
    // @ts-expect-error 'chrn' is not a column
    models: { churn: { features: 'customers_clean', label: 'chrn', algorithm: 'gradient-boosted-trees' } },
  });
  definePipeline({
    name: 'churn',
    sources,
    tables,
    models: {
      churn: {
        features: 'customers_clean',
        label: 'churn',
        algorithm: 'gradient-boosted-trees',
        // @ts-expect-error 'tenure' is not a column
        inputs: ['tenure'],
      },
    },
  });
  definePipeline({
    name: 'churn',
    sources,
    tables,
    // @ts-expect-error 'nope' is not a table
    models: { churn: { features: 'nope', label: 'churn', algorithm: 'gradient-boosted-trees' } },
  });
});

test('each format that a definition may name has a record, and the other way round', () => {
  expectTypeOf<Source['format']>().toEqualTypeOf<FormatName>();
});

test('an access log has the fields that its lines have', () => {
  const log = { format: 'access-log', path: 'access/*.log' } as const;
  const hits = { layer: 'silver', sql: 'a.sql', columns: { host: 'string' } } as const;
  definePipeline({
    name: 'logs',
    sources: { access: { ...log, columns: ['host', 'status'], layout: 'common' } },
    tables: { hits: { ...hits, reads: { access: { use: 'rows', scope: affected('host') } } } },
  });
  definePipeline({
    name: 'logs',
    // @ts-expect-error there is no field "hots"
    sources: { access: { ...log, columns: ['hots'] } },
    tables: {},
  });
  definePipeline({
    name: 'logs',
    sources: { access: { ...log, columns: ['host'] } },
    tables: {
      hits: {
        ...hits,
        // @ts-expect-error the source does not read `status`
        reads: { access: { use: 'rows', scope: affected('status') } },
      },
    },
  });
});

test('a csv declares names, which are text, or types', () => {
  const csv = { format: 'csv', path: 'customers/*.csv' } as const;
  const read = { use: 'rows', scope: affected('amount') } as const;
  const clean = { layer: 'silver', sql: 'a.sql', columns: { amount: 'double' }, key: ['amount'] } as const;
  definePipeline({
    name: 'churn',
    sources: {
      customers: { ...csv, columns: { amount: 'double?' }, decimal: ',', thousands: '.', quoting: 'lenient' },
    },
    tables: { a: { ...clean, reads: { customers: read } } },
  });
  definePipeline({
    name: 'churn',
    // @ts-expect-error unknown encoding
    sources: { customers: { ...csv, columns: ['amount'], encoding: 'latin1' } },
    tables: {},
  });
});

test('decimals and nested types are accepted with their digits and element types', () => {
  const columns = {
    amount: 'decimal(10,2)',
    tags: 'array<string>?',
    at: 'struct<city:string,zip:int>',
    by: 'map<string,double>',
    raw: 'binary?',
  } as const;
  const sources = { orders: { format: 'parquet', path: 'orders/*.parquet', columns } } as const;
  const table = { layer: 'silver', sql: 'a.sql', reads: { orders: { use: 'rows' } } } as const;
  definePipeline({ name: 'shop', sources, tables: { a: { ...table, columns } } });
  definePipeline({
    name: 'shop',
    sources,
    // @ts-expect-error a decimal needs its digits
    tables: { a: { ...table, columns: { amount: 'decimal' } } },
  });
});

test('a file may lack only nullable columns of its source', () => {
  const parquet = { format: 'parquet', path: 'orders/*.parquet', columns: { id: 'string', tier: 'string?' } } as const;
  definePipeline({ name: 'shop', sources: { orders: { ...parquet, mayLack: ['tier'] } }, tables: {} });
  // @ts-expect-error 'id' is never null
  definePipeline({ name: 'shop', sources: { orders: { ...parquet, mayLack: ['id'] } }, tables: {} });
  // @ts-expect-error 'tear' is not a column
  definePipeline({ name: 'shop', sources: { orders: { ...parquet, mayLack: ['tear'] } }, tables: {} });
  const csv = { format: 'csv', path: 'orders/*.csv', columns: ['id', 'tier'] } as const;
  definePipeline({ name: 'shop', sources: { orders: { ...csv, mayLack: ['tier'] } }, tables: {} });
  // @ts-expect-error 'tear' is not a column
  definePipeline({ name: 'shop', sources: { orders: { ...csv, mayLack: ['tear'] } }, tables: {} });
});

test('a column type that does not exist is refused', () => {
  definePipeline({
    name: 'churn',
    sources,
    tables: {
      // @ts-expect-error 'float' is not a column type
      a: { layer: 'silver', sql: 'a.sql', reads: { customers: { use: 'rows' } }, columns: { x: 'float' } },
    },
  });
});

test('compute is declared per stage, and is one of three kinds', () => {
  const rest = { name: 'churn', sources, tables: {} } as const;
  definePipeline({ ...rest, compute: { build: 'emr', predict: 'emr-serverless' } });
  definePipeline({ ...rest, compute: { train: 'emr' } });
  // @ts-expect-error unknown stage
  definePipeline({ ...rest, compute: { trian: 'emr' } });
  // @ts-expect-error unknown compute
  definePipeline({ ...rest, compute: { build: 'kubernetes' } });
});

test('a stream is partitioned by a date column of its source that is never null', () => {
  const clicks = {
    format: 'json',
    path: 'clicks/*.json',
    columns: { id: 'string', at: 'timestamp', late: 'timestamp?', seconds: 'double' },
  } as const;
  const rest = { name: 'clicks', tables: {} } as const;
  definePipeline({ ...rest, sources: { clicks: { ...clicks, stream: { partitionBy: 'at' } }, plain: clicks } });
  definePipeline({ ...rest, sources: { clicks: { ...clicks, stream: {} } } });
  // @ts-expect-error 'att' is not a column
  definePipeline({ ...rest, sources: { clicks: { ...clicks, stream: { partitionBy: 'att' } } } });
  // @ts-expect-error 'late' may be null
  definePipeline({ ...rest, sources: { clicks: { ...clicks, stream: { partitionBy: 'late' } } } });
  // @ts-expect-error 'seconds' is not a date or time
  definePipeline({ ...rest, sources: { clicks: { ...clicks, stream: { partitionBy: 'seconds' } } } });
});

test('a gate takes metrics by name, and slices by columns of the features', () => {
  const model = { features: 'customers_clean', label: 'churn', algorithm: 'gradient-boosted-trees' } as const;
  const rest = {
    name: 'churn',
    sources,
    tables: { customers_clean: { ...customersClean, reads: { customers: { use: 'rows' } }, key: ['customer_id'] } },
  } as const;
  definePipeline({
    ...rest,
    models: {
      churn: {
        ...model,
        gate: {
          auc: 0.8,
          prAuc: { atLeast: 0.4 },
          logLoss: { atMost: 0.5 },
          brier: { atMost: 0.2 },
          calibration: { atMost: 0.05 },
          slices: [{ column: 'tenure_days', auc: 0.7, minRows: 100 }],
          live: 'better',
          leak: 'hold',
        },
      },
    },
  });
  // @ts-expect-error unknown metric
  definePipeline({ ...rest, models: { churn: { ...model, gate: { f1: 0.5 } } } });
  // @ts-expect-error a log loss has a limit, not a floor
  definePipeline({ ...rest, models: { churn: { ...model, gate: { logLoss: { atLeast: 0.5 } } } } });
  // @ts-expect-error `region` is not a column of the features
  definePipeline({ ...rest, models: { churn: { ...model, gate: { slices: [{ column: 'region', auc: 0.7 }] } } } });
  // @ts-expect-error unknown rule
  definePipeline({ ...rest, models: { churn: { ...model, gate: { live: 'same' } } } });
});

test('a model has only the options of its objective and its algorithm', () => {
  const rest = {
    name: 'churn',
    sources,
    tables: { customers_clean: { ...customersClean, reads: { customers: { use: 'rows' } }, key: ['customer_id'] } },
  } as const;
  const model = { features: 'customers_clean', label: 'tenure_days', objective: 'regression' } as const;
  const forest = { ...model, algorithm: 'random-forest' } as const;
  const slices = [{ column: 'churn', r2: 0.1 }] as const;
  definePipeline({
    ...rest,
    models: {
      tenure: { ...forest, grid: { maxDepth: [8], trees: [100] }, gate: { r2: 0.6, bias: { atMost: 3 }, slices } },
    },
  });
  definePipeline({ ...rest, models: { tenure: { ...model, algorithm: 'gradient-boosted-trees', learningRate: 0.1 } } });
  definePipeline({
    ...rest,
    models: { churn: { features: 'customers_clean', label: 'churn', algorithm: 'random-forest', gate: { auc: 0.7 } } },
  });
  // @ts-expect-error two classes have an AUC, numbers have none
  definePipeline({ ...rest, models: { tenure: { ...forest, gate: { auc: 0.7 } } } });
  // @ts-expect-error a forest has no rounds
  definePipeline({ ...rest, models: { tenure: { ...forest, grid: { maxDepth: [8], rounds: [100] } } } });
  // @ts-expect-error there is no such objective
  definePipeline({ ...rest, models: { tenure: { ...forest, objective: 'ranking' } } });
});

test('a partition of a source is one of its columns, and other names are refused', () => {
  const partitioned = {
    customers: { format: 'csv', path: 'customers/*.csv', columns: ['customer_id'], partitions: { dt: 'date' } },
  } as const;
  const read = (scope: 'dt') => ({ customers: { use: 'rows', scope: { affected: scope } } }) as const;
  definePipeline({
    name: 'churn',
    sources: partitioned,
    tables: { customers_clean: { ...customersClean, reads: read('dt') } },
  });
  definePipeline({
    name: 'churn',
    sources: partitioned,
    tables: {
      customers_clean: {
        ...customersClean,
        // @ts-expect-error 'day' is neither a column nor a partition
        reads: { customers: { use: 'rows', scope: { affected: 'day' } } },
      },
    },
  });
});
