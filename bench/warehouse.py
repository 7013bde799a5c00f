"""The warehouse's figures, in one run, on generated data of realistic shape.

    python -m bench.warehouse                 load, growth, queries, memory, publish (builds a store of 1,000,000 meetings: minutes)
    python -m bench.warehouse load            one part; parts: load growth queries memory
    python -m bench.warehouse --meetings N    size of the store for growth and queries
    python -m bench.warehouse --store FILE    keeps the built store there, or uses the one that is there

Generated: 2 reports a meeting, 2.5 parties a report, 40 words of text an article, ten years of days, 200 countries of which few meet most,
60,000 names. Ratios within one run are what to trust; absolute times are those of the machine.
"""

import json
import random
import resource
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import Any

import duckdb
import pyarrow.parquet as pq

from bench.answering import QUESTIONS, blocks
from parsers.records import (
    Article,
    DatePrecision,
    Evidence,
    EvidenceField,
    HostEvent,
    Meeting,
    Mode,
    Outcome,
    OutcomeKind,
    Participant,
    PartyKind,
    RoleClass,
    Span,
    Status,
    Topic,
)
from warehouse import ArticleEntry, ArticleStatus, Bundle, Engine, LoadReport, WarehousePaths, load_pending, write_bundle
from warehouse.bundles import bundle_rows
from warehouse.connection import connect
from warehouse.migrating import migrate
from warehouse.schema import BY_NAME

_FIRST = date(2016, 1, 1)
_DAYS = 3600
_COUNTRIES = tuple(f"{a}{b}{c}" for a in "ABCDEFGHIJ" for b in "KLMNO" for c in "PQRS")
_WORDS = tuple(f"{start}{middle}{end}" for start in ("tra", "pol", "ene", "min", "bor", "wat", "agr", "fin", "gas", "sec")
               for middle in ("de", "ti", "lo", "ra", "ne") for end in ("ment", "ing", "s", "al", "ity", "er"))
_GIVEN = tuple(f"{a}{b}" for a in ("Ka", "Mo", "Li", "Sa", "Te", "Ro", "Na", "Ve", "Jo", "Hu")
               for b in ("ra", "lin", "mas", "do", "ven", "ri"))
_FAMILY = tuple(f"{a}{b}{c}" for a in ("Bal", "Cor", "Dem", "Fal", "Gor", "Hak", "Jan", "Kol", "Mar", "Nov", "Pet", "Ros", "Sal", "Tar")
                for b in ("a", "e", "o", "u", "i") for c in ("nov", "sen", "ri", "kov", "tis", "das", "man", "ley", "za", "shi"))
_OFFICES = (("foreign minister", RoleClass.FOREIGN_MINISTER), ("president", RoleClass.HEAD_OF_STATE),
            ("energy minister", RoleClass.MINISTER), ("prime minister", RoleClass.HEAD_OF_GOVERNMENT),
            ("trade minister", RoleClass.MINISTER), ("ambassador", RoleClass.AMBASSADOR))


def entries(count: int, seed: int, *, first: date = _FIRST, days: int = _DAYS, words: int = 40) -> Iterator[ArticleEntry]:
    """`count` articles of one meeting each and `words` words; about half of them report a meeting that another reports too."""
    chance = random.Random(seed)
    told: list[Meeting] = []
    for number in range(count):
        day = first + timedelta(chance.randrange(days))
        if told and chance.random() < 0.5:
            meeting = replace(told[-1], city=chance.choice((None, told[-1].city)))
            day = max(first, meeting.start_date or day)
        else:
            meeting = _meeting(chance, day)
            told.append(meeting)
        text = " ".join(chance.choice(_WORDS) for _ in range(words))
        published = datetime(day.year, day.month, day.day, 12, tzinfo=UTC) + timedelta(minutes=number % 600)
        yield ArticleEntry(
            article=Article(url=f"https://outlet{number % 40}.example/{seed}/{number}", title=text[:60], text=text, language="en",
                            published=published, publisher=f"Outlet {number % 40}"),
            observed_at=published + timedelta(hours=1), extractor_version="bench", status=ArticleStatus.EXTRACTED,
            source_id=f"outlet{number % 40}", fetched_at=published, meetings=(meeting,),
        )


