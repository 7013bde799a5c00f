-- Meetings with their parties, countries, topics and outcomes as lists: one row a meeting.
SELECT m.meeting_id, m.status, m.mode, m.day, m.start_date, m.end_date, m.date_precision, m.first_day, m.last_day, m.city, m.country,
    m.venue, m.host_event, m.host_event_acronym, m.parties,
    (SELECT list({'name': p.name, 'role': p.role, 'country': p.country, 'organization': p.organization, 'kind': p.kind} ORDER BY p.ordinal)
     FROM meeting_participant p WHERE p.meeting_id = m.meeting_id) AS participants,
    (SELECT list(DISTINCT p.country ORDER BY p.country) FILTER (p.country IS NOT NULL)
     FROM meeting_participant p WHERE p.meeting_id = m.meeting_id) AS countries,
    (SELECT list(t.topic ORDER BY t.reports DESC, t.topic) FROM meeting_topic t WHERE t.meeting_id = m.meeting_id) AS topics,
    (SELECT list({'kind': o.kind, 'text': o.text} ORDER BY o.ordinal) FROM meeting_outcome o WHERE o.meeting_id = m.meeting_id) AS outcomes,
    m.reports, m.independent_reports, m.outlets, m.background, m.confidence, m.first_reported, m.last_reported
FROM meeting m
