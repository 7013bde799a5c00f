-- Meetings at or beside a conference or summit, event by event.
SELECT m.host_event, m.host_event_acronym, m.day, m.status, m.parties, m.city, m.country, m.reports, m.meeting_id
FROM meeting m WHERE m.host_event IS NOT NULL
