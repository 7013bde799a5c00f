"""States as English news names them: by name, demonym, capital, palace or ministry → ISO 3166-1 alpha-3."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from parsers.gazetteer import Gazetteer, fold, is_given_name
from parsers.records import Span


class FormKind(StrEnum):
    """How a form names its state."""

    NAME = "name"  # "Algeria", "UAE"
    DEMONYM = "demonym"  # "Algerian", "Britons"
    CAPITAL = "capital"  # "Algiers"
    METONYM = "metonym"  # "the Kremlin", "Downing Street", "the Knesset"


@dataclass(frozen=True, slots=True, kw_only=True)
class Country:
    """One row of countries.tsv. `ambiguous` holds those of its forms that also mean something else."""

    alpha3: str
    name: str
    aliases: tuple[str, ...]
    demonyms: tuple[str, ...]
    capitals: tuple[str, ...]
    metonyms: tuple[str, ...]
    ambiguous: frozenset[str]

    def forms(self) -> Iterator[tuple[str, FormKind]]:
        """Every form of the row, as written in the table. A form of two kinds comes first with the kind that wins."""
        yield self.name, FormKind.NAME
        for kind, forms in (
            (FormKind.NAME, self.aliases),
            (FormKind.DEMONYM, self.demonyms),
            (FormKind.CAPITAL, self.capitals),
            (FormKind.METONYM, self.metonyms),
        ):
            for form in forms:
                yield form, kind


@dataclass(frozen=True, slots=True, kw_only=True)
class CountryForm:
    """What one form stands for.

    ambiguous: it also means something else and needs support from the sentence ("Georgia", "Jordan", "Polish").
    others: further states that the same form may mean, likeliest first ("Congolese": COD, others COG).
    """

    alpha3: str
    kind: FormKind
    ambiguous: bool
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CountryHit:
    """A form found in a text. The span leaves out a possessive mark."""

    span: Span
    form: str
    alpha3: str
    kind: FormKind
    ambiguous: bool
    others: tuple[str, ...] = ()


_GIVEN_NAMES = (FormKind.NAME, FormKind.CAPITAL)  # kinds whose ambiguous forms people bear: "Jordan", "Sofia"


class Countries:
    """The table of states with its look-ups."""

    __slots__ = ("_by_code", "_forms", "rows")

    def __init__(self, rows: Iterable[Country], traps: Iterable[str] = ()) -> None:
        self.rows = tuple(rows)
        self._by_code = {row.alpha3: row for row in self.rows}
        forms: dict[str, CountryForm | None] = dict(_forms(self.rows))
        # A trap is a phrase that holds a state's form and means no state ("New Mexico", "Washington Post"): found, then thrown away.
        forms.update(dict.fromkeys(traps, None))
        self._forms = Gazetteer(forms)

    def __contains__(self, alpha3: object) -> bool:
        return alpha3 in self._by_code

    def get(self, alpha3: str) -> Country | None:
        """The row of an alpha-3 code."""
        return self._by_code.get(alpha3)

    def lookup(self, form: str) -> CountryForm | None:
        """What exactly this form stands for, a leading article and a possessive mark aside: "the Emirates'", "Algerian", "Seoul"."""
        form = form.strip()
        bare = re.sub(r"['’]s?$", "", form)
        return self._forms.get(form) or self._forms.get(bare) or self._forms.get(re.sub(r"^[Tt]he ", "", bare))

    def find(self, text: str) -> tuple[CountryHit, ...]:
        """Every form in the text, in order, none overlapping another. Time is linear in the text."""
        hits = []
        for found in self._forms.find(text):
            form = found.value
            if form is None or (form.ambiguous and form.kind in _GIVEN_NAMES and is_given_name(text, found.span)):
                continue
            hit = CountryHit(
                span=found.span, form=found.form, alpha3=form.alpha3, kind=form.kind, ambiguous=form.ambiguous, others=form.others
            )
            hits.append(hit)
        return tuple(hits)


def _forms(rows: Iterable[Country]) -> Iterator[tuple[str, CountryForm]]:
    """Form → meaning, spellings without diacritics and in capitals (headlines, datelines) added. The first row to list a form owns it."""
    owners: dict[str, CountryForm] = {}
    for row in rows:
        for form, kind in row.forms():
            ambiguous = form in row.ambiguous
            for spelling in _spellings(form, kind):
                owner = owners.get(spelling)
                if owner is None:
                    owners[spelling] = CountryForm(alpha3=row.alpha3, kind=kind, ambiguous=ambiguous)
                elif row.alpha3 not in (owner.alpha3, *owner.others):
                    owners[spelling] = CountryForm(
                        alpha3=owner.alpha3, kind=owner.kind, ambiguous=True, others=(*owner.others, row.alpha3)
                    )
    yield from owners.items()


def _spellings(form: str, kind: FormKind) -> Iterator[str]:
    plain = fold(form)
    yield form
    if plain != form:
        yield plain
    if kind in (FormKind.NAME, FormKind.CAPITAL) and len(form) > 3 and form.upper() != form:
        yield form.upper()
        if plain != form:
            yield plain.upper()
