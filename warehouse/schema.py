"""The tables, derived from the records: names, types, NOT NULL and comments come from the fields; only keys are added here.

A table's columns begin with its keys. Parents (article, mention, meeting) have a primary key whose values sort by time; children
(participants, topics ...) have none and are replaced whole with their parent; there are no foreign keys (see docs/DECISIONS.md).
"""

import types
import typing
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from parsers import records
from warehouse import rows

SCHEMA_VERSION = 1
"""Version of the bundle format; rises when a column changes its meaning or a reader of the old format would be wrong."""

_SQL_TYPES: Mapping[object, str] = {
    str: "VARCHAR", int: "BIGINT", float: "DOUBLE", bool: "BOOLEAN", date: "DATE", datetime: "TIMESTAMPTZ", UUID: "UUID",
}


@dataclass(frozen=True, slots=True)
class Column:
    """name, DuckDB type, NULL allowed, comment; `codes` is the closed vocabulary of its values, if it has one."""

    name: str
    sql_type: str
    doc: str
    nullable: bool = False
    codes: tuple[str, ...] = ()

    @property
    def ddl(self) -> str:
        return f'"{self.name}" {self.sql_type}' + ("" if self.nullable else " NOT NULL")


@dataclass(frozen=True, slots=True)
class Table:
    """name, comment, columns; `key` are the columns that name a row, `primary` whether the database enforces it.

    `parent` is the column by which a child is replaced; `bundled` tables arrive in bundles, the others are made by the loader.
    """

    name: str
    doc: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    primary: bool = False
    parent: str | None = None
    bundled: bool = False

    @property
    def bundle_columns(self) -> tuple[Column, ...]:
        """The columns that a bundle's file holds: all but the bundle's own name."""
        return tuple(column for column in self.columns if column.name != "bundle_id")

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    @property
    def ddl(self) -> str:
        lines = [column.ddl for column in self.columns]
        if self.primary:
            lines.append(f"PRIMARY KEY ({', '.join(self.key)})")
        return f"CREATE TABLE {self.name} (\n    " + ",\n    ".join(lines) + "\n);\n"


def sql_type(annotation: object) -> tuple[str, bool, tuple[str, ...]]:
    """DuckDB type, whether NULL is allowed, and the closed vocabulary, of a record's annotation. TypeError for one it does not know."""
    origin, args = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in (types.UnionType, typing.Union):
        inner = [arg for arg in args if arg is not type(None)]
        if len(inner) == 1:
            name, _, codes = sql_type(inner[0])
            return name, len(inner) < len(args), codes
    if annotation in _SQL_TYPES:
        return _SQL_TYPES[annotation], False, ()
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return "VARCHAR", False, tuple(member.value for member in annotation)
    if origin is tuple and args == (str, ...):
        return "VARCHAR[]", False, ()
    if origin is tuple and args == (tuple[str, str], ...):
        return "MAP(VARCHAR, VARCHAR)", False, ()
    if origin is Mapping:
        return f"MAP({sql_type(args[0])[0]}, {sql_type(args[1])[0]})", False, ()
    raise TypeError(f"no column type for {annotation!r}")


def derived(record: type, *, skip: tuple[str, ...] = (), prefix: str = "", nullable: bool = False) -> tuple[Column, ...]:
    """The columns of a record's fields, in their order. `nullable` lets all be NULL (a record that may be absent)."""
    hints = typing.get_type_hints(record)
    columns = []
    for field in fields(record):
        if field.name in skip:
            continue
        name, optional, codes = sql_type(hints[field.name])
        columns.append(Column(prefix + field.name, name, field.metadata["doc"], nullable or optional, codes))
    return tuple(columns)


def pick(columns: tuple[Column, ...], *names: str, nullable: bool | None = None) -> tuple[Column, ...]:
    """The named columns, in the order of the names."""
    by_name = {column.name: column for column in columns}
    chosen = (by_name[name] for name in names)
    return tuple(c if nullable is None else Column(c.name, c.sql_type, c.doc, nullable, c.codes) for c in chosen)


def required(record: type) -> frozenset[str]:
    """Names of the fields that have no default."""
    return frozenset(f.name for f in fields(record) if f.default is MISSING and f.default_factory is MISSING)


_ENTRY = derived(rows.ArticleEntry, skip=("article", "meetings"))
_ARTICLE = derived(records.Article, skip=("dateline",))
_PARTICIPANT = derived(records.Participant)
_MEETING = derived(records.Meeting, skip=("participants", "evidence", "topics", "outcomes", "host_event"))
_EVENT = (
    Column("host_event", "VARCHAR", "name of the conference or summit at or beside which it took place", True),
    Column("host_event_acronym", "VARCHAR", "its acronym with number or year", True),
)
_TOPIC = Column("topic", "VARCHAR", "code of the topic", False, tuple(topic.value for topic in records.Topic))
_ORDINAL = Column("ordinal", "SMALLINT", "place in the record's list, counted from 0")
_ARTICLE_ID = Column("article_id", "UUID", "the article; begins with its day")
_MENTION_ID = Column("mention_id", "UUID", "one article's report of one meeting; begins with the article's day")
_MEETING_ID = Column("meeting_id", "UUID", "the meeting: the id of its first mention")
_BUNDLE = Column("bundle_id", "VARCHAR", "bundle that brought this row")

