"""Documents and scenes for the tests of field finders, from a case file: text, cue, parties."""

import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from parsers.datelines import find_opening
from parsers.document import Document
from parsers.mentions import Party
from parsers.records import Article, Dateline, Mode, PartyKind, Span, Status
from parsers.scene import Scene
from parsers.sentences import build_document

CASES = Path(__file__).parent / "cases" / "en"
Case = Mapping[str, Any]


def cases(name: str) -> list[Any]:
    """The cases of tests/cases/en/<name>.toml as pytest parameters, named by their reason."""
    rows = tomllib.loads((CASES / f"{name}.toml").read_text(encoding="utf-8"))["case"]
    assert rows
    for row in rows:
        assert row["text"] and row["why"], row
    return [pytest.param(row, id=row["why"][:60]) for row in rows]


def document_of(case: Case) -> Document:
    published = case.get("published")
    moment = datetime.combine(published, datetime.min.time(), UTC) if published else None
    return build_document(Article(url="https://news.example/1", title=case.get("title"), text=case["text"].strip(), published=moment))


def dateline_of(document: Document) -> Dateline | None:
    opening = find_opening(document.text[document.body_start :], document.published)
    return opening.dateline if opening else None


def scene_of(document: Document, case: Case) -> Scene:
    """The scene whose cue is the case's `cue`; all sentences belong to it but those with an `others` cue."""
    start = document.text.index(case["cue"], document.body_start)
    trigger = document.sentence_at(start).index
    others = tuple(sorted({document.sentence_at(document.text.index(cue)).index for cue in case.get("others", [])}))
    parties = tuple(
        Party(index=number, kind=PartyKind.PERSON, name=party.get("name"), role=party.get("role"), country=party.get("country"))
        for number, party in enumerate(case.get("parties", []))
    )
    return Scene(
        trigger=trigger,
        cue=Span(start, start + len(case["cue"])),
        sentences=tuple(sentence.index for sentence in document.sentences if sentence.index not in others),
        parties=parties,
        status=Status(case.get("status", "held")),
        mode=Mode(case.get("mode", "in_person")),
        others=others,
    )
