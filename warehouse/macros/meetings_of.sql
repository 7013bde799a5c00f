-- meetings_of('IRN'): all meetings with a party of that country.
CREATE MACRO meetings_of(of_country) AS TABLE
SELECT day, status, mode, parties, city, country, host_event, reports, first_day, last_day, meeting_id
FROM meeting WHERE meeting_id IN (SELECT meeting_id FROM meeting_participant p WHERE p.country = upper(of_country))
ORDER BY day DESC NULLS LAST, meeting_id
