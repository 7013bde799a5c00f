-- Topics over time: meetings that treated each, month by month, and their share of that month's meetings.
SELECT t.topic, date_trunc('month', m.day)::DATE AS month, count(*) AS meetings,
    round(count(*) / any_value(n.meetings), 4) AS share
FROM meeting_topic t JOIN meeting m USING (meeting_id)
JOIN (SELECT date_trunc('month', day)::DATE AS month, count(*) AS meetings FROM meeting WHERE status <> 'cancelled' GROUP BY ALL) n
    ON n.month = date_trunc('month', m.day)::DATE
WHERE m.status <> 'cancelled'
GROUP BY ALL
