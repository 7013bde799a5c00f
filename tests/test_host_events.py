import pytest

from parsers.catalog import read_tsv
from parsers.host_events import find_host_event
from tests.staging import Case, cases, document_of, scene_of


@pytest.mark.parametrize("case", cases("host_events"))
def test_host_events(case: Case) -> None:
    document = document_of(case)
    found = find_host_event(document, scene_of(document, case))
    if "name" not in case:
        assert found is None
        return
    assert found is not None
    assert found.host_event.name.startswith(case["name"])
    assert found.host_event.acronym == case.get("acronym")
    assert document.text[found.span.start : found.span.end].split()[0] in document.text


def test_the_table_is_large_enough() -> None:
    rows = list(read_tsv("host_events.tsv", columns=("name", "acronym", "aliases"), required=("name",), key="name"))
    assert len(rows) >= 200
