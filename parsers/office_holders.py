"""Who held which office when: from a name and a day to the office, and so to the state or body that a person speaks for.

Used only where an article is silent, and marked as such in the record (`CountrySource.OFFICE_HOLDERS`).
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from parsers.gazetteer import fold
from parsers.records import RoleClass


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeHolder:
    """One row of office_holders.tsv: one person in one office.

    alpha3: None for international bodies. organization: None where the office is the state's own.
    first, last: days, both counted in; last is None where no end is known. sure: dates and name are beyond doubt.
    """

    name: str
    aliases: tuple[str, ...]
    office: str
    role_class: RoleClass
    alpha3: str | None
    organization: str | None
    first: date
    last: date | None
    sure: bool

    @property
    def names(self) -> tuple[str, ...]:
        return (self.name, *self.aliases)

    def held_on(self, day: date) -> bool:
        """Whether the person was in the office on that day."""
        return self.first <= day and (self.last is None or day <= self.last)


_SHORTEST_FAMILY_NAME = 3
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class NameLore:
    """What the look-up knows about names (person_names.toml).

    left_out: words that are no part of a name. family_name_first: states that write the family name first. common: names that many
    people bear, so that none can be told by one of them alone. spellings: a way to write a name → the one that is compared.
    """

    left_out: frozenset[str]
    family_name_first: frozenset[str]
    common: frozenset[str]
    spellings: Mapping[str, str]

    def key(self, name: str) -> tuple[str, ...]:
        """Words of a name as they are compared: lower case, one spelling of each, titles and Arabic articles left out."""
        words = [word.replace("'", "") for word in _WORD.findall(fold(name).lower())]
        words = [self.spellings.get(word, word) for word in words]
        return tuple(word for word in words if word not in self.left_out) or tuple(words)


class OfficeHolders:
    """The table of office holders with its look-up."""

    __slots__ = ("_by_ends", "_by_name", "_by_office", "_by_part", "_lore", "rows")

    def __init__(self, rows: Iterable[OfficeHolder], lore: NameLore) -> None:
        self.rows = tuple(rows)
        self._lore = lore
        self._by_name: dict[tuple[str, ...], list[OfficeHolder]] = defaultdict(list)
        self._by_ends: dict[tuple[str, str], list[tuple[tuple[str, ...], OfficeHolder]]] = defaultdict(list)
        self._by_part: dict[tuple[str, ...], list[OfficeHolder]] = defaultdict(list)
        self._by_office: dict[tuple[RoleClass, str | None], list[OfficeHolder]] = defaultdict(list)
        for row in self.rows:
            self._by_office[row.role_class, row.alpha3].append(row)
            keys = {lore.key(name) for name in row.names}
            for key in sorted(keys):
                self._by_name[key].append(row)
                self._by_ends[key[0], key[-1]].append((key, row))
            for part in sorted({part for key in keys for part in self._parts(key, row)} - keys):
                self._by_part[part].append(row)

    def named(self, name: str) -> tuple[OfficeHolder, ...]:
        """Every row that this name may mean, in the table's order; () where there is none.

        Tried in turn: the whole name; first and last word with words between left out or added ("Kassym Tokayev"); a family name or
        another closing part of a name.
        """
        key = self._lore.key(name)
        if not key:
            return ()
        if whole := self._by_name.get(key):
            return tuple(whole)
        if len(key) > 1:
            near = [row for known, row in self._by_ends.get((key[0], key[-1]), ()) if _within(key, known) or _within(known, key)]
            if near:
                return tuple(dict.fromkeys(near))
        return tuple(self._by_part.get(key, ()))

    def lookup(
        self, name: str, day: date | None, *, role_class: RoleClass | None = None, alpha3: str | None = None, sure_only: bool = False
    ) -> OfficeHolder | None:
        """The office that the person of this name held on that day; None where nobody did, or several people of that name did.

        day: publication or meeting; None asks for a person of that name at any time, who must then be the only one,
        and have spoken for one state or body only.
        role_class, alpha3: what the text already says; a row that contradicts it does not count. A single common name ("Wang", "Lee")
        means nobody without them. Of several offices held at once, the one that began last is given, unless the class settles it.
        """
        key = self._lore.key(name)
        if len(key) == 1 and key[0] in self._lore.common and role_class is None and alpha3 is None:
            return None
        rows = [
            row
            for row in self.named(name)
            if (day is None or row.held_on(day))
            and role_class in (None, row.role_class)
            and alpha3 in (None, row.alpha3)
            and (row.sure or not sure_only)
        ]
        if not rows or len({self._lore.key(row.name) for row in rows}) > 1:
            return None
        if day is None and len({(row.alpha3, row.organization) for row in rows}) > 1:
            return None
        return max(rows, key=lambda row: row.first)

    def in_office(self, role_class: RoleClass, alpha3: str, day: date) -> OfficeHolder | None:
        """Who held the state's office of this class on that day; None where the table does not know one person for it."""
        rows = [row for row in self._by_office.get((role_class, alpha3), ()) if row.organization is None and row.held_on(day)]
        return rows[0] if len({self._lore.key(row.name) for row in rows}) == 1 else None

    def _parts(self, key: tuple[str, ...], row: OfficeHolder) -> Iterable[tuple[str, ...]]:
        """What may stand for the whole name: each closing part of it, and a family name that is written first."""
        for start in range(1, len(key)):
            part = key[start:]
            if len(part) > 1 or len(part[0]) >= _SHORTEST_FAMILY_NAME:
                yield part
        if row.alpha3 in self._lore.family_name_first and len(key) > 1:
            yield key[:1]


def _within(shorter: tuple[str, ...], longer: tuple[str, ...]) -> bool:
    """Whether the words of one name occur in the other in the same order."""
    rest = iter(longer)
    return all(word in rest for word in shorter)
