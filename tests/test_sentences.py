"""Sentences and the document: spans, abbreviations, bounds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.records import Article
from parsers.sentences import MAX_SENTENCE, build_document, split_sentences


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("He met Gen. Lee. They spoke.", 2),
        ("The U.S. Secretary met B. Battsetseg in Ulan Bator.", 1),
        ("It ended on Nov. 20 in Baku. The two left.", 2),
        ("They met in the U.S. The two talked.", 2),
        ("“We will meet.” he said. Nothing else.", 2),
        ("Talks ended at 5 p.m. He left.", 2),
        ("No end here", 1),
        ("", 0),
    ],
)
def test_counts(text: str, count: int) -> None:
    assert len(list(split_sentences(text))) == count


def test_offsets_lead_back_to_the_body() -> None:
    body = "First one. Second one.\n\nThird one."
    document = build_document(Article(url="", title="A  title", text=body))
    assert document.sentences[0].in_title and document.sentences[0].text == "A title"
    spans = [document.to_article(s.span) for s in document.sentences[1:]]
    assert [body[s.start : s.end] for s in spans if s] == ["First one.", "Second one.", "Third one."]
    assert [s.paragraph for s in document.sentences] == [-1, 0, 0, 1]


def test_wrapped_lines_are_one_sentence() -> None:
    document = build_document(Article(url="", title=None, text="The minister met\nhis colleague. Then he left."))
    assert [s.text for s in document.sentences] == ["The minister met\nhis colleague.", "Then he left."]


@given(st.text(alphabet="aB. \n\"”’!?(،。", max_size=300))
def test_any_text_is_cut_without_overlap(text: str) -> None:
    document = build_document(Article(url="", title=None, text=text))
    end = 0
    for sentence in document.sentences:
        assert end <= sentence.span.start < sentence.span.end <= len(text)
        assert sentence.text == text[sentence.span.start : sentence.span.end]
        end = sentence.span.end


def test_no_sentence_is_longer_than_the_bound() -> None:
    document = build_document(Article(url="", title=None, text="word " * 5_000))
    assert max(len(s.text) for s in document.sentences) <= MAX_SENTENCE
