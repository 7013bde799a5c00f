-- One row for each party of each meeting, with the meeting's day, status and place.
SELECT m.meeting_id, m.day, m.status, m.mode, p.kind, p.name, p.role, p.role_class, p.portfolio, p.country, p.organization, p.person_id,
    p.reports, m.city, m.country AS place_country, m.host_event, m.parties
FROM meeting m JOIN meeting_participant p USING (meeting_id)
