"""What people put right, as the resolver applies it: corrections are rows, and the newest word on a matter counts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from uuid import UUID

import duckdb

from parsers.records import DatePrecision
from warehouse.grouping import Tie
from warehouse.rows import CorrectionKind
from warehouse.telling import Party, Told, make_party, window

_FORCED = 2.0  # above any score that comparing gives


@dataclass(frozen=True, slots=True)
class _Entry:
    correction_id: UUID
    kind: CorrectionKind
    mention_id: int | None
    other_ids: tuple[int, ...]
    party: int | None
    value: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Corrections:
    """The corrections in force."""

    merged: tuple[tuple[int, int], ...] = ()
    split: frozenset[tuple[int, int]] = frozenset()
    dropped: frozenset[int] = frozenset()
    patches: Mapping[int, tuple[_Entry, ...]] = field(default_factory=dict)

    def barred(self, one: int, other: int) -> bool:
        return (min(one, other), max(one, other)) in self.split

    def ties(self, ids: frozenset[int]) -> list[Tie]:
        """The ties that people made between two of the mentions."""
        return [Tie(_FORCED, one, other, "merged by a correction") for one, other in self.merged if one in ids and other in ids]

    def patched(self, told: Told) -> Told:
        for entry in self.patches.get(told.mention_id, ()):
            told = _with_party(told, entry) if entry.kind is CorrectionKind.WRONG_PARTY else _with_date(told, entry.value)
        return told


def read_corrections(connection: duckdb.DuckDBPyConnection) -> Corrections:
    """All corrections that are not withdrawn. A merge and a split of one pair: the later one counts."""
    entries = _entries(connection, "correction")
    withdrawn = {entry.value.get("correction_id") for entry in entries if entry.kind is CorrectionKind.WITHDRAW}
    pairs: dict[tuple[int, int], CorrectionKind] = {}
    dropped: set[int] = set()
    patches: dict[int, tuple[_Entry, ...]] = {}
    for entry in entries:
        if str(entry.correction_id) in withdrawn or entry.mention_id is None:
            continue
        if entry.kind in (CorrectionKind.MERGE, CorrectionKind.SPLIT):
            for other in entry.other_ids:
                pairs[min(entry.mention_id, other), max(entry.mention_id, other)] = entry.kind
        elif entry.kind is CorrectionKind.NOT_A_MEETING:
            dropped.add(entry.mention_id)
        else:
            patches[entry.mention_id] = (*patches.get(entry.mention_id, ()), entry)
    return Corrections(
        merged=tuple(sorted(pair for pair, kind in pairs.items() if kind is CorrectionKind.MERGE)),
        split=frozenset(pair for pair, kind in pairs.items() if kind is CorrectionKind.SPLIT),
        dropped=frozenset(dropped), patches=patches,
    )


def newly_corrected(connection: duckdb.DuckDBPyConnection) -> set[int]:
    """Mentions that the corrections of this load are about, those of withdrawn corrections included."""
    new = _entries(connection, "new_correction")
    withdrawn = {entry.value.get("correction_id") for entry in new if entry.kind is CorrectionKind.WITHDRAW}
    earlier = [entry for entry in _entries(connection, "correction") if str(entry.correction_id) in withdrawn] if withdrawn else []
    found: set[int] = set()
    for entry in (*new, *earlier):
        found.update(entry.other_ids)
        if entry.mention_id is not None:
            found.add(entry.mention_id)
    return found


def _entries(connection: duckdb.DuckDBPyConnection, table: str) -> list[_Entry]:
    rows: Sequence[tuple[UUID, str, UUID | None, list[str], int | None, Mapping[str, str]]] = connection.execute(
        f"SELECT correction_id, kind, mention_id, other_ids, party, value FROM {table} ORDER BY observed_at, correction_id").fetchall()
    return [
        _Entry(row[0], CorrectionKind(row[1]), row[2].int if row[2] else None, tuple(UUID(other).int for other in row[3]), row[4], row[5])
        for row in rows
    ]


def _with_party(told: Told, entry: _Entry) -> Told:
    """The mention with one party put right, added (no place given) or taken out (no value given)."""
    parties = list(told.parties)
    if entry.party is None:
        parties.append(_party(None, entry.value))
    elif entry.party < len(parties):
        parties[entry.party:entry.party + 1] = [_party(parties[entry.party], entry.value)] if entry.value else []
    return replace(told, parties=tuple(parties))


def _party(before: Party | None, value: Mapping[str, str]) -> Party:
    def given(name: str) -> str | None:
        return value[name] or None if name in value else None if before is None else getattr(before, name)

    return make_party(given("kind") or "person", given("name"), given("role"), given("role_class"), given("portfolio"),
                      given("country"), given("organization"))


def _with_date(told: Told, value: Mapping[str, str]) -> Told:
    start = date.fromisoformat(value["start_date"]) if value.get("start_date") else None
    end = date.fromisoformat(value["end_date"]) if value.get("end_date") else None
    precision = DatePrecision(value.get("date_precision") or DatePrecision.DAY) if start else None
    low, high = window(told.status, start, end, precision, told.published)
    return replace(told, start=start, end=end, precision=precision, low=low, high=high)