def _meeting(chance: random.Random, day: date) -> Meeting:
    parties = tuple(_party(chance) for _ in range(chance.choice((2, 2, 2, 3, 4))))
    return Meeting(
        status=chance.choice((Status.HELD, Status.HELD, Status.HELD, Status.PLANNED)), mode=Mode.UNKNOWN, participants=parties,
        evidence=(Evidence(field=EvidenceField.MEETING, span=Span(0, 40)), Evidence(field=EvidenceField.PLACE, span=Span(41, 60))),
        confidence=0.8, start_date=day, date_precision=DatePrecision.DAY, city=chance.choice(_FAMILY), country=_country(chance),
        host_event=HostEvent(name=f"Forum of {chance.choice(_FAMILY)}", acronym=None) if chance.random() < 0.3 else None,
        topics=tuple(chance.sample(tuple(Topic), 2)), outcomes=(Outcome(kind=OutcomeKind.AGREED, text=f"to {chance.choice(_WORDS)}"),),
    )


def _party(chance: random.Random) -> Participant:
    role, role_class = chance.choice(_OFFICES)
    return Participant(kind=PartyKind.PERSON, name=f"{chance.choice(_GIVEN)} {chance.choice(_FAMILY)}", role=role, role_class=role_class,
                       country=_country(chance))


def _country(chance: random.Random) -> str:
    return _COUNTRIES[int(len(_COUNTRIES) * chance.random() ** 2)]


def timed(work: Callable[[], Any]) -> tuple[float, float, Any]:
    """Seconds by the wall clock and of this process's CPU, and the result."""
    wall, cpu = time.perf_counter(), time.process_time()
    result = work()
    return time.perf_counter() - wall, time.process_time() - cpu, result


# ── loading against plain inserts ────────────────────────────────────────────────────────────────────────────────────


def measure_load(count: int = 10_000) -> dict[str, object]:
    """Loading `count` meetings with their articles and children, against plain Arrow inserts and raw writes of the same rows."""
    batch = Bundle(articles=tuple(_news(entry) for entry in entries(count, seed=1, days=365)))
    rounds: list[dict[str, float]] = []
    for _ in range(3):
        with tempfile.TemporaryDirectory() as folder:
            rounds.append(_load_round(Path(folder), batch))
    best = {name: min(each[name] for each in rounds) for name in rounds[0]}
    return {"meetings": count, **{name: round(value, 3) for name, value in best.items()},
            "rows_cpu_to_plain_insert_cpu": round(best["rows_cpu"] / best["plain_insert_cpu"], 2),
            "rows_wall_to_plain_insert_wall": round(best["rows_wall"] / best["plain_insert_wall"], 2),
            "rows_wall_to_raw_write_wall": round(best["rows_wall"] / best["raw_write_wall"], 2),
            "all_but_resolve_to_plain_insert_wall": round((best["rows_wall"] + best["check_wall"] + best["commit_wall"]) /
                                                          best["plain_insert_wall"], 2)}


def _news(entry: ArticleEntry) -> ArticleEntry:
    """With a text of 3,100 characters that compress about as news does (to two fifths)."""
    chance = random.Random(entry.article.url)
    words = ("".join(chance.choices("etaoinshrdlucmfwypvbgk", k=chance.randint(2, 9))) for _ in range(180))
    text = " ".join(word + " " + chance.choice(_WORDS) for word in words)[:3100]
    return replace(entry, article=replace(entry.article, text=text))


