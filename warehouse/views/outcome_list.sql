-- What came of meetings: agreements, signatures, promises, invitations, with the article that says so.
SELECT o.meeting_id, m.day, o.kind, o.text, m.parties, m.host_event, a.publisher, a.url
FROM meeting_outcome o JOIN meeting m USING (meeting_id) JOIN article a ON a.article_id = o.article_id
