-- Every spelling of a person's name in the reports.
SELECT person_id, name, nullif(country, '') AS country, uses AS meetings FROM internal.spelling
