-- Bodies that took part in meetings or were represented there.
WITH said AS (
    SELECT coalesce(organization, name) AS name, country, meeting_id FROM meeting_participant
    WHERE organization IS NOT NULL OR (kind = 'organization' AND name IS NOT NULL)
)
SELECT md5(lower(strip_accents(name)))::UUID AS organization_id, arg_max(name, length(name)) AS name, mode(country) AS country,
    count(DISTINCT meeting_id) AS meetings
FROM said GROUP BY organization_id
