-- Each source with its health and what it has brought: articles, meetings, and the share of articles that tell of one.
SELECT coalesce(s.source_id, h.source_id, a.source_id) AS source_id, s.name, s.country, s.language, s.kind, h.state, h.last_success,
    h.consecutive_failures, h.next_try, h.reason, coalesce(a.articles, 0) AS articles, coalesce(a.with_meetings, 0) AS with_meetings,
    coalesce(a.other_language, 0) AS other_language, coalesce(a.quarantined, 0) AS quarantined, a.newest_article
FROM source s FULL JOIN source_health h USING (source_id)
FULL JOIN (
    SELECT source_id, count(*) AS articles, count(*) FILTER (status = 'extracted') AS with_meetings,
        count(*) FILTER (status = 'other_language') AS other_language, count(*) FILTER (status = 'quarantined') AS quarantined,
        max(published) AS newest_article
    FROM article WHERE source_id IS NOT NULL GROUP BY source_id
) a ON a.source_id = coalesce(s.source_id, h.source_id)
