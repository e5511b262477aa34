import { definePipeline } from 'millrace';

/** Bronze column -> its name in the operator's file, without trailing blanks. */
const headers = {
  customer_id: 'Customerid',
  gender: 'Gender',
  age: 'Age',
  married: 'Married',
  dependents: 'Numberofdependents',
  city: 'City',
  zip_code: 'Zipcode',
  latitude: 'Latitude',
  longitude: 'Longitude',
  referrals: 'Numberofreferrals',
  tenure_months: 'Tenureinmonths',
  offer: 'Offer',
  phone_service: 'Phoneservice',
  monthly_long_distance_charges: 'Avgmonthlylongdistancecharges',
  multiple_lines: 'MultipleLines',
  internet_service: 'Internetservice',
  internet_type: 'Internettype',
  monthly_gb_download: 'Avgmonthlygbdownload',
  online_security: 'Onlinesecurity',
  online_backup: 'Onlinebackup',
  device_protection: 'Deviceprotectionplan',
  premium_support: 'Premiumtechsupport',
  streaming_tv: 'Streamingtv',
  streaming_movies: 'Streamingmovies',
  streaming_music: 'Streamingmusic',
  unlimited_data: 'Unlimiteddata',
  contract: 'Contract',
  paperless_billing: 'Paperlessbilling',
  payment_method: 'Paymentmethod',
  monthly_charge: 'Monthlycharge',
  total_charges: 'Totalcharges',
  total_refunds: 'Totalrefunds',
  extra_data_charges: 'Totalextradatacharges',
  long_distance_charges: 'Totallongdistancecharges',
  total_revenue: 'Totalrevenue',
  status: 'Customerstatus',
  churn_category: 'Churncategory',
  churn_reason: 'Churnreason',
} as const;

/** What is known about a customer who has not left. Not the reason for leaving, which is only recorded afterwards. */
const known = {
  gender: 'string?',
  age: 'int?',
  married: 'string?',
  dependents: 'int?',
  latitude: 'double?',
  longitude: 'double?',
  referrals: 'int?',
  tenure_months: 'int?',
  offer: 'string?',
  phone_service: 'string?',
  monthly_long_distance_charges: 'double?',
  multiple_lines: 'string?',
  internet_service: 'string?',
  internet_type: 'string?',
  monthly_gb_download: 'double?',
  online_security: 'string?',
  online_backup: 'string?',
  device_protection: 'string?',
  premium_support: 'string?',
  streaming_tv: 'string?',
  streaming_movies: 'string?',
  streaming_music: 'string?',
  unlimited_data: 'string?',
  contract: 'string?',
  paperless_billing: 'string?',
  payment_method: 'string?',
  monthly_charge: 'double?',
  total_charges: 'double?',
  total_refunds: 'double?',
  extra_data_charges: 'double?',
  long_distance_charges: 'double?',
  total_revenue: 'double?',
} as const;

const columns = { customer_id: 'string', churn: 'int', zip_code: 'string?', ...known, population: 'bigint?' } as const;

/** Churn of the real customers of a Californian operator, with the population of their regions. */
export default definePipeline({
  name: 'telco',
  sources: {
    customers: {
      format: 'csv',
      path: 'customers/*.csv',
      columns: Object.keys(headers) as (keyof typeof headers)[],
      headers,
    },
    regions: {
      format: 'csv',
      path: 'regions/*.csv',
      columns: ['zip_code', 'population'],
      headers: { zip_code: 'Zip Code', population: 'Population' },
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
            has_zip_code: "trim(zip_code) <> ''",
            population_is_a_number: inRange('population', 'BIGINT', 0, 10_000_000_000),
          },
        },
      },
      columns: { zip_code: 'string', population: 'bigint?' },
      key: ['zip_code'],
    },
    customers_clean: {
      layer: 'silver',
      sql: 'silver/customers_clean.sql',
      reads: {
        customers: {
          use: 'rows',
          quarantine: { has_id: "trim(customer_id) <> ''", ...numberRules() },
          // Customers who joined this quarter have neither stayed nor left yet.
          keep: { has_had_time_to_leave: "trim(status) <> 'Joined'" },
        },
        regions_clean: { use: 'lookup' },
      },
      columns,
      key: ['customer_id'],
    },
    telco_features: {
      layer: 'feature',
      sql: 'feature/telco_features.sql',
      reads: { customers_clean: { use: 'rows' } },
      columns: { customer_id: 'string', churn: 'int', ...known, population: 'bigint?', services: 'int' },
      key: ['customer_id'],
      expect: { both_kinds: 'min(churn) = 0 AND max(churn) = 1' },
    },
  },
  models: {
    telco_churn: {
      features: 'telco_features',
      label: 'churn',
      algorithm: 'gradient-boosted-trees',
      gate: { auc: 0.88 },
    },
  },
});

/** Each number must be empty or in a plausible range: a decimal comma or an absurd value sends its row to quarantine. */
function numberRules() {
  const whole = (column: string, most: number) => inRange(column, 'INT', 0, most);
  const amount = (column: string, least = 0) => inRange(column, 'DOUBLE', least, 1_000_000);
  return {
    age_is_a_number: whole('age', 150),
    dependents_is_a_number: whole('dependents', 100),
    latitude_is_a_number: inRange('latitude', 'DOUBLE', -90, 90),
    longitude_is_a_number: inRange('longitude', 'DOUBLE', -180, 180),
    referrals_is_a_number: whole('referrals', 100_000),
    tenure_is_a_number: whole('tenure_months', 1200),
    monthly_long_distance_is_a_number: amount('monthly_long_distance_charges'),
    monthly_download_is_a_number: amount('monthly_gb_download'),
    // A credit is a negative charge.
    monthly_charge_is_a_number: amount('monthly_charge', -1000),
    total_charges_is_a_number: amount('total_charges'),
    total_refunds_is_a_number: amount('total_refunds'),
    extra_data_charges_is_a_number: amount('extra_data_charges'),
    long_distance_charges_is_a_number: amount('long_distance_charges'),
    total_revenue_is_a_number: amount('total_revenue'),
  };
}

function inRange(column: string, type: 'INT' | 'BIGINT' | 'DOUBLE', least: number, most: number): string {
  return `trim(coalesce(${column}, '')) = '' OR try_cast(trim(${column}) AS ${type}) BETWEEN ${least} AND ${most}`;
}
