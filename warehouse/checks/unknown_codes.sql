-- Values outside the closed vocabularies of the records (internal.vocabulary is written from them).
WITH used AS (
    SELECT DISTINCT 'article' AS table_name, 'status' AS column_name, status AS code FROM article
    UNION SELECT DISTINCT 'mention', 'status', status FROM mention
    UNION SELECT DISTINCT 'mention', 'mode', mode FROM mention
    UNION SELECT DISTINCT 'mention', 'date_precision', date_precision FROM mention
    UNION SELECT DISTINCT 'mention_participant', 'kind', kind FROM mention_participant
    UNION SELECT DISTINCT 'mention_participant', 'role_class', role_class FROM mention_participant
    UNION SELECT DISTINCT 'mention_participant', 'country_source', country_source FROM mention_participant
    UNION SELECT DISTINCT 'mention_topic', 'topic', topic FROM mention_topic
    UNION SELECT DISTINCT 'mention_outcome', 'kind', kind FROM mention_outcome
    UNION SELECT DISTINCT 'mention_evidence', 'field', field FROM mention_evidence
    UNION SELECT DISTINCT 'meeting', 'status', status FROM meeting
    UNION SELECT DISTINCT 'meeting', 'mode', mode FROM meeting
    UNION SELECT DISTINCT 'meeting_status', 'status', status FROM meeting_status
    UNION SELECT DISTINCT 'fetch_failure', 'stage', stage FROM fetch_failure
    UNION SELECT DISTINCT 'correction', 'kind', kind FROM correction
)
SELECT table_name, column_name, code FROM used ANTI JOIN internal.vocabulary USING (table_name, column_name, code) WHERE code IS NOT NULL
