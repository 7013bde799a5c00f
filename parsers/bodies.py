"""Bodies that meet and are met: international bodies, agencies, movements, companies ... by name, acronym or alias."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from parsers.gazetteer import Gazetteer, fold
from parsers.records import Span


class BodyKind(StrEnum):
    """What sort of body it is."""

    IGO = "igo"  # between states, or of the United Nations
    NGO = "ngo"
    COMPANY = "company"
    BANK = "bank"  # central and development banks and funds too
    MOVEMENT = "movement"
    PARTY = "party"
    AGENCY = "agency"
    MINISTRY = "ministry"
    PARLIAMENT = "parliament"
    MILITARY = "military"
    RELIGIOUS = "religious"
    UNIVERSITY = "university"
    SPORT = "sport"
    MEDIA = "media"


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """One row of organisations.tsv.

    acronym, head_title: "" where there is none. alpha3: the state of a national body, of a company that of its seat; None for
    international ones. `ambiguous` holds those of its forms that also mean something else.
    """

    name: str
    acronym: str
    aliases: tuple[str, ...]
    alpha3: str | None
    kind: BodyKind
    head_title: str
    ambiguous: frozenset[str]

    @property
    def forms(self) -> tuple[str, ...]:
        return (self.name, *((self.acronym,) if self.acronym else ()), *self.aliases)


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyHit:
    """A body found in a text. others: further bodies of the same form ("RSF", "PPP"); then `ambiguous` is true."""

    span: Span
    form: str
    body: Body
    ambiguous: bool
    others: tuple[Body, ...] = ()


class Bodies:
    """The table of bodies with its look-ups."""

    __slots__ = ("_forms", "rows")

    def __init__(self, rows: Iterable[Body], traps: Iterable[str] = ()) -> None:
        self.rows = tuple(rows)
        bearers: dict[str, list[Body]] = defaultdict(list)
        for row in self.rows:
            for spelling in dict.fromkeys(spelling for form in row.forms for spelling in (form, fold(form))):
                bearers[spelling].append(row)
        forms = {spelling: tuple(bodies) for spelling, bodies in bearers.items()}
        # A trap is a longer phrase that holds a body's form and means no body ("United Arab Emirates"): found, then thrown away.
        forms.update((trap, ()) for trap in traps if trap not in forms)
        self._forms = Gazetteer(forms)

    def candidates(self, form: str) -> tuple[Body, ...]:
        """All bodies of this name, acronym or alias, the likeliest first; a leading article aside. () where there is none."""
        form = form.strip()
        bare = form[4:] if form[:4].lower() == "the " else form
        return self._forms.get(form) or self._forms.get(bare) or self._forms.get(fold(bare)) or ()

    def lookup(self, form: str) -> Body | None:
        """The likeliest body of this form, or None."""
        found = self.candidates(form)
        return found[0] if found else None

    def find(self, text: str) -> tuple[BodyHit, ...]:
        """Every body in the text, in order, none overlapping another. Time is linear in the text."""
        hits = []
        for found in self._forms.find(text):
            if not found.value:
                continue
            body, *others = found.value
            ambiguous = bool(others) or found.form in body.ambiguous
            hits.append(BodyHit(span=found.span, form=found.form, body=body, ambiguous=ambiguous, others=tuple(others)))
        return tuple(hits)
