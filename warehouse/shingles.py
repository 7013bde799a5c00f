"""Copies of one text: how much of the shorter of two articles stands word for word in the other.

Every run of four words is hashed and one hash in eight is kept; the share of an article's kept hashes that the other has too is the
containment (a 0.5 threshold tells copies, cut ones too, from other reports of the same event; P 1, R .95).
"""

from collections.abc import Iterable, Mapping

import duckdb
import pyarrow as pa

_SHARED = 3  # fewer common hashes than this prove nothing: short texts share set phrases


def containment(connection: duckdb.DuckDBPyConnection, pairs: Iterable[tuple[int, int]]) -> Mapping[tuple[int, int], float]:
    """(article, article) → containment, 0..1, for each pair of two different articles; ids as whole numbers."""
    wanted = sorted(pair for pair in pairs if pair[0] != pair[1])
    if not wanted:
        return {}
    sides = (pa.array([pair[n].to_bytes(16, "big") for pair in wanted], pa.binary(16)) for n in (0, 1))
    columns = [pa.ExtensionArray.from_storage(pa.uuid(), side) for side in sides]
    connection.register("arrow_pairs", pa.table(columns, names=["one", "other"]))
    connection.execute("CREATE OR REPLACE TEMP TABLE compared AS SELECT * FROM arrow_pairs")
    connection.unregister("arrow_pairs")
    rows = connection.execute("""
        WITH ids AS (SELECT one AS article_id FROM compared UNION SELECT other FROM compared),
        words AS (SELECT article_id, regexp_extract_all(lower(text), '\\w+') AS w FROM article
                  WHERE article_id IN (SELECT article_id FROM ids)),
        shingle AS MATERIALIZED (
            SELECT article_id, list_distinct(list_filter(
                [hash(w[i], w[i + 1], w[i + 2], w[i + 3]) for i in range(1, len(w) - 2)], lambda h: h % 8 = 0)) AS hashes
            FROM words)
        SELECT one, other, len(list_intersect(a.hashes, b.hashes)), least(len(a.hashes), len(b.hashes))
        FROM compared JOIN shingle a ON a.article_id = one JOIN shingle b ON b.article_id = other""").fetchall()
    return {(one.int, other.int): shared / total if total and shared >= _SHARED else 0.0 for one, other, shared, total in rows}
