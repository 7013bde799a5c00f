-- The words of the article that prove each field of each mention.
SELECT mm.meeting_id, e.mention_id, e.field, e.item, substring(a.text, e.span_start + 1, e.span_end - e.span_start) AS words,
    e.span_start, e.span_end, a.url
FROM mention_evidence e JOIN mention n USING (mention_id) JOIN article a USING (article_id)
LEFT JOIN meeting_mention mm ON mm.mention_id = e.mention_id
