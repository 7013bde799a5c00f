-- Meetings that were announced and not yet reported as held, with how often they were put off; overdue when their last possible day is past.
SELECT m.meeting_id, m.day, m.first_day, m.last_day, m.last_day < current_date AS overdue, m.parties, m.city, m.country, m.host_event,
    (SELECT count(*) FROM meeting_status s WHERE s.meeting_id = m.meeting_id AND s.status = 'postponed') AS times_postponed,
    m.reports, m.first_reported, m.last_reported
FROM meeting m WHERE m.status = 'planned'
