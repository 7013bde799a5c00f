-- What became of the articles, by language.
SELECT status, language, count(*) AS articles, min(published) AS oldest, max(published) AS newest FROM article GROUP BY ALL
