-- Where reports of one meeting disagree: on the day, the city, the country or the status (a change over time is no disagreement).
WITH said AS (
    SELECT mm.meeting_id, m.mention_id, m.article_id, m.status, m.start_date, m.city, m.country
    FROM meeting_mention mm JOIN mention m USING (mention_id)
), field AS (
    SELECT meeting_id, 'day' AS field, start_date::VARCHAR AS value, mention_id FROM said
    WHERE status = 'held' AND start_date IS NOT NULL AND mention_id IN (SELECT mention_id FROM mention WHERE date_precision = 'day')
    UNION ALL SELECT meeting_id, 'city', city, mention_id FROM said WHERE city IS NOT NULL
    UNION ALL SELECT meeting_id, 'country', country, mention_id FROM said WHERE country IS NOT NULL
    UNION ALL SELECT meeting_id, 'status', status, mention_id FROM said WHERE status IN ('held', 'cancelled')
)
SELECT f.meeting_id, any_value(m.parties) AS parties, f.field, list(DISTINCT f.value ORDER BY f.value) AS said,
    list(f.mention_id ORDER BY f.mention_id) AS mention_ids
FROM field f JOIN meeting m USING (meeting_id)
WHERE m.reports > 1
GROUP BY f.meeting_id, f.field HAVING count(DISTINCT f.value) > 1
