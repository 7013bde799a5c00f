-- Corrections and whether they take effect: a correction about a mention that is gone waits for it.
SELECT c.*, w.correction_id IS NOT NULL AS withdrawn, m.mention_id IS NOT NULL AS mention_known
FROM correction c
LEFT JOIN (SELECT DISTINCT value['correction_id'] AS correction_id FROM correction WHERE kind = 'withdraw') w
    ON w.correction_id = c.correction_id::VARCHAR
LEFT JOIN mention m ON m.mention_id = c.mention_id
