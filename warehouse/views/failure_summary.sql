-- Open failures by stage and reason, with an example.
SELECT stage, reason, source_id, count(*) AS failures, max(observed_at) AS newest, min(next_try) AS next_try, arg_max(url, observed_at) AS example
FROM fetch_failure WHERE NOT resolved GROUP BY ALL
