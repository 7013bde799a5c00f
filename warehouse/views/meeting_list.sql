-- Meetings with their parties, topics and outcomes as lists: one row a meeting.
WITH party AS (
    SELECT meeting_id, list({'name': name, 'role': role, 'country': country, 'organization': organization, 'kind': kind} ORDER BY ordinal) AS participants,
        list_sort(list(DISTINCT country) FILTER (country IS NOT NULL)) AS countries
    FROM meeting_participant GROUP BY meeting_id
), topics AS (
    SELECT meeting_id, list(topic ORDER BY reports DESC, topic) AS topics FROM meeting_topic GROUP BY meeting_id
), outcomes AS (
    SELECT meeting_id, list({'kind': kind, 'text': text} ORDER BY ordinal) AS outcomes FROM meeting_outcome GROUP BY meeting_id
)
SELECT m.meeting_id, m.status, m.mode, m.start_date, m.end_date, m.date_precision, m.first_day, m.last_day, m.city, m.country, m.venue,
    m.host_event, m.host_event_acronym, m.parties, p.participants, p.countries, t.topics, o.outcomes, m.reports, m.independent_reports,
    m.outlets, m.background, m.confidence, m.first_reported, m.last_reported
FROM meeting m JOIN party p USING (meeting_id) LEFT JOIN topics t USING (meeting_id) LEFT JOIN outcomes o USING (meeting_id)
