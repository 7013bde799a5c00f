"""Who may be a party, and who is meant: the cases of tests/cases/en/mentions.toml, and properties over any text."""

import time
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parsers.document import Document
from parsers.mentions import Form, Party
from parsers.names import Tagged
from parsers.parties import find_mentions, join_parties
from parsers.records import Article, CountrySource
from parsers.sentences import build_document

CASES = tomllib.loads((Path(__file__).parent / "cases" / "en" / "mentions.toml").read_text(encoding="utf-8"))["case"]
LOOSE = frozenset({"of", "the", "for", "and", "s"})


def document_of(text: str, *, title: str | None = None, publisher: str | None = None, url: str = "") -> Document:
    return build_document(Article(url=url, title=title, text=text, publisher=publisher, published=datetime(2021, 5, 4, tzinfo=UTC)))


def parties_of(document: Document) -> tuple[Party, ...]:
    return join_parties(document, find_mentions(document))[1]


def words(text: str | None) -> set[str]:
    return set((text or "").lower().replace("'", " ").replace(",", " ").split()) - LOOSE


def fits(party: Party, name: str, role: str, country: str, organization: str) -> bool:
    """Whether the party is the one described. A role fits where its words are within the party's."""
    if (party.name or "-") != name or (party.country or "-") != country:
        return False
    if (role == "-") != (party.role is None) and name != "-":
        return False
    return words(role if role != "-" else "") <= words(party.role) and (organization == "-" or party.organization == organization)


@pytest.mark.parametrize("case", CASES, ids=[case["why"][:60] for case in CASES])
def test_case(case: dict[str, Any]) -> None:
    parties = parties_of(document_of(case["text"]))
    shown = [(party.name, party.role, party.country, party.organization) for party in parties]
    for wanted in case["parties"]:
        name, role, country, organization = (part.strip() for part in wanted.split("|"))
        assert any(fits(party, name, role, country, organization) for party in parties), f"{wanted} not in {shown}"
    for name in case.get("absent", ()):
        assert not any(party.name and name in party.name for party in parties), shown


def test_title_and_body_name_one_person() -> None:
    document = document_of("TEHRAN - Sattar Moradpour, the energy minister of Iran, spoke on Monday.", title="Moradpour hails ties")
    people = [party for party in parties_of(document) if party.name]
    assert [(party.name, party.country) for party in people] == [("Sattar Moradpour", "IRN")]
    assert len(people[0].mentions) == 2


def test_spellings_of_a_name_are_one_person() -> None:
    document = document_of("Ukrainian President Borys Zalenskiy met mayors. President Zalensky left. Borys Zalenskyy spoke later.")
    assert sum(party.name is not None for party in parties_of(document)) == 1


def test_two_of_one_last_name_stay_two() -> None:
    document = document_of("Kenyan minister Peter Mwangi met Ugandan minister Grace Mwangi on Monday in Kampala.")
    assert {party.name for party in parties_of(document)} >= {"Peter Mwangi", "Grace Mwangi"}


def test_an_outlet_of_one_country_means_its_own_minister() -> None:
    document = document_of("Foreign Minister Joseph Wekesa met the Omani ambassador on Monday.", publisher="Kenya News Agency")
    wekesa = next(party for party in parties_of(document) if party.name == "Joseph Wekesa")
    assert (wekesa.country, wekesa.country_source) == ("KEN", CountrySource.OUTLET)


def test_unknown_country_stays_none() -> None:
    document = document_of("Foreign Minister Joseph Wekesa met the Omani ambassador on Monday.", publisher="Reuters")
    assert next(party for party in parties_of(document) if party.name == "Joseph Wekesa").country is None


def test_office_holders_are_asked_where_the_text_is_silent() -> None:
    document = document_of("Chancellor Angela Merkel received the visitors on Monday.", publisher="Reuters")
    merkel = next(party for party in parties_of(document) if party.name == "Angela Merkel")
    assert (merkel.country, merkel.country_source) == ("DEU", CountrySource.OFFICE_HOLDERS)


def test_mentions_carry_their_words() -> None:
    document = document_of("Kenyan Foreign Minister Joseph Wekesa met the two sides. He left.")
    mentions = find_mentions(document)
    assert [(mention.form, document.text[mention.span.start : mention.span.end]) for mention in mentions] == [
        (Form.NAMED, "Kenyan Foreign Minister Joseph Wekesa"),
        (Form.GROUP, "the two sides"),
        (Form.PRONOUN, "He"),
    ]
    assert document.text[mentions[0].head.start : mentions[0].head.end] == "Joseph Wekesa"
    joined, _ = join_parties(document, mentions)
    assert joined[2].party == joined[0].party


class Capitals:
    """A tagger that calls every pair of capitalised words a person: quick, and wrong in as many ways as one likes."""

    def tag(self, texts: list[str]) -> list[list[Tagged]]:
        found: list[list[Tagged]] = []
        for text in texts:
            spans, at = [], 0
            for word in text.split(" "):
                if word[:1].isupper():
                    spans.append(Tagged(at, at + len(word), "PERSON" if len(word) % 3 else "ORG"))
                at += len(word) + 1
            found.append(spans)
        return found


WORDS = """the The Iran Iranian Kenya's Foreign_Minister foreign_ministers of for and , ,_and counterpart
his ( ) UN delegation from President
Sultan Amir Zarif Wang_Yi al- 's ’s s - – . B. He the_two_sides who is Dr Ministry_of_Health Council secretary-general deputy former in
Baku King MP 😀 العربية led_by heads Georgia Commander its the_country's"""
PIECES = st.sampled_from([*(word.replace("_", " ") for word in WORDS.split()), "\n\n", "\u202e", "\x00"])


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(PIECES, max_size=60), st.booleans())
def test_any_words_end_in_whole_mentions(pieces: list[str], glued: bool) -> None:
    check(document_of(("" if glued else " ").join(pieces), title=" ".join(pieces[:8]) or None))


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(max_size=400))
def test_any_characters_end_in_whole_mentions(text: str) -> None:
    check(document_of(text))


def check(document: Document) -> None:
    """Spans lie in the text and in their sentence, accepted mentions do not overlap, every party has its mentions."""
    mentions = find_mentions(document, tagger=Capitals())
    reached = 0
    for mention in mentions:
        sentence = document.sentences[mention.sentence]
        assert sentence.span.covers(mention.span)
        assert mention.span.covers(mention.head)
    for mention in mentions:
        if not mention.attributive and mention.span.start >= reached:
            reached = mention.span.end
    joined, parties = join_parties(document, mentions)
    assert len(joined) == len(mentions)
    for party in parties:
        assert party.mentions
        assert all(joined[index].party == party.index for index in party.mentions)


@pytest.mark.parametrize("unit", ["Iran ", "Foreign Minister ", "A.", "the ministers of Iran, ", "( ", "Al-", "Council of ", "ab'"])
def test_time_is_bounded_on_text_without_ends(unit: str) -> None:
    document = document_of(unit * (100_000 // len(unit)))
    before = time.process_time()
    join_parties(document, find_mentions(document, tagger=Capitals()))
    assert time.process_time() - before < 20
