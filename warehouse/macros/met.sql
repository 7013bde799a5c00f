-- met('IRN', 'DZA'): meetings in which both countries took part.
CREATE MACRO met(one_country, other_country) AS TABLE
SELECT day, status, mode, parties, city, country, host_event, reports, first_day, last_day, meeting_id
FROM meeting
WHERE meeting_id IN (SELECT meeting_id FROM meeting_participant p WHERE p.country = upper(one_country))
    AND meeting_id IN (SELECT meeting_id FROM meeting_participant p WHERE p.country = upper(other_country))
ORDER BY day DESC NULLS LAST, meeting_id