def _load_round(folder: Path, batch: Bundle) -> dict[str, float]:
    paths = WarehousePaths.under(folder / "w")
    write_wall, _, bundle = timed(lambda: write_bundle(paths.inbox, batch))
    files = {path.stem: path for path in sorted(bundle.glob("*.parquet"))}
    tables = {name: pq.read_table(path) for name, path in files.items()}
    data = b"".join(path.read_bytes() for path in files.values())
    plain = connect(folder / "plain.duckdb", Engine())
    migrate(plain)
    insert_wall, insert_cpu, _ = timed(lambda: _plain_insert(plain, tables))
    plain.close()
    raw_wall, _, _ = timed(lambda: _raw_write(folder / "raw", data))
    report: LoadReport = load_pending(paths, publish=False)
    return {"bundle_write_wall": write_wall, "plain_insert_wall": insert_wall, "plain_insert_cpu": insert_cpu, "raw_write_wall": raw_wall,
            "rows_wall": report.seconds["rows"], "rows_cpu": report.cpu_seconds["rows"], "resolve_wall": report.seconds["resolve"],
            "resolve_cpu": report.cpu_seconds["resolve"],
            "check_wall": report.seconds["check"], "commit_wall": report.seconds["commit"]}


def _plain_insert(connection: duckdb.DuckDBPyConnection, tables: dict[str, Any]) -> None:
    """INSERT … SELECT of each Arrow table, in one transaction, with a checkpoint: what the rows cost without any of our doing."""
    connection.execute("BEGIN")
    for name, table in tables.items():
        connection.register("arrow_rows", table)
        more = ", ''" if "bundle_id" in BY_NAME[name].names else ""
        connection.execute(f"INSERT INTO {name} SELECT *{more} FROM arrow_rows")
        connection.unregister("arrow_rows")
    connection.execute("COMMIT")
    connection.execute("CHECKPOINT")


def _raw_write(path: Path, data: bytes) -> None:
    import os

    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


# ── a large store ────────────────────────────────────────────────────────────────────────────────────────────────────


def build_store(paths: WarehousePaths, meetings: int) -> None:
    """A warehouse of `meetings` meetings with two reports each, filled by SQL as the loader would have left it."""
    paths.make_folders()
    connection = connect(paths.database, Engine(memory="6GB"))
    migrate(connection)
    connection.execute("SET preserve_insertion_order = true")
    pairs = [(a, b, zlib.crc32("|".join(sorted((f"c:{a}", f"c:{b}"))).encode())) for a in _COUNTRIES for b in _COUNTRIES]
    connection.execute("CREATE TEMP TABLE pair_key (a VARCHAR, b VARCHAR, key UINTEGER)")
    connection.execute("INSERT INTO pair_key SELECT unnest(?::VARCHAR[]), unnest(?::VARCHAR[]), unnest(?::UINTEGER[])",
                       [list(column) for column in zip(*pairs, strict=True)])
    connection.execute("CREATE TEMP TABLE lists AS SELECT ?::VARCHAR[] AS countries, ?::VARCHAR[] AS words, ?::VARCHAR[] AS given, "
                       "?::VARCHAR[] AS family, ?::VARCHAR[] AS roles, ?::VARCHAR[] AS classes, ?::VARCHAR[] AS topics",
                       [list(_COUNTRIES), list(_WORDS), list(_GIVEN), list(_FAMILY), [role for role, _ in _OFFICES],
                        [str(c) for _, c in _OFFICES], [str(topic) for topic in Topic]])
    for statement in _STORE.split(";\n"):
        if statement.strip():
            connection.execute(statement, {"meetings": meetings} if "$meetings" in statement else None)
    connection.execute("CHECKPOINT")
    connection.close()


