"""How well reports are put together: pairwise precision and recall over the labelled groups of tests/cases/merge.

    python -m bench.merging [first|second|third] [--errors]

All reports of a set go through bundles and the loader into one warehouse. A pair of reports counts as found where both tell of the same
meeting in the warehouse, as true where their labels are the same; pairs of different cases are never true.
"""

import json
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from itertools import combinations
from pathlib import Path
from typing import Any

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
from warehouse import ArticleEntry, ArticleStatus, Bundle, WarehousePaths, load_pending, query, write_bundle

CASES = Path(__file__).resolve().parent.parent / "tests" / "cases" / "merge"
_CLASSES = (
    ("deputy foreign minister", RoleClass.DEPUTY_MINISTER), ("foreign minister", RoleClass.FOREIGN_MINISTER),
    ("prime minister", RoleClass.HEAD_OF_GOVERNMENT), ("chancellor", RoleClass.HEAD_OF_GOVERNMENT), ("president", RoleClass.HEAD_OF_STATE),
    ("deputy", RoleClass.DEPUTY_MINISTER), ("minister", RoleClass.MINISTER), ("secretary-general", RoleClass.HEAD_OF_INTERNATIONAL_BODY),
    ("secretary", RoleClass.MINISTER), ("ambassador", RoleClass.AMBASSADOR), ("envoy", RoleClass.ENVOY), ("executive", RoleClass.EXECUTIVE),
    ("speaker", RoleClass.SPEAKER), ("governor", RoleClass.CENTRAL_BANKER), ("mayor", RoleClass.MAYOR),
)


@dataclass(frozen=True, slots=True)
class Report:
    """One labelled report: the meeting that it tells of, and the entry to load."""

    label: str
    entry: ArticleEntry


@dataclass(frozen=True, slots=True)
class Score:
    """Pairs found, found rightly, and true; and the wrong ones as (kind, one URL, other URL)."""

    found: int
    right: int
    true: int
    errors: tuple[tuple[str, str, str], ...]

    @property
    def precision(self) -> float:
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        return self.right / self.true if self.true else 1.0


def read_cases(which: str) -> Iterator[Report]:
    """The reports of the set `first`, `second` or `third`."""
    for path in sorted((CASES / which).glob("*.toml")):
        yield from read_file(path)


def read_file(path: Path) -> Iterator[Report]:
    """The reports of one file."""
    for number, case in enumerate(tomllib.loads(path.read_text(encoding="utf-8"))["case"]):
        for place, row in enumerate(case["reports"]):
            url = f"https://{row.get('outlet', path.stem + str(place))}.example/{number}-{place}-{'-'.join(case['name'].split())}"
            yield Report(f"{path.stem}/{number}/{row['is']}", _entry(url, case, row, place))


def _entry(url: str, case: Mapping[str, Any], row: Mapping[str, Any], place: int) -> ArticleEntry:
    parties = tuple(_party(text) for text in row["parties"])
    own = row.get("text") or f"Report {place}: " + " met ".join(str(p.name or p.role or p.country) for p in parties) + "."
    text = str(case["text"]) if row.get("same_text") else own
    start: date | None = row.get("date")
    meeting = Meeting(
        status=Status(row.get("status", "held")), mode=Mode(row.get("mode", "unknown")), participants=parties,
        evidence=(Evidence(field=EvidenceField.MEETING, span=Span(0, len(text))),), confidence=0.8, start_date=start,
        end_date=row.get("end"), date_precision=DatePrecision(row.get("precision", "day")) if start else None,
        city=row.get("city"), country=row.get("place"), host_event=_event(row.get("event")), background=row.get("background", False),
        topics=tuple(Topic(topic) for topic in row.get("topics", ())), outcomes=tuple(_outcome(text) for text in row.get("outcomes", ())),
    )
    return ArticleEntry(
        article=Article(url=url, title=row.get("title", case["name"]), text=text, language="en", publisher=row.get("outlet"),
                        published=datetime.combine(row["published"], time(9 + place), UTC)),
        observed_at=datetime(2026, 1, 1, tzinfo=UTC), extractor_version="cases", status=ArticleStatus.EXTRACTED,
        source_id=row.get("outlet", f"outlet-{place}"), meetings=(meeting,),
    )


def _outcome(text: str) -> Outcome:
    """`kind: text`."""
    kind, _, words = text.partition(": ")
    return Outcome(kind=OutcomeKind(kind), text=words)


def _party(text: str) -> Participant:
    """`name; role; country; organization`."""
    name, role, country, organization = ([part.strip() or None for part in text.split(";")] + [None] * 4)[:4]
    kind = PartyKind.PERSON
    if name == "delegation":
        kind, name = PartyKind.DELEGATION, None
    elif name and name.startswith("body:"):
        kind, name = PartyKind.ORGANIZATION, name.removeprefix("body:").strip()
    role_class = next((value for words, value in _CLASSES if role and words in role), None)
    return Participant(kind=kind, name=name, role=role, role_class=role_class, country=country, organization=organization)


def _event(text: str | None) -> HostEvent | None:
    """`Full Name (ACRONYM)`, `Full Name` or `ACRONYM-25`."""
    if text is None:
        return None
    name, _, acronym = text.partition(" (")
    if not acronym and any(c.isdigit() for c in name):
        return HostEvent(name=name, acronym=name)
    return HostEvent(name=name, acronym=acronym.rstrip(")") or None)


def score(reports: list[Report]) -> Score:
    """Loads the reports into a new warehouse and compares its meetings with the labels."""
    with tempfile.TemporaryDirectory() as folder:
        paths = WarehousePaths.under(Path(folder))
        write_bundle(paths.inbox, Bundle(articles=tuple(report.entry for report in reports)))
        outcome = load_pending(paths)
        assert not outcome.quarantined, outcome.quarantined
        rows = query(paths.published, "SELECT a.url, m.meeting_id FROM meeting_mention m JOIN article a USING (article_id)").rows
    meeting_of = {str(url): str(meeting) for url, meeting in rows}
    found = right = true = 0
    errors = []
    for one, other in combinations(reports, 2):
        a, b = one.entry.article.url, other.entry.article.url
        together = meeting_of.get(a, a) == meeting_of.get(b, b)
        same = one.label == other.label
        found += together
        true += same
        right += together and same
        if together != same:
            errors.append(("wrongly together" if together else "missed", a, b))
    return Score(found, right, true, tuple(errors))


def main() -> None:
    sets = [name for name in sys.argv[1:] if not name.startswith("-")] or ["first", "second", "third"]
    for name in sets:
        reports = list(read_cases(name))
        result = score(reports)
        cases = len({report.label.rsplit("/", 1)[0] for report in reports})
        print(json.dumps({"set": name, "groups": cases, "reports": len(reports), "pairs": result.true,
                          "precision": round(result.precision, 4), "recall": round(result.recall, 4)}))
        if "--errors" in sys.argv:
            for error in result.errors:
                print("   ", *error)


if __name__ == "__main__":
    main()
