-- Places where parties met, with how often and from when to when.
SELECT city, country, count(*) AS meetings, min(day) AS first_day, max(day) AS last_day
FROM meeting WHERE city IS NOT NULL OR country IS NOT NULL GROUP BY ALL
