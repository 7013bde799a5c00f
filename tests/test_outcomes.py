import pytest

from parsers.outcomes import find_outcomes
from tests.staging import Case, cases, document_of, scene_of


@pytest.mark.parametrize("case", cases("outcomes"))
def test_outcomes(case: Case) -> None:
    document = document_of(case)
    found = find_outcomes(document, scene_of(document, case))
    assert [outcome.outcome.kind.value for outcome in found] == case["kinds"]
    for outcome in found:
        assert outcome.outcome.text
        assert " ".join(document.text[outcome.span.start : outcome.span.end].split()) == outcome.outcome.text
