-- Pairs of named people who met, with how often and when first and last.
SELECT a.name AS person, a.country AS country, b.name AS other_person, b.country AS other_country, count(*) AS meetings,
    min(m.day) AS first_met, max(m.day) AS last_met, a.person_id, b.person_id AS other_person_id
FROM (SELECT p.meeting_id, p.person_id, n.name, n.country FROM meeting_participant p JOIN person n USING (person_id)) a
JOIN (SELECT p.meeting_id, p.person_id, n.name, n.country FROM meeting_participant p JOIN person n USING (person_id)) b
    ON a.meeting_id = b.meeting_id AND a.person_id < b.person_id
JOIN meeting m ON m.meeting_id = a.meeting_id
WHERE m.status = 'held'
GROUP BY ALL
