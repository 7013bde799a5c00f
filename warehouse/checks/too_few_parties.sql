-- Mentions and meetings of fewer than two parties.
SELECT 'mention' AS what, mention_id::VARCHAR AS id FROM mention m
WHERE (SELECT count(*) FROM mention_participant p WHERE p.mention_id = m.mention_id) < 2
UNION ALL SELECT 'meeting', meeting_id::VARCHAR FROM meeting m
WHERE (SELECT count(*) FROM meeting_participant p WHERE p.meeting_id = m.meeting_id) < 2
