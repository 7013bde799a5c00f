"""Resolving: mentions into meetings, inside the load's transaction, touching only what the load can have changed.

Which mentions are compared follows from the mentions alone (two parties in common and days that meet: `telling.block_keys`), and so does
whether they are tied. The sets of mentions that are tied together can therefore be made again one by one: a load takes the sets of the
mentions that came, went or were corrected, and of all that the new ones are tied to, and leaves the rest alone. The result is that of
resolving everything from nothing (tests/test_warehouse_resolving.py).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import combinations
from uuid import UUID

import duckdb
import pyarrow as pa

from parsers.records import DatePrecision, Mode, Status
from warehouse import naming, shingles
from warehouse.bundles import arrow_table
from warehouse.correcting import Corrections, newly_corrected, read_corrections
from warehouse.grouping import Tie, components, groups
from warehouse.linking import COPY, Bar, Verdict, compare
from warehouse.schema import BY_NAME
from warehouse.summing import Detail, Summed, summed
from warehouse.telling import Told, block_keys, block_window, make_party, report_day, window

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MOVED = "(?i)postpon|reschedul|put off|push(ed|ing)? back|moved (to|from|forward)|brought forward|delayed|deferred|new date"
_MEETING_TABLES = ("meeting", "meeting_participant", "meeting_mention", "meeting_topic", "meeting_outcome", "meeting_status")
_RUN_GAP = 62  # days: searches whose windows lie farther apart are made apart, so that each skips what is outside its days


def resolve(connection: duckdb.DuckDBPyConnection) -> int:
    """Makes meetings anew for the mentions in `added_mention`, `removed_mention` and `new_correction`; returns how many were written.

    Leaves in `touched_meeting` the ids of the meetings that were written.
    """
    added = _ids(connection, "SELECT mention_id FROM added_mention")
    removed = _ids(connection, "SELECT mention_id FROM removed_mention") - added
    corrected = newly_corrected(connection)
    return _Resolving(connection, read_corrections(connection)).run(added, removed, corrected)


def resolve_all(connection: duckdb.DuckDBPyConnection) -> int:
    """Makes all meetings anew from the mentions alone."""
    for table in (*_MEETING_TABLES, "person", "internal.node", "internal.spelling"):
        connection.execute(f"DELETE FROM {table}")
    return _Resolving(connection, read_corrections(connection)).run(_ids(connection, "SELECT mention_id FROM mention"), set(), set())


def _ids(connection: duckdb.DuckDBPyConnection, sql: str) -> set[int]:
    return {row[0].int for row in connection.execute(sql).fetchall()}


@dataclass(slots=True)
class _Resolving:
    """One pass. `told` and `details` grow as mentions are read; verdicts are kept for the pass."""

    connection: duckdb.DuckDBPyConnection
    corrections: Corrections
    told: dict[int, Told] = field(default_factory=dict)
    details: dict[int, Detail] = field(default_factory=dict)
    copies: dict[tuple[int, int], float] = field(default_factory=dict)
    verdicts: dict[tuple[int, int], Verdict] = field(default_factory=dict)
    searches: dict[int, "_Search | None"] = field(default_factory=dict)

    def run(self, added: set[int], removed: set[int], corrected: set[int]) -> int:
        if not (added or removed or corrected):
            self._temporary("touched_meeting", ())
            return 0
        stale = self._component_members(added | removed | corrected)
        gone = removed | (added & stale)
        known = self._read((added | corrected) - removed)
        ties = self._ties(self._stored_pairs(known, skip=known | gone))
        linked = {end for tie in ties for end in (tie.one, tie.other)}
        forced = {end for pair in self.corrections.merged for end in pair if set(pair) & (known | stale)}
        members = (known | stale | self._component_members(linked | forced) | linked | forced) - removed
        members = self._read(members)
        ties = [*ties, *self._ties(self._inner_pairs(members))]
        return self._write(members, stale | removed, {tie for tie in ties if tie.one in members and tie.other in members})

    # ── reading ──

    def _temporary(self, name: str, ids: Iterable[int]) -> None:
        column = pa.array([item.to_bytes(16, "big") for item in sorted(ids)], pa.binary(16))
        table = pa.table({"id": pa.ExtensionArray.from_storage(pa.uuid(), column)})
        self.connection.register("arrow_ids", table)
        self.connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT id FROM arrow_ids")
        self.connection.unregister("arrow_ids")

    def _component_members(self, ids: set[int]) -> set[int]:
        """All mentions of the components that these belong to."""
        if not ids:
            return set()
        self._temporary("asked", ids)
        return _ids(self.connection, """
            SELECT mention_id FROM internal.node WHERE component IN
                (SELECT component FROM internal.node WHERE mention_id IN (SELECT id FROM asked))""")

    def _read(self, ids: set[int]) -> set[int]:
        """Reads those mentions that are not read yet; returns the ids of those that exist and can be meetings."""
        unread = ids - set(self.told)
        if unread:
            self._temporary("asked", unread)
            parties: dict[int, list[tuple[str | None, ...]]] = {}
            for mention_id, *party in self.connection.execute("""
                    SELECT mention_id, kind, name, role, role_class, portfolio, country, organization, country_source
                    FROM mention_participant
                    WHERE mention_id IN (SELECT id FROM asked) ORDER BY mention_id, ordinal""").fetchall():
                parties.setdefault(mention_id.int, []).append(tuple(party))
            self._read_details()
            moved = self._moved()
            for row in self.connection.execute("""
                    SELECT m.mention_id, m.article_id, m.status, m.mode, m.start_date, m.end_date, m.date_precision, m.city, m.country,
                        m.venue, m.host_event, m.host_event_acronym, m.background, m.confidence, epoch_us(a.published), a.source_id
                    FROM mention m JOIN article a USING (article_id) WHERE m.mention_id IN (SELECT id FROM asked)""").fetchall():
                self._keep(row, parties.get(row[0].int, []), row[0].int in moved)
        return {item for item in ids if item in self.told and _is_meeting(self.told[item], self.corrections)}

    def _read_details(self) -> None:
        for mention_id, topics, outcomes in self.connection.execute("""
                WITH t AS (SELECT mention_id, list(topic ORDER BY ordinal) AS topics FROM mention_topic
                           WHERE mention_id IN (SELECT id FROM asked) GROUP BY ALL),
                     o AS (SELECT mention_id, list([kind, text] ORDER BY ordinal) AS outcomes FROM mention_outcome
                           WHERE mention_id IN (SELECT id FROM asked) GROUP BY ALL)
                SELECT mention_id, topics, outcomes FROM t FULL JOIN o USING (mention_id)""").fetchall():
            self.details[mention_id.int] = Detail(None, None, tuple(topics or ()), tuple((kind, text) for kind, text in outcomes or ()))

    def _moved(self) -> set[int]:
        """Planned mentions whose proof says that the meeting was put off."""
        return _ids(self.connection, f"""
            SELECT DISTINCT m.mention_id FROM mention m
            JOIN mention_evidence e ON e.mention_id = m.mention_id AND e.field IN ('meeting', 'status')
            JOIN article a ON a.article_id = m.article_id
            WHERE m.mention_id IN (SELECT id FROM asked) AND m.status = 'planned'
                AND regexp_matches(substring(a.text, e.span_start + 1, e.span_end - e.span_start), '{_MOVED}')""")

    def _keep(self, row: Sequence[object], parties: Sequence[tuple[str | None, ...]], moved: bool) -> None:
        (mention, article, status, mode, start, end, precision, city, country, venue, event, acronym, background, confidence,
         published_us, source_id) = row
        assert isinstance(mention, UUID)
        assert isinstance(article, UUID)
        mention_id, article_id = mention.int, article.int
        published_at = _EPOCH + timedelta(microseconds=published_us) if isinstance(published_us, int) else None
        day = report_day(article_id, published_at, polled=source_id is not None)
        told_status, told_precision = Status(str(status)), DatePrecision(str(precision)) if precision else None
        low, high = window(told_status, _day(start), _day(end), told_precision, None if background else day)
        told = Told(
            mention_id=mention_id, article_id=article_id, status=told_status, mode=Mode(str(mode)), start=_day(start), end=_day(end),
            precision=told_precision, published=day, city=_text(city), country=_text(country), venue=_text(venue), event=_text(event),
            acronym=_text(acronym), background=bool(background), confidence=float(str(confidence)),
            parties=tuple(make_party(str(party[0]), *party[1:]) for party in parties), moved=moved, low=low, high=high,
        )
        self.told[mention_id] = self.corrections.patched(told)
        detail = self.details.get(mention_id, Detail(None, None, (), ()))
        self.details[mention_id] = replace(detail, published_at=published_at, source_id=_text(source_id))

    # ── comparing ──

    def _stored_pairs(self, ids: set[int], *, skip: set[int]) -> set[tuple[int, int]]:
        """Pairs of a mention of `ids` and a stored one outside `skip` that share a block. The stored ones are read."""
        pairs: set[tuple[int, int]] = set()
        for run in _runs(self._searches(ids)):
            self._register_searches("searching", run)
            low, high = min(search.low for search in run), max(search.high for search in run)
            pairs.update((min(a.int, b.int), max(a.int, b.int)) for a, b in self.connection.execute("""
                WITH mine AS (SELECT mention_id, low, high, unnest(keys) AS key FROM searching),
                     theirs AS (SELECT mention_id, first_day, last_day, unnest(keys) AS key FROM internal.node
                                WHERE last_day >= ? AND first_day <= ?)
                SELECT DISTINCT mine.mention_id, theirs.mention_id FROM mine JOIN theirs USING (key)
                WHERE theirs.first_day <= mine.high AND theirs.last_day >= mine.low""", [low, high]).fetchall() if b.int not in skip)
        others = {item for pair in pairs for item in pair} - ids
        legal = self._read(others) | ids
        return {pair for pair in pairs if pair[0] in legal and pair[1] in legal}

    def _searches(self, ids: Iterable[int]) -> list["_Search"]:
        found = []
        for item in sorted(ids):
            if item not in self.searches:
                days = block_window(self.told[item])
                self.searches[item] = None if days is None else _Search(item, *days, block_keys(self.told[item]))
            search = self.searches[item]
            if search is not None:
                found.append(search)
        return found

    def _register_searches(self, name: str, run: Sequence["_Search"]) -> None:
        ids = pa.ExtensionArray.from_storage(pa.uuid(), pa.array([search.mention_id.to_bytes(16, "big") for search in run], pa.binary(16)))
        table = pa.table({"mention_id": ids, "low": pa.array([search.low for search in run], pa.date32()),
                          "high": pa.array([search.high for search in run], pa.date32()),
                          "keys": pa.array([search.keys for search in run], pa.list_(pa.uint32()))})
        self.connection.register("arrow_searches", table)
        self.connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT * FROM arrow_searches")
        self.connection.unregister("arrow_searches")

    def _inner_pairs(self, ids: set[int]) -> set[tuple[int, int]]:
        """Pairs among these mentions that share a block."""
        by_key: dict[int, list[_Search]] = {}
        for search in self._searches(ids):
            for key in search.keys:
                by_key.setdefault(key, []).append(search)
        pairs: set[tuple[int, int]] = set()
        for searches in by_key.values():
            searches.sort(key=lambda search: search.low)
            for place, one in enumerate(searches):
                for other in searches[place + 1:]:
                    if other.low > one.high:
                        break
                    pairs.add((min(one.mention_id, other.mention_id), max(one.mention_id, other.mention_id)))
        return pairs

    def _ties(self, pairs: set[tuple[int, int]]) -> list[Tie]:
        """The ties among the pairs. Texts are compared where the parties go together."""
        fresh = sorted(pair for pair in pairs if pair not in self.verdicts)
        for pair in fresh:
            self.verdicts[pair] = self._compare(pair)
        alike = [pair for pair in fresh if self.verdicts[pair].bar not in (Bar.PARTIES, Bar.ARTICLE)]
        self._compare_texts(alike)
        for pair in alike:
            if self._copied(pair) >= COPY:
                self.verdicts[pair] = self._compare(pair)
        judged = ((pair, self.verdicts[pair]) for pair in sorted(pairs))
        return [Tie(verdict.score, *pair, verdict.reason, verdict.copied) for pair, verdict in judged if verdict.score > 0]

    def _compare(self, pair: tuple[int, int]) -> Verdict:
        if self.corrections.barred(*pair):
            return Verdict(bar=Bar.SPLIT)
        return compare(self.told[pair[0]], self.told[pair[1]], copied=self._copied(pair))

    def _article_pair(self, pair: tuple[int, int]) -> tuple[int, int]:
        one, other = self.told[pair[0]].article_id, self.told[pair[1]].article_id
        return min(one, other), max(one, other)

    def _copied(self, pair: tuple[int, int]) -> float:
        return self.copies.get(self._article_pair(pair), 0.0)

    def _compare_texts(self, pairs: Iterable[tuple[int, int]]) -> None:
        wanted = {self._article_pair(pair) for pair in pairs} - set(self.copies)
        self.copies.update(shingles.containment(self.connection, wanted))

    def _judge(self, one: Told, other: Told) -> Verdict:
        pair = (min(one.mention_id, other.mention_id), max(one.mention_id, other.mention_id))
        if pair not in self.verdicts:
            self.verdicts[pair] = self._compare(pair)
        return self.verdicts[pair]

    # ── writing ──

    def _write(self, members: set[int], stale: set[int], ties: set[Tie]) -> int:
        """Replaces the meetings of `members` and `stale` by those that the ties give."""
        forced = self.corrections.ties(frozenset(members))
        found: list[Summed] = []
        component_of: dict[int, int] = {}
        sets = components(members, [*ties, *forced])
        for smallest, ids in sets.items():
            component_of.update(dict.fromkeys(ids, smallest))
        # Whether two texts are copies must not depend on which other pairs this load happened to compare.
        self._compare_texts(pair for ids in sets.values() for pair in combinations(ids, 2))
        ties_of, forced_of = _by_component(ties, component_of), _by_component(forced, component_of)
        for smallest, ids in sets.items():
            told = [self.told[item] for item in ids]
            for group in groups(told, ties_of.get(smallest, ()), self._judge, forced=forced_of.get(smallest, ())):
                found.append(summed(group, self.details, self.copies))
        self._temporary("replaced", members | stale)
        old = _ids(self.connection, "SELECT DISTINCT meeting_id FROM meeting_mention WHERE mention_id IN (SELECT id FROM replaced)")
        self._temporary("old_meeting", old)
        people = naming.Naming(self.connection, found)
        if old:
            people.forget("old_meeting")
            for table in _MEETING_TABLES:
                self.connection.execute(f"DELETE FROM {table} WHERE meeting_id IN (SELECT id FROM old_meeting)")
        people.settle()
        self._insert(found)
        people.count()
        self._write_nodes(members, stale, component_of)
        self._temporary("touched_meeting", {one.meeting_id for one in found})
        return len(found)

    def _insert(self, found: Sequence[Summed]) -> None:
        found = sorted(found, key=lambda one: one.meeting_id)
        for name, rows in (
            ("meeting", [one.meeting for one in found]),
            ("meeting_participant", [row for one in found for row in one.participants]),
            ("meeting_mention", [row for one in found for row in one.mentions]),
            ("meeting_topic", [row for one in found for row in one.topics]),
            ("meeting_outcome", [row for one in found for row in one.outcomes]),
            ("meeting_status", [row for one in found for row in one.statuses]),
        ):
            if rows:
                self.connection.register("arrow_rows", arrow_table(BY_NAME[name], rows))
                self.connection.execute(f"INSERT INTO {name} SELECT * FROM arrow_rows")
                self.connection.unregister("arrow_rows")

    def _write_nodes(self, members: set[int], stale: set[int], component_of: Mapping[int, int]) -> None:
        if stale or members:
            self.connection.execute("DELETE FROM internal.node WHERE mention_id IN (SELECT id FROM replaced)")
        rows: list[dict[str, object]] = []
        self._searches(members)
        for item in sorted(members):
            search = self.searches[item]
            rows.append({"mention_id": item, "component": component_of[item], "first_day": search.low if search else None,
                         "last_day": search.high if search else None, "keys": search.keys if search else ()})
        if rows:
            self.connection.register("arrow_rows", arrow_table(BY_NAME["internal.node"], rows))
            self.connection.execute("INSERT INTO internal.node SELECT * FROM arrow_rows")
            self.connection.unregister("arrow_rows")


@dataclass(frozen=True, slots=True)
class _Search:
    mention_id: int
    low: date
    high: date
    keys: tuple[int, ...]


def _by_component(ties: Iterable[Tie], component_of: Mapping[int, int]) -> dict[int, list[Tie]]:
    found: dict[int, list[Tie]] = {}
    for tie in ties:
        found.setdefault(component_of[tie.one], []).append(tie)
    return found


def _runs(searches: Sequence[_Search]) -> Iterator[list[_Search]]:
    """The searches cut where their days leave a gap, so that a recalled meeting of years ago does not make the rest search them all."""
    run: list[_Search] = []
    last = date.min
    for search in sorted(searches, key=lambda search: (search.low, search.mention_id)):
        if run and search.low > last + timedelta(_RUN_GAP):
            yield run
            run = []
        run.append(search)
        last = max(last, search.high) if len(run) > 1 else search.high
    if run:
        yield run


def _is_meeting(told: Told, corrections: Corrections) -> bool:
    """Whether the mention counts: not taken out by a correction, two parties or more, and of recalled meetings those with a date."""
    recalled = told.background and told.start is None
    return told.mention_id not in corrections.dropped and len(told.parties) >= 2 and not recalled


def _day(value: object) -> date | None:
    return value if isinstance(value, date) else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
