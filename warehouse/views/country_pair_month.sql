-- How often two countries met, month by month: each meeting once for each pair of its countries, recalled and cancelled ones left out.
SELECT a.country AS country, b.country AS other_country, date_trunc('month', m.day)::DATE AS month,
    count(DISTINCT m.meeting_id) AS meetings,
    count(DISTINCT m.meeting_id) FILTER (m.status = 'held') AS held,
    count(DISTINCT m.meeting_id) FILTER (m.status = 'planned') AS planned
FROM meeting m
JOIN (SELECT DISTINCT meeting_id, country FROM meeting_participant WHERE country IS NOT NULL) a USING (meeting_id)
JOIN (SELECT DISTINCT meeting_id, country FROM meeting_participant WHERE country IS NOT NULL) b
    ON b.meeting_id = m.meeting_id AND a.country < b.country
WHERE m.status <> 'cancelled' AND m.day IS NOT NULL
GROUP BY ALL
