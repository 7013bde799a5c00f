-- Meetings as pairs of sides with CAMEO and PLOVER codes. One meeting is one event: event_id repeats on each of its pairs and weight
-- shares one among them, so count(DISTINCT event_id) and sum(weight) count meetings, and count(*) counts pairs. A visitor is the source
-- and the host the target; otherwise the sides stand in the order of the alphabet.
WITH event AS (
    SELECT meeting_id, list_sort(list(DISTINCT coalesce(country, organization, name))) AS sides
    FROM meeting_participant WHERE coalesce(country, organization, name) IS NOT NULL GROUP BY meeting_id
), pair AS (
    SELECT meeting_id, len(sides) * (len(sides) - 1) // 2 AS pairs, unnest(flatten(
        [[{'a': sides[i], 'b': sides[j]} for j in range(i + 1, len(sides) + 1)] for i in range(1, len(sides))])) AS p
    FROM event WHERE len(sides) > 1
)
SELECT pair.meeting_id AS event_id, m.day, m.status,
    CASE WHEN p.a = m.country THEN p.b ELSE p.a END AS source, CASE WHEN p.a = m.country THEN p.a ELSE p.b END AS target,
    CASE WHEN m.status = 'planned' THEN '036' WHEN m.status = 'cancelled' THEN '125' WHEN m.mode = 'phone' THEN '041'
        WHEN m.mode = 'video' THEN '040' WHEN m.country IN (p.a, p.b) THEN '042' WHEN m.country IS NOT NULL THEN '044' ELSE '040' END AS cameo,
    CASE WHEN m.status = 'planned' THEN 'AGREE' WHEN m.status = 'cancelled' THEN 'REJECT' ELSE 'CONSULT' END AS plover,
    CASE WHEN m.status <> 'held' THEN NULL WHEN m.mode IN ('phone', 'video') THEN 'phone' WHEN pairs > 1 THEN 'multilateral'
        WHEN m.country IN (p.a, p.b) THEN 'visit' WHEN m.country IS NOT NULL THEN 'third-party' END AS plover_mode,
    pairs, 1.0 / pairs AS weight, m.parties
FROM pair JOIN meeting m USING (meeting_id)
WHERE NOT m.background
