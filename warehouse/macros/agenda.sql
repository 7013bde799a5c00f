-- agenda('Sattar Hashemi'): a person's meetings under any spelling of the name; part of a name will do.
CREATE MACRO agenda(person_name) AS TABLE
SELECT m.day, m.status, m.mode, n.name AS person, p.role, m.parties, m.city, m.country, m.host_event, m.meeting_id
FROM meeting_participant p JOIN person n USING (person_id) JOIN meeting m USING (meeting_id)
WHERE p.person_id IN (SELECT s.person_id FROM internal.spelling s
                      WHERE contains(strip_accents(lower(s.name)), strip_accents(lower(person_name))))
ORDER BY m.day DESC NULLS LAST, m.meeting_id