_STORE = """
CREATE TEMP TABLE party AS
SELECT m, p, (60000 * pow((hash(m, p) % 100000) / 100000.0, 2))::INT AS i,
    given[1 + (hash(i, 1) % len(given))::INT] || ' ' || family[1 + (hash(i, 2) % len(family))::INT] AS name,
    countries[1 + (len(countries) * pow((hash(i, 3) % 100000) / 100000.0, 2))::INT % len(countries)] AS country,
    (hash(i, 4) % len(roles))::INT + 1 AS office, roles[office] AS role, classes[office] AS role_class
FROM range($meetings) r(m), range(4) q(p), lists
WHERE p < 2 + (CASE WHEN hash(m, 5) % 5 = 0 THEN 2 WHEN hash(m, 5) % 5 = 1 THEN 1 ELSE 0 END);
CREATE TEMP TABLE base AS
SELECT m, DATE '2016-01-01' + (m * 3600 // $meetings)::INT AS day, strftime(day, '%Y%m%d') AS stamp,
    CASE hash(m, 6) % 4 WHEN 0 THEN 'planned' ELSE 'held' END AS status, family[1 + (hash(m, 7) % len(family))::INT] AS city,
    countries[1 + (len(countries) * pow((hash(m, 8) % 100000) / 100000.0, 2))::INT % len(countries)] AS country,
    CASE WHEN hash(m, 9) % 10 < 3 THEN 'Forum of ' || family[1 + (hash(m, 10) % len(family))::INT] END AS host_event,
    (SELECT string_agg(name || ' (' || country || ')', ' – ' ORDER BY p) FROM party WHERE party.m = r.m) AS parties
FROM range($meetings) r(m), lists;
CREATE TEMP TABLE report AS
SELECT base.*, k, (stamp || substr(md5(m || 'a' || k), 9))::UUID AS article_id, (stamp || substr(md5(m || 'm' || k), 9))::UUID AS mention_id
FROM base, range(2) q(k);
CREATE TEMP TABLE first_report AS SELECT m, min(mention_id) AS meeting_id FROM report GROUP BY m;
INSERT INTO article BY NAME
SELECT article_id, md5(m || 'u' || k)::UUID AS url_key, 'outlet' || hash(m, k) % 40 AS source_id, 'extracted' AS status,
    'https://outlet.example/' || m || '/' || k AS url, substr(body, 1, 60) AS title, body AS text, 'en' AS language,
    day::TIMESTAMPTZ + INTERVAL 12 HOUR AS published, [] AS authors, [] AS title_candidates, MAP {} AS field_sources,
    published AS fetched_at, published AS observed_at, 'bench' AS extractor_version, md5(m || 'c' || k)::UUID AS content_hash,
    'store' AS bundle_id
FROM (SELECT report.*, array_to_string([words[1 + (hash(m, k, w) % len(words))::INT] FOR w IN range(40)], ' ') AS body FROM report, lists)
ORDER BY article_id;
INSERT INTO mention BY NAME
SELECT mention_id, article_id, 0 AS ordinal, status, 'unknown' AS mode, 0.8 AS confidence, day AS start_date, 'day' AS date_precision, city,
    country, false AS background, host_event, 'bench' AS extractor_version, md5(m || 'h' || k)::UUID AS content_hash
FROM report ORDER BY mention_id;
INSERT INTO mention_participant BY NAME
SELECT mention_id, p AS ordinal, 'person' AS kind, name, role, role_class, party.country
FROM report JOIN party USING (m) ORDER BY mention_id, p;
INSERT INTO mention_topic BY NAME
SELECT mention_id, t AS ordinal, topics[1 + (hash(m, t, 11) % 20)::INT + 20 * t] AS topic
FROM report, range(2) q(t), lists ORDER BY mention_id, t;
INSERT INTO mention_evidence BY NAME
SELECT mention_id, e AS ordinal, 'meeting' AS field, e * 40 AS span_start, e * 40 + 30 AS span_end
FROM report, range(2) q(e) ORDER BY mention_id, e;
INSERT INTO meeting BY NAME
SELECT meeting_id, status, 'unknown' AS mode, day AS start_date, 'day' AS date_precision, day AS first_day, day AS last_day, day, city,
    country, host_event, false AS background, 0.9 AS confidence, parties, 2 AS reports, 2 AS independent_reports, 2 AS outlets,
    day::TIMESTAMPTZ AS first_reported, day::TIMESTAMPTZ AS last_reported
FROM base JOIN first_report USING (m) ORDER BY meeting_id;
INSERT INTO meeting_mention BY NAME
SELECT meeting_id, mention_id, article_id, 'same parties; same day' AS reason, 0.9 AS score FROM report JOIN first_report USING (m)
ORDER BY meeting_id, mention_id;
INSERT INTO meeting_participant BY NAME
SELECT meeting_id, p AS ordinal, 'person' AS kind, name, role, role_class, country, md5(name || country)::UUID AS person_id,
    [name] AS spellings, 2 AS reports
FROM party JOIN first_report USING (m) ORDER BY meeting_id, p;
INSERT INTO meeting_topic BY NAME
SELECT meeting_id, topic, 2 AS reports FROM mention_topic JOIN first_report ON mention_id = meeting_id ORDER BY meeting_id, topic;
INSERT INTO meeting_outcome BY NAME
SELECT meeting_id, 0 AS ordinal, ['agreed', 'signed', 'pledged'][1 + (hash(m, 12) % 3)::INT] AS kind,
    'to ' || words[1 + (hash(m, 13) % len(words))::INT] || ' ' || words[1 + (hash(m, 14) % len(words))::INT] AS text,
    mention_id, article_id
FROM report JOIN first_report USING (m), lists WHERE mention_id = meeting_id ORDER BY meeting_id;
INSERT INTO meeting_status BY NAME
SELECT meeting_id, 0 AS ordinal, status, day::TIMESTAMPTZ AS reported, day AS start_date, 'day' AS date_precision, mention_id, article_id
FROM report JOIN first_report USING (m) WHERE mention_id = meeting_id ORDER BY meeting_id;
INSERT INTO person SELECT person_id, any_value(name), any_value(country), 1 FROM meeting_participant GROUP BY person_id;
INSERT INTO internal.spelling
SELECT name, country, any_value(person_id), count(*), [(hash(country, name) % 4294967296)::UINTEGER]
FROM meeting_participant GROUP BY name, country;
INSERT INTO internal.node BY NAME
SELECT mention_id, meeting_id AS component, day - 5 AS first_day, day + 5 AS last_day,
    (SELECT list(key) FROM party a JOIN party b ON a.m = b.m AND a.p < b.p
     JOIN pair_key ON pair_key.a = a.country AND pair_key.b = b.country WHERE a.m = report.m) AS keys
FROM report JOIN first_report USING (m) ORDER BY mention_id;
INSERT INTO country SELECT unnest(countries), now(), unnest(countries), NULL, NULL FROM lists;
INSERT INTO internal.change VALUES (now())
"""