BUNDLED: tuple[Table, ...] = (
    Table("article", "News articles as they were read, one row for each address.", (
        _ARTICLE_ID,
        Column("url_key", "UUID", "hash of the normalised address: what makes two pages the same article"),
        *pick(_ENTRY, "source_id", "status", "reason"),
        *_ARTICLE,
        *derived(records.Dateline, prefix="dateline_", nullable=True),
        *pick(_ENTRY, "fetched_at", "observed_at", "extractor_version", "archive_file", "archive_offset"),
        Column("content_hash", "UUID", "hash of the address, title, text and times: changes when the article does"),
        _BUNDLE,
    ), ("article_id",), primary=True, bundled=True),
    Table("mention", "What one article says of one meeting.", (
        _MENTION_ID, _ARTICLE_ID, _ORDINAL, *_MEETING, *_EVENT,
        Column("extractor_version", "VARCHAR", "version of the extractor that first said it in this form"),
        Column("content_hash", "UUID", "hash of the record with its children: changes when the record does"),
    ), ("mention_id",), primary=True, parent="article_id", bundled=True),
    Table("mention_participant", "Parties of a mention, as the article gives them.",
          (_MENTION_ID, _ORDINAL, *_PARTICIPANT), ("mention_id", "ordinal"), parent="mention_id", bundled=True),
    Table("mention_topic", "What a mention says was treated, most specific first.",
          (_MENTION_ID, _ORDINAL, _TOPIC), ("mention_id", "ordinal"), parent="mention_id", bundled=True),
    Table("mention_outcome", "What a mention says came of the meeting.",
          (_MENTION_ID, _ORDINAL, *derived(records.Outcome)), ("mention_id", "ordinal"), parent="mention_id", bundled=True),
    Table("mention_evidence", "Stretches of the article's text that prove a mention; characters counted from 0.", (
        _MENTION_ID, _ORDINAL,
        *derived(records.Evidence, skip=("span", "ordinal")),
        Column("span_start", "BIGINT", records.describe(records.Span)["start"]),
        Column("span_end", "BIGINT", records.describe(records.Span)["end"]),
        Column("item", "BIGINT", records.describe(records.Evidence)["ordinal"], True),
    ), ("mention_id", "ordinal"), parent="mention_id", bundled=True),
    Table("source", "News sources.", derived(rows.Source), ("source_id",), bundled=True),
    Table("source_health", "How each source fares: its newest state.", derived(rows.SourceHealth), ("source_id",), bundled=True),
    Table("fetch_failure", "Pages and feeds that could not be had or read, newest state of each.",
          derived(rows.FetchFailure), ("url", "stage"), bundled=True),
    Table("pipeline_run", "Runs of the flows.", derived(rows.PipelineRun), ("run_id",), bundled=True),
    Table("country", "Countries.", derived(rows.Country), ("code",), bundled=True),
    Table("topic", "Topics.", derived(rows.TopicName), ("topic",), bundled=True),
    Table("correction", "What people put right; applied whenever meetings are made from mentions.", (
        Column("correction_id", "UUID", "the correction; begins with the day on which it was made"), *derived(rows.Correction),
    ), ("correction_id",), bundled=True),
)

_PARTY = pick(_PARTICIPANT, "kind", "name", "role", "role_class", "portfolio", "country", "organization")

