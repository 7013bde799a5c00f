-- Days in the wrong order, a precision without a day or a day without one, a confidence outside 0..1, a country code that is none.
SELECT 'mention: days' AS what, mention_id::VARCHAR AS id FROM mention
WHERE end_date < start_date OR (start_date IS NULL) <> (date_precision IS NULL) OR (start_date IS NULL AND end_date IS NOT NULL)
UNION ALL SELECT 'mention: confidence', mention_id::VARCHAR FROM mention WHERE NOT confidence BETWEEN 0 AND 1
UNION ALL SELECT 'mention: country', mention_id::VARCHAR FROM mention WHERE NOT regexp_full_match(country, '[A-Z]{3}')
UNION ALL SELECT 'mention_participant: country', mention_id::VARCHAR FROM mention_participant WHERE NOT regexp_full_match(country, '[A-Z]{3}')
UNION ALL SELECT 'meeting: days', meeting_id::VARCHAR FROM meeting WHERE last_day < first_day OR end_date < start_date
