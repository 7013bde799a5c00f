-- Where reports of one meeting disagree: on the day, the city, the country or the status (a change over time is no disagreement).
WITH said AS (
    SELECT mm.meeting_id, m.mention_id, CASE WHEN m.status = 'held' AND m.date_precision = 'day' THEN m.start_date END AS day, m.city, m.country,
        CASE WHEN m.status <> 'planned' THEN m.status END AS status
    FROM meeting_mention mm JOIN mention m USING (mention_id)
), torn AS (
    SELECT meeting_id FROM said GROUP BY meeting_id
    HAVING min(day) < max(day) OR min(city) < max(city) OR min(country) < max(country) OR min(status) < max(status)
), field AS (
    SELECT meeting_id, mention_id, unnest([
        {'name': 'day', 'value': day::VARCHAR}, {'name': 'city', 'value': city}, {'name': 'country', 'value': country},
        {'name': 'status', 'value': status}]) AS f
    FROM said SEMI JOIN torn USING (meeting_id)
)
SELECT field.meeting_id, any_value(m.parties) AS parties, f.name AS field, list(DISTINCT f.value ORDER BY f.value) AS said,
    list(mention_id ORDER BY mention_id) AS mention_ids
FROM field JOIN meeting m USING (meeting_id)
WHERE f.value IS NOT NULL
GROUP BY field.meeting_id, f.name HAVING count(DISTINCT f.value) > 1
