"""How right the extractor is: the project's labelled articles, and the labelled sets beside the repository where they are there.

usage: python -m bench.accuracy [--update] [--errors] [--reliability] [GOLD.jsonl ...]

Prints a table for each set and for all of them together, and ends with status 1 where a figure is under its floor in bench/floors.toml.
Floors only rise: --update writes the figures that are better and refuses to lower one.
"""

import argparse
import itertools
import json
import sys
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.judging import ACCURACIES, Judgement, figures, judge
from flows.exchange import article_of, meeting_form
from parsers.meetings import extract_all

ROOT = Path(__file__).parent.parent
FLOORS = ROOT / "bench" / "floors.toml"
OWN = ROOT / "tests" / "cases" / "en"
SHARED = ROOT.parent / "shared" / "eval"
GATED = ("meeting.f1", "meeting.p", "participant.f1", "topic.f1", "outcome.f1", "article.f1", *ACCURACIES, "record", "evidence")
SLACK = 0.01  # a figure may lie this far under its floor: one record more or less in a small set
BINS = (0.0, 0.2, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.01)

Row = Mapping[str, Any]


def gold_sets() -> dict[str, list[Row]]:
    """Name → labelled articles: the project's own as one set, then each shared one. Shared sets are missing where ../shared is."""
    own = [row for path in sorted(OWN.glob("gold_*.jsonl")) for row in read_gold(path)]
    shared = {path.stem: read_gold(path) for path in sorted(SHARED.glob("*.jsonl"))} if SHARED.is_dir() else {}
    return {"own": own, **shared}


def read_gold(path: Path) -> list[Row]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def predict(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """Gold id → predicted records, in the exchange form."""
    answers = extract_all([article_of(row) for row in rows])
    return {row["id"]: [meeting_form(meeting) for meeting in meetings] for row, meetings in zip(rows, answers, strict=True)}


def table(name: str, rows: int, count: Counter[str]) -> str:
    found = figures(count)
    lines = [f"{name}: {rows} articles, {count['gold']} meetings"]
    for kind in ("meeting", "participant", "topic", "outcome", "article"):
        lines.append(f"  {kind:12} P {found[kind + '.p']:.3f}  R {found[kind + '.r']:.3f}  F1 {found[kind + '.f1']:.3f}")
    for kind in (*ACCURACIES, "evidence", "record"):
        of = count["gold"] if kind == "record" else count[f"{kind}_all"]
        lines.append(f"  {kind:12} {found[kind]:.3f}  of {of}")
    return "\n".join(lines)


def reliability(weighed: Sequence[tuple[float, bool]]) -> str:
    """How often records are right, by their confidence."""
    lines = ["confidence   records  mean   right"]
    for low, high in itertools.pairwise(BINS):
        inside = [(value, right) for value, right in weighed if low <= value < high]
        if inside:
            mean = sum(value for value, _ in inside) / len(inside)
            share = sum(right for _, right in inside) / len(inside)
            lines.append(f"{low:.1f} to {min(high, 1):.1f}   {len(inside):7}  {mean:.2f}   {share:.2f}")
    return "\n".join(lines)


def floors() -> dict[str, dict[str, float]]:
    return tomllib.loads(FLOORS.read_text(encoding="utf-8")) if FLOORS.exists() else {}


def under_floor(name: str, found: Mapping[str, float], floor: Mapping[str, float]) -> list[str]:
    return [f"{name}: {key} is {found[key]:.3f}, its floor {floor[key]:.3f}" for key in floor if found[key] < floor[key] - SLACK]


def raise_floors(reached: Mapping[str, Mapping[str, float]]) -> None:
    """Writes the better of floor and figure for every set that was measured; the others keep theirs."""
    kept = floors()
    for name, found in reached.items():
        old = kept.get(name, {})
        kept[name] = {key: max(old.get(key, 0.0), int(found[key] * 1000) / 1000) for key in GATED}
    lines = ["# The least that each figure may be (bench/accuracy.py). Floors only rise: `python -m bench.accuracy --update`."]
    for name in sorted(kept):
        lines += ["", f"[{name}]", *(f'"{key}" = {value}' for key, value in kept[name].items())]
    FLOORS.write_text("\n".join(lines) + "\n", encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gold", nargs="*", type=Path)
    parser.add_argument("--update", action="store_true")
    parser.add_argument("--errors", action="store_true")
    parser.add_argument("--reliability", action="store_true")
    options = parser.parse_args()
    sets = {path.stem: read_gold(path) for path in options.gold} or gold_sets()
    whole, reached, failures = Judgement(), {}, []
    limits = floors()
    for name, rows in sets.items():
        verdict = judge(rows, predict(rows))
        print(table(name, len(rows), verdict.count))
        if options.errors:
            for key, notes in verdict.notes.items():
                print(f"\n{key}\n  " + "\n  ".join(notes))
        whole.count.update(verdict.count)
        whole.weighed.extend(verdict.weighed)
        reached[name] = figures(verdict.count)
        failures += under_floor(name, reached[name], limits.get(name, {}))
    if len(sets) > 1:
        print(table("all", sum(map(len, sets.values())), whole.count))
    if options.reliability:
        print(reliability(whole.weighed))
    print("\n".join(failures), file=sys.stderr, end="\n" if failures else "")
    if options.update and not failures:
        raise_floors(reached)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
