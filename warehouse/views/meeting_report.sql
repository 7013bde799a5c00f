-- The articles behind each meeting: who reported it, when, and why the report was put with this meeting.
SELECT mm.meeting_id, a.publisher, a.source_id, a.published, a.title, a.url, a.language, n.status, n.start_date, n.confidence, mm.reason,
    mm.score, mm.copy_of IS NOT NULL AS is_copy, mm.mention_id, mm.article_id
FROM meeting_mention mm JOIN mention n USING (mention_id) JOIN article a ON a.article_id = mm.article_id