def measure_growth(paths: WarehousePaths, count: int = 100) -> dict[str, object]:
    """Loading `count` new meetings into the large store and into an empty warehouse: seconds, the middle of five loads each."""
    last = _FIRST + timedelta(_DAYS - 40)
    with tempfile.TemporaryDirectory() as folder:
        empty = WarehousePaths.under(Path(folder))
        load_pending(empty, publish=False)
        large_seconds, empty_seconds = [], []
        for turn in range(6):
            batch = Bundle(articles=tuple(entries(count, seed=100 + turn, first=last, days=30)))
            for place, taken in ((empty, empty_seconds), (paths, large_seconds)):
                write_bundle(place.inbox, batch)
                report = load_pending(place, publish=False)
                assert report.mentions_added == count, report
                taken.append(report.seconds)
            if turn == 0:
                empty_seconds.clear()  # the first load of each also fills caches
                large_seconds.clear()
    def middle(taken: list[dict[str, float]], *steps: str) -> float:
        return median(sum(seconds[step] for step in steps or seconds) for seconds in taken)

    steps = tuple(large_seconds[0])
    connection = connect(paths.database, Engine())
    participants = (connection.execute("SELECT count(*) FROM mention_participant").fetchone() or (0,))[0]
    connection.close()
    return {"new_meetings": count, "participants_in_store": participants,
            "empty_seconds": round(middle(empty_seconds), 3), "large_seconds": round(middle(large_seconds), 3),
            "ratio": round(middle(large_seconds) / middle(empty_seconds), 2),
            "by_step_empty_large": {step: (round(middle(empty_seconds, step), 3), round(middle(large_seconds, step), 3)) for step in steps},
            "file_mb": round(paths.database.stat().st_size / 1e6)}


