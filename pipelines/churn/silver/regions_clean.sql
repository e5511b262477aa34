SELECT
  _row,
  trim(region_id) AS region_id,
  population,
  average_income,
  competitors
FROM regions
