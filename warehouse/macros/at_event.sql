-- at_event('WTDC-25'): meetings at or beside a conference, by its acronym or a part of its name.
CREATE MACRO at_event(event_name) AS TABLE
SELECT day, status, mode, parties, city, country, host_event, host_event_acronym, reports, meeting_id
FROM meeting
WHERE host_event IS NOT NULL AND (
    regexp_replace(lower(coalesce(host_event_acronym, '')), '[^a-z0-9]', '', 'g') = regexp_replace(lower(event_name), '[^a-z0-9]', '', 'g')
    OR contains(strip_accents(lower(host_event)), strip_accents(lower(event_name))))
ORDER BY day, meeting_id
