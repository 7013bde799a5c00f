"""People across spellings: one row for a person, however the reports write the name.

Spellings of one country's names are compared where they share a first or last word's consonants; those that are alike are one person.
As with meetings, only the sets of spellings that a load adds to or takes from are made again.
"""

import zlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import duckdb

from parsers.identity import dated_id
from warehouse.bundles import arrow_table
from warehouse.schema import BY_NAME
from warehouse.spelling import FULL_NAME, fold, person_score, skeleton
from warehouse.summing import Summed

Spelling = tuple[str, str]
"""(name as given, country or "")"""


@dataclass(slots=True)
class Naming:
    """One load's changes to the people. Call forget, settle, (insert the meetings,) count, in this order."""

    connection: duckdb.DuckDBPyConnection
    found: Sequence[Summed]
    uses: Counter[Spelling] = field(default_factory=Counter)
    person_of: dict[Spelling, UUID] = field(default_factory=dict)
    touched: set[UUID] = field(default_factory=set)
    renamed: dict[UUID, UUID] = field(default_factory=dict)

    def forget(self, meetings: str) -> None:
        """Takes back the spellings of the meetings in the table `meetings`, which are about to be replaced."""
        for name, country, count in self.connection.execute(f"""
                SELECT spelling, country, count(*) FROM (
                    SELECT unnest(spellings) AS spelling, coalesce(country, '') AS country FROM meeting_participant
                    WHERE meeting_id IN (SELECT id FROM {meetings}))
                GROUP BY ALL""").fetchall():
            self.uses[name, country] -= count

    def settle(self) -> None:
        """Finds the person of every spelling of the new meetings and writes it into their rows."""
        for one in self.found:
            for row in one.participants:
                self.uses.update(_spellings(row))
        self._regroup()
        for one in self.found:
            for row in one.participants:
                spellings = list(_spellings(row))
                if spellings:
                    shown = (str(row["name"]), spellings[0][1])
                    row["person_id"] = self.person_of[shown if shown in self.person_of else spellings[0]]

    def _regroup(self) -> None:
        known = self._known(self.uses)
        stored = {spelling: (person, uses) for spelling, (person, uses) in known.items()}
        fresh = {spelling for spelling, change in self.uses.items() if spelling not in stored and change > 0}
        gone = {spelling for spelling, change in self.uses.items() if spelling in stored and stored[spelling][1] + change <= 0}
        self.person_of = {spelling: person for spelling, (person, _) in stored.items() if spelling not in gone}
        self.touched.update(person for person, _ in stored.values())
        if fresh or gone:
            near = self._near(fresh, {stored[spelling][0] for spelling in gone})
            stored.update(near)
            self._assign([spelling for spelling in {*near, *fresh} if spelling not in gone], stored)
        self._write(stored, gone)

    def _known(self, spellings: Iterable[Spelling]) -> dict[Spelling, tuple[UUID, int]]:
        names = [list(part) for part in zip(*sorted(spellings), strict=True)] or [[], []]
        rows = self.connection.execute("""
            SELECT name, country, person_id, uses FROM internal.spelling
            WHERE (name, country) IN (SELECT unnest(?::VARCHAR[]), unnest(?::VARCHAR[]))""", names).fetchall()
        return {(name, country): (person, uses) for name, country, person, uses in rows}

    def _near(self, fresh: set[Spelling], people: set[UUID]) -> dict[Spelling, tuple[UUID, int]]:
        """All spellings of the people that share a key with a fresh spelling, or that lose one."""
        keys = sorted({key for spelling in fresh for key in spelling_keys(spelling)})
        rows = self.connection.execute("""
            WITH shared AS (SELECT DISTINCT person_id FROM (SELECT person_id, unnest(keys) AS key FROM internal.spelling)
                            WHERE key IN (SELECT unnest(?::UINTEGER[])))
            SELECT name, country, person_id, uses FROM internal.spelling
            WHERE person_id IN (SELECT person_id FROM shared) OR person_id IN (SELECT unnest(?::UUID[]))""",
            [keys, sorted(people)]).fetchall()
        return {(name, country): (person, uses) for name, country, person, uses in rows}

    def _assign(self, spellings: Sequence[Spelling], stored: dict[Spelling, tuple[UUID, int]]) -> None:
        for members in same_people(spellings):
            person = person_id(members)
            for spelling in members:
                self.person_of[spelling] = person
                self.touched.add(person)
                before = stored.get(spelling)
                if before is not None and before[0] != person:
                    self.renamed[before[0]] = person
                    self.touched.add(before[0])

    def _write(self, stored: dict[Spelling, tuple[UUID, int]], gone: set[Spelling]) -> None:
        """The spelling rows of all that changed; people whose spellings were joined or parted get their rows in count()."""
        changed = [spelling for spelling in {*self.uses, *stored} if spelling in self.person_of or spelling in gone]
        names = [list(part) for part in zip(*sorted(changed), strict=True)] or [[], []]
        self.connection.execute(
            "DELETE FROM internal.spelling WHERE (name, country) IN (SELECT unnest(?::VARCHAR[]), unnest(?::VARCHAR[]))", names)
        rows = [{"name": spelling[0], "country": spelling[1], "person_id": self.person_of[spelling],
                 "uses": stored.get(spelling, (None, 0))[1] + self.uses[spelling], "keys": spelling_keys(spelling)}
                for spelling in sorted(changed) if spelling not in gone]
        if rows:
            self.connection.register("arrow_rows", arrow_table(BY_NAME["internal.spelling"], rows))
            self.connection.execute("INSERT INTO internal.spelling SELECT * FROM arrow_rows")
            self.connection.unregister("arrow_rows")

    def count(self) -> None:
        """Writes the rows of all people that changed, after the meetings are in."""
        if self.renamed:
            self.connection.execute("""
                UPDATE meeting_participant p SET person_id = s.person_id FROM internal.spelling s
                WHERE p.person_id IN (SELECT unnest(?::UUID[])) AND s.name = p.name AND s.country = coalesce(p.country, '')
                    AND p.person_id <> s.person_id""", [sorted(self.renamed)])
        people = [sorted(self.touched)]
        self.connection.execute("DELETE FROM person WHERE person_id IN (SELECT unnest(?::UUID[]))", people)
        self.connection.execute("""
            INSERT INTO person
            SELECT person_id, first(name ORDER BY uses DESC, length(name) DESC, name), first(nullif(country, '')), count(*)
            FROM internal.spelling WHERE person_id IN (SELECT unnest(?::UUID[])) GROUP BY person_id ORDER BY person_id""", people)


