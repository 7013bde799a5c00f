-- Runs of the flows by day: how many, how they ended, how long they took.
SELECT started_at::DATE AS day, flow, count(*) AS runs, count(*) FILTER (state = 'failed') AS failed,
    count(*) FILTER (state = 'running') AS unfinished, round(avg(epoch(ended_at - started_at)), 1) AS mean_seconds,
    max(ended_at) AS last_end
FROM pipeline_run GROUP BY ALL