MADE: tuple[Table, ...] = (
    Table("meeting", "Meetings as they happened: the reports of all articles taken together.", (
        _MEETING_ID,
        *pick(_MEETING, "status", "mode", "start_date", "end_date", "date_precision"),
        Column("first_day", "DATE", "earliest day on which it can have been, from stated dates or from the days of its reports", True),
        Column("last_day", "DATE", "latest day on which it can have been", True),
        Column("day", "DATE", "the day to count it under: the stated day, else that of its first report, within first_day..last_day", True),
        *pick(_MEETING, "city", "country", "venue"), *_EVENT,
        *pick(_MEETING, "background", "confidence"),
        Column("parties", "VARCHAR", "the parties in one line"),
        Column("reports", "BIGINT", "articles that tell of it"),
        Column("independent_reports", "BIGINT", "the same, copies of one text counted once"),
        Column("outlets", "BIGINT", "sources whose articles tell of it"),
        Column("first_reported", "TIMESTAMPTZ", "publication time of its first report", True),
        Column("last_reported", "TIMESTAMPTZ", "publication time of its last report", True),
    ), ("meeting_id",), primary=True),
    Table("meeting_mention", "Which mentions tell of which meeting, and why they were put together.", (
        _MEETING_ID, _MENTION_ID, _ARTICLE_ID,
        Column("reason", "VARCHAR", "what ties this mention to the others: parties, dates, place, event, text, or a correction"),
        Column("score", "DOUBLE", "0..1: strength of the strongest tie; 1 for a meeting's first mention"),
        Column("copy_of", "UUID", "an earlier article of the same meeting whose text this one repeats", True),
    ), ("mention_id",), parent="meeting_id"),
    Table("meeting_participant", "Parties of a meeting, each as fully as any report gives it.", (
        _MEETING_ID, _ORDINAL, *_PARTY,
        Column("person_id", "UUID", "the person, in table person", True),
        Column("spellings", "VARCHAR[]", "all spellings of the person's name in the reports"),
        Column("reports", "BIGINT", "mentions that name this party"),
    ), ("meeting_id", "ordinal"), parent="meeting_id"),
    Table("meeting_topic", "Topics of a meeting.", (
        _MEETING_ID, _TOPIC, Column("reports", "BIGINT", "mentions that say so"),
    ), ("meeting_id", "topic"), parent="meeting_id"),
    Table("meeting_outcome", "What came of a meeting, as each report says it.", (
        _MEETING_ID, _ORDINAL, *derived(records.Outcome), _MENTION_ID, _ARTICLE_ID,
    ), ("meeting_id", "ordinal"), parent="meeting_id"),
    Table("meeting_status", "What was said of a meeting's status over time; a step for each change.", (
        _MEETING_ID, _ORDINAL,
        Column("status", "VARCHAR", "held, planned, cancelled, or postponed: planned on a later day than before", False,
               (*(status.value for status in records.Status), "postponed")),
        Column("reported", "TIMESTAMPTZ", "publication time of the article that first said so", True),
        *pick(_MEETING, "start_date", "end_date", "date_precision"), _MENTION_ID, _ARTICLE_ID,
    ), ("meeting_id", "ordinal"), parent="meeting_id"),
    Table("person", "People who met.", (
        Column("person_id", "UUID", "the person"),
        Column("name", "VARCHAR", "the name most often given"),
        Column("country", "VARCHAR", "the state represented, ISO 3166-1 alpha-3; NULL for servants of international bodies", True),
        Column("spellings", "BIGINT", "spellings of the name, in view person_alias"),
    ), ("person_id",)),
    Table("extraction", "Which version of the extractor said what of an article.", (
        _ARTICLE_ID, *pick(_ENTRY, "extractor_version", "observed_at", "status"),
        Column("mentions", "BIGINT", "meetings that it found"),
        Column("mention_hash", "UUID", "hash of all that it found: equal where two versions say the same"),
        _BUNDLE,
    ), ("article_id", "bundle_id")),
    Table("load_ledger", "Bundles that were loaded or turned away.", (
        _BUNDLE,
        Column("sha256", "VARCHAR", "hash of the bundle's manifest"),
        Column("outcome", "VARCHAR", "loaded or quarantined", False, ("loaded", "quarantined")),
        Column("reason", "VARCHAR", "why it was turned away", True),
        Column("row_count", "BIGINT", "rows in it"),
        Column("loaded_at", "TIMESTAMPTZ", "when"),
    ), ("bundle_id",)),
)

INTERNAL: tuple[Table, ...] = (
    Table("internal.node", "Resolving: where a mention looks for others that may tell of the same meeting.", (
        _MENTION_ID,
        Column("component", "UUID", "smallest id of the mentions that are tied together with this one"),
        Column("first_day", "DATE", "first day of its search", True),
        Column("last_day", "DATE", "last day of its search", True),
        Column("keys", "UINTEGER[]", "hashes of two parties; mentions of one meeting share at least one"),
    ), ("mention_id",)),
    Table("internal.spelling", "Resolving: spellings of people's names.", (
        Column("name", "VARCHAR", "a spelling, as given"),
        Column("country", "VARCHAR", "the state represented; empty for none"),
        Column("person_id", "UUID", "the person"),
        Column("uses", "BIGINT", "meetings whose reports use it"),
        Column("keys", "UINTEGER[]", "hashes of country and word; spellings of one name share at least one"),
    ), ("name", "country")),
    Table("internal.vocabulary", "The closed vocabularies of the records.", (
        Column("table_name", "VARCHAR", "table"), Column("column_name", "VARCHAR", "column"), Column("code", "VARCHAR", "a legal value"),
    ), ("table_name", "column_name", "code")),
    Table("internal.change", "When the contents last changed; the published copy is stale while it says otherwise.", (
        Column("changed_at", "TIMESTAMPTZ", "time of the last load that changed anything"),
    ), ("changed_at",)),
)

TABLES: tuple[Table, ...] = (*BUNDLED, *MADE, *INTERNAL)
BY_NAME: Mapping[str, Table] = {table.name: table for table in TABLES}


def definition() -> str:
    """The SQL that makes all tables from nothing, from which the first migration was written."""
    return "CREATE SCHEMA internal;\n\n" + "\n".join(table.ddl for table in TABLES)


def vocabulary() -> tuple[tuple[str, str, str], ...]:
    """(table, column, code) for every closed vocabulary."""
    return tuple((t.name, c.name, code) for t in TABLES for c in t.columns for code in c.codes)
