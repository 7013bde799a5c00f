"""Tokens keep what belongs to a word; phrase tables find the longest phrase."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.tokens import PhraseTable, tokenize


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("Kenya's U.S. envoy", ["Kenya", "'s", "U.S.", "envoy"]),
        ("the ministers’ Secretary-General", ["the", "ministers", "’", "Secretary-General"]),
        ("Chargé d'Affaires Es’haq", ["Chargé", "d'Affaires", "Es’haq"]),
        ("D.Ganbat, Gen. L.P. Marsudi", ["D.", "Ganbat", ",", "Gen.", "L.P.", "Marsudi"]),
        ("on 4.5 km (ICT)", ["on", "4.5", "km", "(", "ICT", ")"]),
    ],
)
def test_words_keep_their_marks(text: str, tokens: list[str]) -> None:
    assert [token.text for token in tokenize(text)] == tokens


@given(st.text(max_size=300))
def test_tokens_lie_in_order_and_leave_out_only_space(text: str) -> None:
    reached = 0
    for token in tokenize(text):
        assert token.start >= reached
        assert text[token.start : token.end] == token.text
        reached = token.end


def test_the_longest_phrase_wins_and_capitals_count_for_acronyms() -> None:
    table: PhraseTable[str] = PhraseTable()
    table.add("minister", "minister")
    table.add("minister of state", "minister of state")
    table.add("PM", "prime minister", cased=True)
    tokens = tokenize("Minister of State PM pm minister of")
    assert table.longest(tokens, 0) == (3, "minister of state")
    assert table.longest(tokens, 3) == (1, "prime minister")
    assert table.longest(tokens, 4) is None
    assert table.longest(tokens, 5) == (1, "minister")
