-- meetings_between(DATE '2025-11-01', DATE '2025-11-30'): meetings counted under a day of that span, both ends included.
CREATE MACRO meetings_between(since_day, until_day) AS TABLE
SELECT day, status, mode, parties, city, country, host_event, reports, first_day, last_day, meeting_id
FROM meeting WHERE day BETWEEN since_day AND until_day
ORDER BY day, meeting_id
