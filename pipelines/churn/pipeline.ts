import { affected, definePipeline } from 'millrace';

/** Who will leave? Turns customers, their contacts with us and their regions into a score for each new customer. */
export default definePipeline({
  name: 'churn',
  parameters: { snapshot_date: { type: 'date', default: '2025-06-30' } },
  sources: {
    customers: {
      format: 'csv',
      path: 'customers/*.csv',
      columns: [
        ...(['customer_id', 'status', 'join_date', 'updated_at', 'plan_type', 'device_type', 'contract_type'] as const),
        ...(['payment_method', 'age', 'monthly_charges', 'total_charges', 'region_id'] as const),
      ],
    },
    new_customers: {
      format: 'csv',
      path: 'new_customers/*.csv',
      optional: true,
      columns: [
        ...(['customer_id', 'join_date', 'updated_at', 'plan_type', 'device_type', 'contract_type'] as const),
        ...(['payment_method', 'age', 'monthly_charges', 'total_charges', 'region_id'] as const),
      ],
    },
    interactions: {
      format: 'json',
      path: 'interactions/*.json',
      // In the cloud they also arrive one by one, through Kinesis and Firehose, as files of the same folder.
      stream: {},
      columns: {
        customer_id: 'string',
        ts: 'timestamp',
        channel: 'string?',
        type: 'string',
        duration: 'double?',
        sentiment: 'double?',
        resolved: 'boolean?',
      },
    },
    regions: {
      format: 'parquet',
      path: 'regions/*.parquet',
      columns: { region_id: 'string', population: 'bigint?', average_income: 'double?', competitors: 'int?' },
    },
  },
  tables: {
    regions_clean: {
      layer: 'silver',
      sql: 'silver/regions_clean.sql',
      reads: {
        regions: {
          use: 'rows',
          quarantine: {
            has_id: "trim(region_id) <> '' AND length(region_id) <= 60",
            population_is_usable: 'population IS NULL OR population BETWEEN 0 AND 10000000000',
            income_is_usable: 'average_income IS NULL OR average_income BETWEEN 0 AND 1000000000',
            competitors_are_usable: 'competitors IS NULL OR competitors BETWEEN 0 AND 1000000',
          },
        },
      },
      columns: { region_id: 'string', population: 'bigint?', average_income: 'double?', competitors: 'int?' },
      key: ['region_id'],
    },
    customers_clean: {
      layer: 'silver',
      sql: 'silver/customers_clean.sql',
      reads: {
        customers: { use: 'rows', scope: affected('customer_id'), quarantine: customerRules() },
        new_customers: { use: 'rows', scope: affected('customer_id'), quarantine: customerRules() },
        regions_clean: { use: 'lookup' },
      },
      columns: {
        customer_id: 'string',
        churn: 'int?',
        join_date: 'date',
        updated_at: 'timestamp?',
        plan_type: 'string?',
        device_type: 'string?',
        contract_type: 'string?',
        payment_method: 'string?',
        age: 'int?',
        monthly_charges: 'double?',
        total_charges: 'double?',
        region_id: 'string',
        population: 'bigint?',
        average_income: 'double?',
        competitors: 'int?',
      },
      key: ['customer_id'],
      latestBy: ['updated_at'],
    },
    interactions_clean: {
      layer: 'silver',
      sql: 'silver/interactions_clean.sql',
      reads: {
        interactions: {
          use: 'rows',
          scope: 'new',
          quarantine: {
            has_customer: "trim(customer_id) <> ''",
            duration_is_usable: 'duration IS NULL OR duration BETWEEN 0 AND 604800',
            sentiment_is_usable: 'sentiment IS NULL OR sentiment BETWEEN -1 AND 1',
          },
        },
      },
      columns: {
        customer_id: 'string',
        ts: 'timestamp',
        channel: 'string?',
        type: 'string',
        duration: 'double?',
        sentiment: 'double?',
        resolved: 'boolean?',
      },
    },
    region_churn: {
      layer: 'gold',
      sql: 'gold/region_churn.sql',
      reads: {
        customers_clean: { use: 'aggregate', scope: affected('region_id'), keep: { labelled: 'churn IS NOT NULL' } },
      },
      columns: {
        region_id: 'string',
        customers: 'bigint',
        cancelled: 'bigint',
        churn_rate: 'double',
        monthly_revenue: 'double?',
      },
      key: ['region_id'],
    },
    churn_features: {
      layer: 'feature',
      sql: 'feature/churn_features.sql',
      reads: {
        customers_clean: { use: 'rows', scope: affected('customer_id') },
        interactions_clean: {
          use: 'aggregate',
          scope: affected('customer_id'),
          keep: {
            before_snapshot: 'ts < CAST(:snapshot_date AS TIMESTAMP)',
            within_90_days: 'ts >= CAST(date_sub(:snapshot_date, 90) AS TIMESTAMP)',
            known_customer: { column: 'customer_id', isIn: 'customers_clean' },
          },
        },
      },
      columns: {
        customer_id: 'string',
        region_id: 'string',
        churn: 'int?',
        tenure_days: 'int',
        plan_type: 'string?',
        device_type: 'string?',
        contract_type: 'string?',
        payment_method: 'string?',
        age: 'int?',
        monthly_charges: 'double?',
        total_charges: 'double?',
        interactions_30d: 'bigint',
        interactions_90d: 'bigint',
        complaints_30d: 'bigint',
        complaints_90d: 'bigint',
        billing_30d: 'bigint',
        billing_90d: 'bigint',
        support_30d: 'bigint',
        support_90d: 'bigint',
        upgrades_30d: 'bigint',
        upgrades_90d: 'bigint',
        infos_30d: 'bigint',
        infos_90d: 'bigint',
        mean_sentiment_30d: 'double?',
        mean_sentiment_90d: 'double?',
        share_resolved_30d: 'double?',
        share_resolved_90d: 'double?',
        mean_duration_90d: 'double?',
        days_since_last: 'int?',
        population: 'bigint?',
        average_income: 'double?',
        competitors: 'int?',
      },
      key: ['customer_id'],
      partitionBy: ['region_id'],
      expect: {
        not_empty: 'count(*) > 0',
        tenure_is_not_negative: { sql: 'min(tenure_days) >= 0', severity: 'warn' },
      },
    },
  },
  models: {
    churn: {
      features: 'churn_features',
      label: 'churn',
      algorithm: 'gradient-boosted-trees',
      grid: { maxDepth: [3, 5], rounds: [50, 100] },
      folds: 3,
      testShare: 0.2,
      seed: 42,
      gate: { auc: 0.75 },
      predictions: 'predictions',
    },
  },
});

/** Rows with invalid numbers or dates go to the quarantine table, unchanged. */
function customerRules() {
  // NaN is above every number, so it is outside every range.
  const number = (column: string, least: number, most: number) =>
    `trim(coalesce(${column}, '')) = '' OR try_cast(trim(${column}) AS DOUBLE) BETWEEN ${least} AND ${most}`;
  return {
    has_id: "trim(customer_id) <> ''",
    join_date_is_a_date: "try_cast(trim(join_date) AS DATE) BETWEEN DATE'1900-01-01' AND DATE'2100-01-01'",
    updated_at_is_a_time: "trim(coalesce(updated_at, '')) = '' OR try_cast(trim(updated_at) AS TIMESTAMP) IS NOT NULL",
    age_is_a_number: number('age', 0, 150),
    monthly_charges_is_a_number: number('monthly_charges', 0, 1_000_000),
    total_charges_is_a_number: number('total_charges', 0, 100_000_000),
    region_is_short: "length(coalesce(region_id, '')) <= 60",
  };
}
