-- Who held which office, as the reports say: first and last day on which a meeting shows it, and the reports of those two.
SELECT n.name AS person, p.role, mode(p.role_class) AS role_class, p.country, p.organization,
    min(m.day) AS first_seen, max(m.day) AS last_seen, count(*) AS meetings,
    arg_min(m.meeting_id, m.day) AS first_meeting_id, arg_max(m.meeting_id, m.day) AS last_meeting_id, p.person_id
FROM meeting_participant p JOIN person n USING (person_id) JOIN meeting m USING (meeting_id)
WHERE p.role IS NOT NULL
GROUP BY p.person_id, n.name, p.role, p.country, p.organization