def _spellings(row: dict[str, object]) -> Iterable[Spelling]:
    spellings = row["spellings"]
    assert isinstance(spellings, list)
    for name in spellings:
        yield str(name), str(row["country"] or "")


def spelling_keys(spelling: Spelling) -> tuple[int, ...]:
    words = fold(spelling[0])
    ends = {words[0], words[-1]} if words else {""}
    return tuple(sorted({zlib.crc32(f"{spelling[1]}|{skeleton(word)}".encode()) for word in ends}))


def same_people(spellings: Iterable[Spelling]) -> list[list[Spelling]]:
    """Sets of spellings of one person each, sorted."""
    ordered = sorted(spellings)
    parent = {spelling: spelling for spelling in ordered}

    def root(item: Spelling) -> Spelling:
        while parent[item] != item:
            parent[item] = parent[parent[item]]
            item = parent[item]
        return item

    by_key: dict[int, list[Spelling]] = {}
    for spelling in ordered:
        for key in spelling_keys(spelling):
            by_key.setdefault(key, []).append(spelling)
    for members in by_key.values():
        for place, one in enumerate(members):
            for other in members[place + 1:]:
                a, b = root(one), root(other)
                if a != b and is_same_person(one, other):
                    parent[max(a, b)] = min(a, b)
    sets: dict[Spelling, list[Spelling]] = {}
    for spelling in ordered:
        sets.setdefault(root(spelling), []).append(spelling)
    return list(sets.values())


def is_same_person(one: Spelling, other: Spelling) -> bool:
    a, b = fold(one[0]), fold(other[0])
    if one[1] != other[1]:
        return False
    return a == b or (min(len(a), len(b)) >= 2 and person_score(a, b) >= FULL_NAME)


def person_id(members: Iterable[Spelling]) -> UUID:
    """The id of the person with these spellings: from the country and the first of the folded names."""
    first = min((country, " ".join(fold(name))) for name, country in members)
    return dated_id(None, "person", *first)
