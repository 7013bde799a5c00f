-- Meetings as pairs of sides with CAMEO and PLOVER codes. One meeting is one event: event_id repeats on each of its pairs and weight
-- shares one among them, so count(DISTINCT event_id) and sum(weight) count meetings, and count(*) counts pairs. A visitor is the source
-- and the host the target; otherwise the sides stand in the order of the alphabet.
WITH side AS (
    SELECT DISTINCT meeting_id, coalesce(country, organization, name) AS side FROM meeting_participant
    WHERE coalesce(country, organization, name) IS NOT NULL
), event AS (
    SELECT meeting_id, count(*) * (count(*) - 1) // 2 AS pairs FROM side GROUP BY meeting_id
), pair AS (
    SELECT meeting_id, one.side AS a, two.side AS b, event.pairs
    FROM side one JOIN side two USING (meeting_id) JOIN event USING (meeting_id) WHERE one.side < two.side
)
SELECT pair.meeting_id AS event_id, m.day, m.status,
    CASE WHEN a = m.country THEN b ELSE a END AS source, CASE WHEN a = m.country THEN a ELSE b END AS target,
    CASE WHEN m.status = 'planned' THEN '036' WHEN m.status = 'cancelled' THEN '125' WHEN m.mode = 'phone' THEN '041'
        WHEN m.mode = 'video' THEN '040' WHEN m.country IN (a, b) THEN '042' WHEN m.country IS NOT NULL THEN '044' ELSE '040' END AS cameo,
    CASE WHEN m.status = 'planned' THEN 'AGREE' WHEN m.status = 'cancelled' THEN 'REJECT' ELSE 'CONSULT' END AS plover,
    CASE WHEN m.status <> 'held' THEN NULL WHEN m.mode IN ('phone', 'video') THEN 'phone' WHEN pairs > 1 THEN 'multilateral'
        WHEN m.country IN (a, b) THEN 'visit' WHEN m.country IS NOT NULL THEN 'third-party' END AS plover_mode,
    pairs, 1.0 / pairs AS weight, m.parties
FROM pair JOIN meeting m USING (meeting_id)
WHERE NOT m.background
