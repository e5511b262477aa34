-- One typed row per customer. A new customer has no status yet, and so no label: these are the rows to predict.
WITH everyone AS (
  SELECT _row, customer_id, status, join_date, updated_at, plan_type, device_type, contract_type, payment_method,
    age, monthly_charges, total_charges, region_id
  FROM customers
  UNION ALL
  SELECT _row, customer_id, CAST(NULL AS STRING) AS status, join_date, updated_at, plan_type, device_type, contract_type,
    payment_method, age, monthly_charges, total_charges, region_id
  FROM new_customers
)
SELECT
  e._row,
  trim(e.customer_id) AS customer_id,
  CASE WHEN e.status IS NULL THEN NULL WHEN lower(trim(e.status)) = 'cancelled' THEN 1 ELSE 0 END AS churn,
  CAST(trim(e.join_date) AS DATE) AS join_date,
  try_cast(trim(e.updated_at) AS TIMESTAMP) AS updated_at,
  nullif(lower(trim(e.plan_type)), '') AS plan_type,
  nullif(lower(trim(e.device_type)), '') AS device_type,
  nullif(lower(trim(e.contract_type)), '') AS contract_type,
  nullif(lower(trim(e.payment_method)), '') AS payment_method,
  CAST(try_cast(trim(e.age) AS DOUBLE) AS INT) AS age,
  try_cast(trim(e.monthly_charges) AS DOUBLE) AS monthly_charges,
  try_cast(trim(e.total_charges) AS DOUBLE) AS total_charges,
  coalesce(nullif(trim(e.region_id), ''), 'unknown') AS region_id,
  r.population,
  r.average_income,
  r.competitors
FROM everyone AS e
-- A left join, because a customer of an unknown region is still a customer.
LEFT JOIN regions_clean AS r ON r.region_id = trim(e.region_id)
