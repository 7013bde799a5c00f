-- Each person's meetings with the other parties, past and planned.
SELECT n.name AS person, n.country, p.role, m.day, m.status, m.mode, m.parties, m.city, m.country AS place_country, m.host_event,
    m.meeting_id, p.person_id
FROM meeting_participant p JOIN person n USING (person_id) JOIN meeting m USING (meeting_id)
