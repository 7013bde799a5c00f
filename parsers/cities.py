"""Cities and places of meetings as English news names them → name, state, and how far the name can be trusted."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from parsers.gazetteer import Gazetteer, fold, is_given_name
from parsers.records import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class City:
    """One row of cities.tsv. population: thousands, 0 where unknown. region: state of the USA and the like, "" where not needed.

    `ambiguous` holds those of its forms that also mean something else.
    """

    name: str
    alpha3: str
    aliases: tuple[str, ...]
    population: int
    is_capital: bool
    region: str
    ambiguous: frozenset[str]

    @property
    def forms(self) -> tuple[str, ...]:
        return (self.name, *self.aliases)


@dataclass(frozen=True, slots=True, kw_only=True)
class CityHit:
    """A city found in a text. others: namesakes elsewhere, most populous first."""

    span: Span
    form: str
    city: City
    ambiguous: bool
    others: tuple[City, ...] = ()


class Cities:
    """The table of cities with its look-ups."""

    __slots__ = ("_forms", "rows")

    def __init__(self, rows: Iterable[City], traps: Iterable[str] = ()) -> None:
        self.rows = tuple(rows)
        bearers: dict[str, list[City]] = defaultdict(list)
        for row in sorted(self.rows, key=lambda row: (-row.is_capital, -row.population)):
            for spelling in {spelling for form in row.forms for spelling in _spellings(form, row)}:
                bearers[spelling].append(row)
        forms = {spelling: tuple(cities) for spelling, cities in bearers.items()}
        # A trap is a phrase that holds a city's name and means no city ("Oslo Accords"): found, then thrown away.
        forms.update((trap, ()) for trap in traps if trap not in forms)
        self._forms = Gazetteer(forms)

    def candidates(self, name: str) -> tuple[City, ...]:
        """All cities of this name, capitals first, then the most populous first; () where the table has none."""
        name = name.strip()
        return self._forms.get(name) or self._forms.get(fold(name)) or ()

    def lookup(self, name: str, *, alpha3: str | None = None, region: str | None = None) -> City | None:
        """The likeliest city of this name, in the given state or region where these are given; None where there is none."""
        for city in self.candidates(name):
            if alpha3 in (None, city.alpha3) and region in (None, city.region):
                return city
        return None

    def find(self, text: str) -> tuple[CityHit, ...]:
        """Every city in the text, in order, none overlapping another. Time is linear in the text.

        A name written before a state or region ("Paris, Texas"; "Cordoba, Argentina") is settled by it in `lookup`, not here.
        """
        hits = []
        for found in self._forms.find(text):
            if not found.value:
                continue
            city, *others = found.value
            ambiguous = found.form in city.ambiguous or fold(found.form) in city.ambiguous
            if not (ambiguous and is_given_name(text, found.span)):
                hits.append(CityHit(span=found.span, form=found.form, city=city, ambiguous=ambiguous, others=tuple(others)))
        return tuple(hits)


_SHORTEST_IN_CAPITALS = 4


def _spellings(form: str, row: City) -> Iterator[str]:
    """The form with and without diacritics, and in the capitals of a dateline unless that would read as an acronym ("ITU", "MESA")."""
    yield form
    yield fold(form)
    if len(form) >= _SHORTEST_IN_CAPITALS and (row.is_capital or form not in row.ambiguous):
        yield form.upper()
        yield fold(form).upper()
