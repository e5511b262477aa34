SELECT
  region_id,
  count(*) AS customers,
  count_if(churn = 1) AS cancelled,
  count_if(churn = 1) / CAST(count(*) AS DOUBLE) AS churn_rate,
  -- Summed in cents: a sum of integers depends neither on the order of the rows nor on the engine.
  sum(CAST(round(monthly_charges * 100) AS BIGINT)) / 100.0D AS monthly_revenue,
  count(*) AS _rows_customers_clean
FROM customers_clean
GROUP BY region_id
