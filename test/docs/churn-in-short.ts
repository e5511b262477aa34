import { affected, definePipeline } from 'millrace';

export default definePipeline({
  name: 'churn',
  parameters: { snapshot_date: { type: 'date', default: '2025-06-30' } },
  sources: {
    customers: { format: 'csv', path: 'customers/*.csv', columns: ['customer_id', 'status', 'join_date'] },
    contacts: { format: 'json', path: 'contacts/*.json', columns: { customer_id: 'string', ts: 'timestamp' } },
  },
  tables: {
    customers_clean: {
      layer: 'silver',
      sql: 'silver/customers_clean.sql', // plain Spark SQL; `customers` is visible under its own name
      reads: {
        customers: {
          use: 'rows',
          quarantine: { has_id: "trim(customer_id) <> ''", has_date: 'try_cast(join_date AS DATE) IS NOT NULL' },
        },
      },
      columns: { customer_id: 'string', churn: 'int?', join_date: 'date' },
      key: ['customer_id'],
    },
    churn_features: {
      layer: 'feature',
      sql: 'feature/churn_features.sql',
      reads: {
        customers_clean: { use: 'rows', scope: affected('customer_id') },
        contacts: {
          use: 'aggregate',
          scope: affected('customer_id'),
          keep: { in_time: 'ts < :snapshot_date', known: { column: 'customer_id', isIn: 'customers_clean' } },
        },
      },
      columns: { customer_id: 'string', churn: 'int?', tenure_days: 'int', contacts: 'bigint' },
      key: ['customer_id'],
    },
  },
  models: { churn: { features: 'churn_features', label: 'churn', algorithm: 'gradient-boosted-trees' } },
});
