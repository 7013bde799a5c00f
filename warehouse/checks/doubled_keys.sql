-- Two rows where one is meant: an address read twice, a child's place taken twice, a mention in two meetings.
SELECT 'article' AS what, url_key::VARCHAR AS id FROM article GROUP BY url_key HAVING count(*) > 1
UNION ALL SELECT 'mention_participant', mention_id::VARCHAR FROM mention_participant GROUP BY mention_id, ordinal HAVING count(*) > 1
UNION ALL SELECT 'mention_topic', mention_id::VARCHAR FROM mention_topic GROUP BY mention_id, topic HAVING count(*) > 1
UNION ALL SELECT 'mention_outcome', mention_id::VARCHAR FROM mention_outcome GROUP BY mention_id, ordinal HAVING count(*) > 1
UNION ALL SELECT 'mention_evidence', mention_id::VARCHAR FROM mention_evidence GROUP BY mention_id, ordinal HAVING count(*) > 1
UNION ALL SELECT 'meeting_mention', mention_id::VARCHAR FROM meeting_mention GROUP BY mention_id HAVING count(*) > 1
UNION ALL SELECT 'meeting_participant', meeting_id::VARCHAR FROM meeting_participant GROUP BY meeting_id, ordinal HAVING count(*) > 1
UNION ALL SELECT 'meeting_status', meeting_id::VARCHAR FROM meeting_status GROUP BY meeting_id, ordinal HAVING count(*) > 1
