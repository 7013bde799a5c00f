-- Evidence that points outside the article's text, or at nothing.
SELECT mention_id, span_start, span_end, length(text) AS text_length
FROM mention_evidence JOIN mention USING (mention_id) JOIN article USING (article_id)
WHERE span_start < 0 OR span_end <= span_start OR span_end > length(text)
