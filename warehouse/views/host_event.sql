-- Conferences and summits, each under its fullest name, with the meetings at or beside it.
WITH named AS (
    SELECT meeting_id, host_event AS name, host_event_acronym AS acronym, day, country, city,
        regexp_replace(lower(strip_accents(host_event)), '[^a-z0-9]+', ' ', 'g') AS key
    FROM meeting WHERE host_event IS NOT NULL
), keyed AS (
    SELECT key, min(upper(regexp_replace(acronym, '(20)?([0-9]{2})$', '\2'))) AS acronym_key FROM named GROUP BY key
)
SELECT md5(coalesce(regexp_replace(acronym_key, '[^A-Z0-9]', '', 'g'), key))::UUID AS event_id,
    arg_max(named.name, length(named.name)) AS name, min(named.acronym) AS acronym, count(*) AS meetings, min(day) AS first_day,
    max(day) AS last_day, mode(country) AS country, mode(city) AS city, list(DISTINCT named.name ORDER BY named.name) AS names
FROM named JOIN keyed USING (key)
GROUP BY event_id
