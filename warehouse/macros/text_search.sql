-- text_search('undersea cables'): meetings whose articles, outcomes, parties or event name hold the words as they stand, best first.
CREATE MACRO text_search(wanted) AS TABLE
WITH hit AS (
    SELECT meeting_id, 3 AS points FROM meeting_outcome o WHERE contains(lower(o.text), lower(wanted))
    UNION ALL SELECT meeting_id, 3 FROM meeting n WHERE contains(lower(n.parties), lower(wanted)) OR contains(lower(n.host_event), lower(wanted))
    UNION ALL SELECT meeting_id, 2 FROM meeting_mention JOIN article a USING (article_id) WHERE contains(lower(a.title), lower(wanted))
    UNION ALL SELECT meeting_id, 1 FROM meeting_mention JOIN article a USING (article_id) WHERE contains(lower(a.text), lower(wanted))
)
SELECT sum(points) AS points, m.day, m.status, m.parties, m.city, m.country, m.host_event, m.reports, m.meeting_id
FROM hit JOIN meeting m USING (meeting_id)
GROUP BY ALL ORDER BY points DESC, m.day DESC, m.meeting_id
