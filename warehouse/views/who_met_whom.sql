-- Pairs of named people who met, with how often and when first and last.
WITH pair AS (
    SELECT least(a.person_id, b.person_id) AS one, greatest(a.person_id, b.person_id) AS two, count(*) AS meetings,
        min(m.day) AS first_met, max(m.day) AS last_met
    FROM meeting_participant a JOIN meeting_participant b ON a.meeting_id = b.meeting_id AND a.ordinal < b.ordinal
    JOIN meeting m ON m.meeting_id = a.meeting_id
    WHERE m.status = 'held' AND a.person_id <> b.person_id
    GROUP BY ALL
)
SELECT a.name AS person, a.country AS country, b.name AS other_person, b.country AS other_country, pair.meetings, pair.first_met,
    pair.last_met, pair.one AS person_id, pair.two AS other_person_id
FROM pair JOIN person a ON a.person_id = pair.one JOIN person b ON b.person_id = pair.two
