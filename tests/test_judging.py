"""The project's own judge, and that it agrees with the one beside the repository where that is there."""

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest

from bench.judging import evidence_holds, figures, judge, same_name, same_party

SHARED = Path(__file__).parent.parent.parent / "shared" / "eval"


def party(name: str | None, country: str | None = None, role: str | None = None) -> dict[str, Any]:
    return {"name": name, "role": role, "country": country, "organization": None, "kind": "person"}


def meeting(*parties: dict[str, Any], status: str = "held") -> dict[str, Any]:
    return {"status": status, "mode": "in_person", "participants": list(parties), "evidence": [[0, 9]], "confidence": 0.8}


def test_names() -> None:
    assert same_name("Sattar Hashemi", "Hashemi")
    assert not same_name("Ana Duarte", "Ivo Duarte")


def test_unnamed_gold_party_matches_by_state() -> None:
    assert same_party(party(None, "KEN", "foreign minister"), party("Anyone", "KEN"))
    assert not same_party(party(None, "KEN", "foreign minister"), party("Anyone", "DZA"))


def test_one_right_one_invented() -> None:
    gold = [{"id": "a", "text": "Doyle met Gagnon.", "meetings": [meeting(party("Doyle", "IRL"), party("Gagnon", "CAN"))]}]
    predicted = {"a": [meeting(party("Doyle", "IRL"), party("Gagnon", "CAN")), meeting(party("Doyle", "IRL"), party("Aumont", "FRA"))]}
    found = figures(judge(gold, predicted).count)
    assert found["meeting.p"] == 0.5 and found["meeting.r"] == 1.0 and found["record"] == 1.0


def test_evidence_must_lie_inside_and_name_somebody() -> None:
    record = meeting(party("Doyle", "IRL"), party("Gagnon", "CAN"))
    assert evidence_holds(record, "Doyle met Gagnon.")
    assert not evidence_holds(record, "Short")
    assert not evidence_holds(record, "Somebody met somebody.")


@pytest.mark.shared
@pytest.mark.skipif(not (SHARED / "score.py").exists(), reason="../shared is not there")
def test_agrees_with_the_scorer_beside_the_repository() -> None:
    spec = importlib.util.spec_from_file_location("shared_score", SHARED / "score.py")
    assert spec is not None and spec.loader is not None
    score = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(score)
    rows = [json.loads(line) for line in (SHARED / "dev.jsonl").read_text(encoding="utf-8").splitlines()[:40]]
    predicted = {row["id"]: [m for n, m in enumerate(row["meetings"]) if n % 3 != 1] for row in rows}
    count, _ = score.judge({row["id"]: row for row in rows}, {key: {"meetings": value} for key, value in predicted.items()})
    theirs, ours = score.figures(count), figures(judge(rows, predicted).count)
    assert ours["meeting.f1"] == pytest.approx(theirs["meeting"]["f1"])
    assert ours["participant.f1"] == pytest.approx(theirs["participant"]["f1"])
    assert ours["record"] == pytest.approx(theirs["record"]["accuracy"])
