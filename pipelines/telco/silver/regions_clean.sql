SELECT
  _row,
  trim(zip_code) AS zip_code,
  try_cast(trim(population) AS BIGINT) AS population
FROM regions
