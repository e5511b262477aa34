SELECT
  _row,
  trim(customer_id) AS customer_id,
  ts,
  nullif(lower(trim(channel)), '') AS channel,
  lower(trim(type)) AS type,
  duration,
  sentiment,
  resolved
FROM interactions
