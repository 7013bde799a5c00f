-- Meetings that were called off, or put off with no new date.
SELECT m.meeting_id, m.day, m.parties, m.city, m.country, m.host_event, s.reported AS cancelled_at, s.article_id, m.reports
FROM meeting m LEFT JOIN meeting_status s ON s.meeting_id = m.meeting_id AND s.status = 'cancelled'
WHERE m.status = 'cancelled'
QUALIFY row_number() OVER (PARTITION BY m.meeting_id ORDER BY s.ordinal DESC) = 1
