"""How well parties are found: every gold participant against the parties of its article.

usage: python -m bench.mentions [--errors] [--junk] GOLD.jsonl ...

A named participant counts as found when a party has the same name by the judge's rule; an unnamed one when a party has its kind and
its state, or its body. Country, role and spelling of the body are counted over those found. Prints one table a file; judged
articles stay outside the repository, so that the path is an argument.
"""

import argparse
import importlib.util
import json
import sys
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

from parsers.mentions import Party
from parsers.parties import find_mentions, join_parties
from parsers.records import Article
from parsers.sentences import build_document


def judge_of(gold: Path) -> ModuleType:
    """The judge that lies beside the gold file."""
    spec = importlib.util.spec_from_file_location("score", gold.parent / "score.py")
    if spec is None or spec.loader is None:
        sys.exit(f"no score.py beside {gold}")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def parties_of(row: dict[str, Any]) -> tuple[Party, ...]:
    """The parties of one labelled article."""
    published = datetime.fromisoformat(row["published"]).replace(tzinfo=UTC) if row.get("published") else None
    article = Article(url=row.get("url") or "", title=row["title"], text=row["text"], publisher=row.get("publisher"), published=published)
    document = build_document(article)
    return join_parties(document, find_mentions(document))[1]


def as_dict(party: Party) -> dict[str, Any]:
    return {"name": party.name, "role": party.role, "country": party.country, "organization": party.organization, "kind": str(party.kind)}


def match(score: ModuleType, gold: dict[str, Any], parties: Iterable[dict[str, Any]]) -> dict[str, Any] | None:
    """The party that the participant is, the fullest one first."""
    fits = [party for party in parties if score.same_party(gold, party)]
    if not gold.get("name") and not gold.get("role"):
        fits = [party for party in fits if not party["name"]] or fits

    def rank(party: dict[str, Any]) -> tuple[bool, float]:
        return (party["country"] == gold.get("country"), score.overlap(gold.get("role") or "", party["role"] or ""))

    return max(fits, key=rank, default=None)


def run(path: Path, *, errors: bool, junk: bool) -> Counter[str]:
    score, count = judge_of(path), Counter[str]()
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            parties = [as_dict(party) for party in parties_of(row)]
            wanted: dict[str, dict[str, Any]] = {}
            for meeting in row["meetings"]:
                for gold in meeting["participants"]:
                    wanted.setdefault(json.dumps(gold, sort_keys=True), gold)
            hit: list[int] = []
            for gold in wanted.values():
                sort = "named" if gold.get("name") else gold.get("kind", "person")
                count[sort] += 1
                found = match(score, gold, parties)
                if found is None:
                    report(errors, row["id"], "missed", gold, None)
                    continue
                hit.append(id(found))
                count[sort + " found"] += 1
                if gold.get("name"):
                    full = set(score.name_tokens(gold["name"])) <= set(score.name_tokens(found["name"]))
                    count["full"] += full
                    if not full:
                        report(errors, row["id"], "cut name", gold, found)
                if gold.get("country") or gold.get("organization"):
                    count["country"] += 1
                    right = gold.get("country") == found["country"]
                    count["country right"] += right
                    count["country null"] += bool(gold.get("country")) and found["country"] is None
                    if not right:
                        report(errors, row["id"], "country", gold, found)
                if gold.get("role"):
                    count["role"] += 1
                    right = score.overlap(gold["role"], found["role"] or "") >= 0.5
                    count["role right"] += right
                    if not right:
                        report(errors, row["id"], "role", gold, found)
            others = [party for party in parties if id(party) not in hit and party["kind"] == "person" and party["name"]]
            count["other persons"] += len(others)
            if junk:
                print(row["id"], "others:", "; ".join(party["name"] for party in others))
            count["articles"] += 1
    return count


def report(wanted: bool, article: str, what: str, gold: dict[str, Any], found: dict[str, Any] | None) -> None:
    if wanted:
        show = [gold.get(key) for key in ("name", "role", "country", "organization", "kind")]
        print(f"{article} {what}: {show}" + (f" <- {list(found.values())}" if found else ""))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gold", nargs="+", type=Path)
    parser.add_argument("--errors", action="store_true")
    parser.add_argument("--junk", action="store_true")
    args = parser.parse_args()
    for path in args.gold:
        count = run(path, errors=args.errors, junk=args.junk)
        print(f"{path.name} ({date.today()}, {count['articles']} articles)")  # noqa: DTZ011
        for sort in ("named", "person", "delegation", "organization"):
            print(
                f"  {sort + ' found':20} {count[sort + ' found']:4} of {count[sort]:4}  {count[sort + ' found'] / max(1, count[sort]):.3f}"
            )
        print(f"  {'name in full':20} {count['full']:4} of {count['named found']:4}  {count['full'] / max(1, count['named found']):.3f}")
        for key in ("country", "role"):
            print(f"  {key + ' right':20} {count[key + ' right']:4} of {count[key]:4}  {count[key + ' right'] / max(1, count[key]):.3f}")
        print(f"  {'country left null':20} {count['country null']:4}")
        print(
            f"  {'other named persons':20} {count['other persons']:4}  {count['other persons'] / max(1, count['articles']):.2f} an article"
        )


if __name__ == "__main__":
    main()
