-- What was known about each customer on the snapshot date, never later. Means are computed from sums of integers, which
-- depend neither on the order of the rows nor on the engine.
WITH windowed AS (
  SELECT
    customer_id,
    type,
    ts,
    resolved,
    duration,
    CAST(round(sentiment * 1000000) AS BIGINT) AS sentiment,
    ts >= CAST(date_sub(:snapshot_date, 30) AS TIMESTAMP) AS in_30d
  FROM interactions_clean
),
activity AS (
  SELECT
    customer_id,
    count(*) AS _rows_interactions_clean,
    count_if(in_30d) AS interactions_30d,
    count(*) AS interactions_90d,
    count_if(in_30d AND type = 'complaint') AS complaints_30d,
    count_if(type = 'complaint') AS complaints_90d,
    count_if(in_30d AND type = 'billing') AS billing_30d,
    count_if(type = 'billing') AS billing_90d,
    count_if(in_30d AND type = 'support') AS support_30d,
    count_if(type = 'support') AS support_90d,
    count_if(in_30d AND type = 'upgrade') AS upgrades_30d,
    count_if(type = 'upgrade') AS upgrades_90d,
    count_if(in_30d AND type = 'info') AS infos_30d,
    count_if(type = 'info') AS infos_90d,
    sum(CASE WHEN in_30d THEN sentiment END) / (1000000.0D * nullif(count(CASE WHEN in_30d THEN sentiment END), 0)) AS mean_sentiment_30d,
    sum(sentiment) / (1000000.0D * nullif(count(sentiment), 0)) AS mean_sentiment_90d,
    count_if(in_30d AND resolved) / nullif(CAST(count(CASE WHEN in_30d THEN resolved END) AS DOUBLE), 0) AS share_resolved_30d,
    count_if(resolved) / nullif(CAST(count(resolved) AS DOUBLE), 0) AS share_resolved_90d,
    sum(CAST(round(duration) AS BIGINT)) / nullif(CAST(count(duration) AS DOUBLE), 0) AS mean_duration_90d,
    CAST(datediff(:snapshot_date, CAST(max(ts) AS DATE)) AS INT) AS days_since_last
  FROM windowed
  GROUP BY customer_id
)
SELECT
  c._row,
  coalesce(a._rows_interactions_clean, 0) AS _rows_interactions_clean,
  c.customer_id,
  c.region_id,
  c.churn,
  CAST(datediff(:snapshot_date, c.join_date) AS INT) AS tenure_days,
  c.plan_type,
  c.device_type,
  c.contract_type,
  c.payment_method,
  c.age,
  c.monthly_charges,
  c.total_charges,
  coalesce(a.interactions_30d, 0) AS interactions_30d,
  coalesce(a.interactions_90d, 0) AS interactions_90d,
  coalesce(a.complaints_30d, 0) AS complaints_30d,
  coalesce(a.complaints_90d, 0) AS complaints_90d,
  coalesce(a.billing_30d, 0) AS billing_30d,
  coalesce(a.billing_90d, 0) AS billing_90d,
  coalesce(a.support_30d, 0) AS support_30d,
  coalesce(a.support_90d, 0) AS support_90d,
  coalesce(a.upgrades_30d, 0) AS upgrades_30d,
  coalesce(a.upgrades_90d, 0) AS upgrades_90d,
  coalesce(a.infos_30d, 0) AS infos_30d,
  coalesce(a.infos_90d, 0) AS infos_90d,
  a.mean_sentiment_30d,
  a.mean_sentiment_90d,
  a.share_resolved_30d,
  a.share_resolved_90d,
  a.mean_duration_90d,
  a.days_since_last,
  c.population,
  c.average_income,
  c.competitors
FROM customers_clean AS c
LEFT JOIN activity AS a ON a.customer_id = c.customer_id
