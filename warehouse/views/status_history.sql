-- What was said of each meeting's status over time, with the article that first said so.
SELECT s.meeting_id, m.parties, s.ordinal, s.status, s.reported, s.start_date, s.date_precision, a.publisher, a.url, a.title
FROM meeting_status s JOIN meeting m USING (meeting_id) JOIN article a USING (article_id)