def measure_queries(paths: WarehousePaths) -> dict[str, object]:
    """The 25 questions of docs/queries.md on the large store, of countries and people that are there, up to 1,000 rows each.

    On a busy machine the processor's time, of two threads together, says more than the clock.
    """
    named = {"'IRN'": "'CKP'", "'DZA'": "'CKQ'", "WTDC-25": "Forum of Balanov", "Sattar Hashemi": "Kara Balanov",
             "undersea cables": "tradement polting", "2025-11": "2025-09", "2025-12-01": "2025-10-01"}
    connection = duckdb.connect(str(paths.database), read_only=True)
    connection.execute("SET threads = 2")
    seconds: list[float] = []
    processor: list[float] = []
    slow: dict[str, float] = {}
    for number, (sql, _) in enumerate(blocks(QUESTIONS.read_text(encoding="utf-8")), 1):
        for old, new in named.items():
            sql = sql.replace(old, new)
        asked = f"SELECT * FROM ({sql.strip()}) LIMIT 1000"
        rounds = [timed(lambda asked=asked: connection.execute(asked).fetchall()) for _ in range(3)]
        taken = min(wall for wall, _, _ in rounds)
        seconds.append(taken)
        processor.append(min(cpu for _, cpu, _ in rounds))
        if taken > 0.5:
            slow[f"question {number}"] = round(taken, 2)
    meetings = (connection.execute("SELECT count(*) FROM meeting").fetchone() or (0,))[0]
    connection.close()
    return {"meetings": meetings, "questions": len(seconds),
            "median_ms": round(1000 * median(seconds)), "worst_ms": round(1000 * max(seconds)),
            "median_cpu_ms": round(1000 * median(processor)), "cpu_ms": [round(1000 * each) for each in processor],
            "over_half_a_second": slow, "all_ms": [round(1000 * each) for each in seconds]}


# ── memory ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def measure_memory(count: int = 20_000, limit_mb: int = 200) -> dict[str, object]:
    """Peak memory of a process that loads a batch larger than its limit."""
    with tempfile.TemporaryDirectory() as folder:
        paths = WarehousePaths.under(Path(folder))
        rows = 0
        for n in range(10):
            bundle = Bundle(articles=tuple(_long(entry) for entry in entries(count // 10, seed=500 + n)))
            rows += sum(len(table) for table in bundle_rows(bundle).values())
            write_bundle(paths.inbox, bundle)
        size = sum(path.stat().st_size for path in paths.inbox.rglob("*.parquet"))
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            empty = pool.submit(_peak, None, limit_mb).result()
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            full = pool.submit(_peak, paths, limit_mb).result()
    return {"articles": count, "rows": rows, "text_mb": round(count * 6000 / 1e6), "parquet_mb": round(size / 1e6),
            "engine_limit_mb": limit_mb, "peak_mb_doing_nothing": empty, "peak_mb": full}


def _long(entry: ArticleEntry) -> ArticleEntry:
    """With a text of 6,000 characters that do not compress."""
    chance = random.Random(entry.article.url)
    text = entry.article.text + " " + "".join(chance.choices("abcdefghijklmnopqrstuvwxyz0123456789", k=6000))
    return replace(entry, article=replace(entry.article, text=text))


def _peak(paths: WarehousePaths | None, limit_mb: int) -> int:
    if paths is not None:
        load_pending(paths, engine=Engine(memory=f"{limit_mb}MB", group=50_000), publish=False)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def main() -> None:
    arguments = sys.argv[1:]
    meetings = int(arguments[arguments.index("--meetings") + 1]) if "--meetings" in arguments else 1_000_000
    store = Path(arguments[arguments.index("--store") + 1]) if "--store" in arguments else None
    known = ("load", "growth", "queries", "memory")
    parts = [part for part in arguments if part in known] or list(known)
    if "load" in parts:
        print(json.dumps({"load": measure_load()}))
    if "growth" in parts or "queries" in parts:
        with tempfile.TemporaryDirectory() as folder:
            paths = WarehousePaths.under(store or Path(folder))
            if not paths.database.exists():
                wall, _, _ = timed(lambda: build_store(paths, meetings))
                print(json.dumps({"store": {"meetings": meetings, "seconds_to_build": round(wall)}}))
            if "queries" in parts:
                print(json.dumps({"queries": measure_queries(paths)}))
            if "growth" in parts:
                print(json.dumps({"growth": measure_growth(paths)}))
    if "memory" in parts:
        print(json.dumps({"memory": measure_memory()}))


if __name__ == "__main__":
    main()
