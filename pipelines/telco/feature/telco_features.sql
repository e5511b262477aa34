SELECT
  _row,
  customer_id,
  churn,
  gender,
  age,
  married,
  dependents,
  latitude,
  longitude,
  referrals,
  tenure_months,
  offer,
  phone_service,
  monthly_long_distance_charges,
  multiple_lines,
  internet_service,
  internet_type,
  monthly_gb_download,
  online_security,
  online_backup,
  device_protection,
  premium_support,
  streaming_tv,
  streaming_movies,
  streaming_music,
  unlimited_data,
  contract,
  paperless_billing,
  payment_method,
  monthly_charge,
  total_charges,
  total_refunds,
  extra_data_charges,
  long_distance_charges,
  total_revenue,
  population,
  -- The number of extra services; customers with many of them seldom leave.
  CASE online_security WHEN 'Yes' THEN 1 ELSE 0 END
  + CASE online_backup WHEN 'Yes' THEN 1 ELSE 0 END
  + CASE device_protection WHEN 'Yes' THEN 1 ELSE 0 END
  + CASE premium_support WHEN 'Yes' THEN 1 ELSE 0 END
  + CASE streaming_tv WHEN 'Yes' THEN 1 ELSE 0 END
  + CASE streaming_movies WHEN 'Yes' THEN 1 ELSE 0 END
  + CASE streaming_music WHEN 'Yes' THEN 1 ELSE 0 END AS services
FROM customers_clean
