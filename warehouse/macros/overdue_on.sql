-- overdue_on(DATE '2025-12-01'): meetings that were announced for a day before that one, and of which no report says that they took place.
CREATE MACRO overdue_on(some_day) AS TABLE
SELECT day, first_day, last_day, parties, city, country, host_event, reports, last_reported, meeting_id
FROM meeting WHERE status = 'planned' AND last_day < some_day
ORDER BY last_day, meeting_id
