"""The field finders alone, on scenes built from the gold records, so that their figures do not hang on who found the meeting.

usage: python -m bench.fields [--errors date|place|host_event|topics|outcomes] [--only WORD] GOLD.jsonl ...

For each gold meeting the sentence that names most of its parties beside a word of contact is taken for the trigger; the sentences that
follow up to another meeting's trigger make the scene. The judgement of each field is that of the project's scorer: date, place and host
event as accuracy over the gold meetings, topics and outcomes as micro F1.
"""

import argparse
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from parsers.catalog import read_tsv, split_list
from parsers.datelines import find_opening
from parsers.dates import find_date
from parsers.document import Document
from parsers.host_events import find_host_event
from parsers.mentions import Party
from parsers.outcomes import find_outcomes
from parsers.places import find_place
from parsers.records import Article, Mode, PartyKind, Span, Status
from parsers.scene import Scene
from parsers.sentences import build_document
from parsers.topics import find_topics

Record = Mapping[str, Any]
FIELDS = ("date", "place", "host_event", "topics", "outcomes")
_CUE = re.compile(
    r"\b(?:met|meets?|meetings?|talks|talked|spoke|speak|conversations?|call|called|phoned|received|receives|receiving|host(?:ed|s)?|"
    r"welcom(?:ed|es|ing)|held|holds?|holding|discuss(?:ed|es|ing|ions?)|audience|confer(?:red|s)?|sat down|negotiations|"
    r"dialogue|consultations|briefed|encounter|exchanged|hosting|convened|chaired|paid|signed|negotiate|session|visit(?:ed|s|ing)?)\b",
    re.IGNORECASE,
)
_PRONOUN = re.compile(r"\b(?:he|she|they|his|her|their|the (?:minister|president|secretary|guest|envoy|delegation))\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """What the finders say of one scene, as the scorer compares it."""

    date: tuple[str | None, str | None]
    place: tuple[str | None, str | None]
    host_event: tuple[str | None, str | None]
    topics: tuple[str, ...]
    outcomes: tuple[str, ...]


def fold(text: str) -> str:
    text = unicodedata.normalize("NFKD", text)
    return "".join(c for c in text if not unicodedata.combining(c)).casefold().replace("’", "'")


@cache
def _country_words() -> dict[str, tuple[str, ...]]:
    columns = ("alpha3", "name", "aliases", "demonyms", "capital", "metonyms", "ambiguous")
    return {
        row["alpha3"]: tuple(
            fold(word) for word in (row["name"], row["capital"], *split_list(row["aliases"]), *split_list(row["demonyms"])) if word
        )
        for row in read_tsv("countries.tsv", columns=columns)
    }


def _words_of(party: Record) -> tuple[str, ...]:
    """Strings of which one must stand in a sentence for the party to be named there."""
    if party.get("name"):
        names = [party["name"], *(party.get("aliases") or [])]
        return tuple(fold(name).split()[-1] for name in names)
    words = [fold(party["organization"])] if party.get("organization") else []
    if party.get("role") and not party.get("country"):
        words.append(fold(party["role"]))
    return (*words, *_country_words().get(party.get("country") or "", ()))


def _named(sentence: str, party: Record) -> bool:
    return any(re.search(rf"\b{re.escape(word)}\b", sentence) for word in _words_of(party))


def _trigger(document: Document, meeting: Record) -> int:
    """The sentence that names most of the parties, the rarely named ones first, beside a word of contact."""
    folded = [fold(sentence.text) for sentence in document.sentences]
    named = [[_named(text, party) for text in folded] for party in meeting["participants"]]
    weights = [0.6 + 0.8 / max(1, sum(row)) for row in named]
    best, choice = -1.0, 0
    for sentence in document.sentences:
        hits = [weight for row, weight in zip(named, weights, strict=True) if row[sentence.index]]
        score = sum(hits) + 1.2 * bool(_CUE.search(sentence.text)) - 1.2 * sentence.in_title - 0.001 * sentence.index
        score += 0.5 * bool(len(hits) == 1 and _PRONOUN.search(sentence.text))
        if score > best:
            best, choice = score, sentence.index
    return choice


def _owned(document: Document, meetings: Sequence[Record], triggers: Sequence[int]) -> list[set[int]]:
    """For each meeting the sentences that tell of it: those with its trigger or its rarest party, and what follows up to another's."""
    folded = [fold(sentence.text) for sentence in document.sentences]
    anchors: list[set[int]] = []
    for meeting, trigger in zip(meetings, triggers, strict=True):
        named = [{i for i, text in enumerate(folded) if _named(text, party)} for party in meeting["participants"]]
        rarest = min((hits for hits in named if hits), key=len, default=set())
        anchors.append({trigger} | {i for i in rarest if i > trigger and not document.sentences[i].in_title})
    owned: list[set[int]] = [set() for _ in meetings]
    current: list[int] = []
    for index in range(len(document.sentences)):
        here = [number for number, own in enumerate(anchors) if index in own]
        current = here or current
        for number in current:
            owned[number].add(index)
    return owned


def scenes_of(document: Document, meetings: Sequence[Record]) -> Iterator[tuple[Record, Scene]]:
    triggers = [_trigger(document, meeting) for meeting in meetings]
    for meeting, trigger, own in zip(meetings, triggers, _owned(document, meetings, triggers), strict=True):
        sentence = document.sentences[trigger]
        cue = _CUE.search(sentence.text)
        start, stop = (cue.start(), cue.end()) if cue else (0, max(1, len(sentence.text)))
        title = {0} if document.body_start and len(set(triggers)) == 1 else set()
        parties = tuple(
            Party(
                index=number,
                kind=PartyKind(party.get("kind") or "person"),
                name=party["name"],
                role=party["role"],
                country=party["country"],
                organization=party["organization"],
            )
            for number, party in enumerate(meeting["participants"])
        )
        yield (
            meeting,
            Scene(
                trigger=trigger,
                cue=Span(sentence.span.start + start, sentence.span.start + stop),
                sentences=tuple(sorted(own | title | {trigger})),
                parties=parties,
                status=Status(meeting["status"]),
                mode=Mode(meeting["mode"]),
                background=bool(meeting.get("background")),
                others=tuple(sorted(set(triggers) - own)),
            ),
        )


def article_of(row: Record) -> Article:
    published = datetime.fromisoformat(row["published"]) if row.get("published") else None
    if published is not None and published.tzinfo is None:
        published = published.replace(tzinfo=UTC)
    return Article(
        url=row.get("url") or row["id"], title=row.get("title"), text=row["text"], published=published, publisher=row.get("publisher")
    )


def predict(document: Document, scene: Scene, published: datetime | None) -> Prediction:
    body = document.text[document.body_start :]
    opening = find_opening(body, published.date() if published else None)
    dateline = opening.dateline if opening else None
    date, event = find_date(document, scene, dateline), find_host_event(document, scene)
    place = find_place(document, scene, dateline, event.host_event if event else None)
    return Prediction(
        date=(date.start_date.isoformat(), date.precision.value) if date else (None, None),
        place=(place.city, place.country) if place else (None, None),
        host_event=(event.host_event.name, event.host_event.acronym) if event else (None, None),
        topics=tuple(found.topic.value for found in find_topics(document, scene)),
        outcomes=tuple(found.outcome.kind.value for found in find_outcomes(document, scene)),
    )


# ── judging, as the scorer does ──────────────────────────────────────────────────────────────────────────────────────


def _tokens(text: str) -> set[str]:
    cleaned = re.sub(r"[^\w\s]", " ", fold(text).replace("'", ""))
    return {word.rstrip("s") for word in cleaned.split()} - {"of", "the", "for", "and", "in", "on", "to", "a", ""}


def _overlap(a: str, b: str) -> float:
    x, y = _tokens(a), _tokens(b)
    return len(x & y) / min(len(x), len(y)) if x and y else 0.0


def right(field: str, gold: Record, found: Prediction) -> bool:
    if field == "date":
        wanted, got = gold["start_date"], found.date[0]
        cut = {"year": 4, "month": 7}.get(gold["date_precision"] or "", 10)
        return (not got) if not wanted else bool(got) and wanted[:cut] == str(got)[:cut]
    if field == "place":
        city, country = found.place
        if not gold["country"] and not gold["city"]:
            return not city
        if gold["country"] and gold["country"] != country:
            return False
        return not gold["city"] or _overlap(gold["city"], city or "") >= 0.6
    event = gold["host_event"]
    name, acronym = found.host_event
    if not event or not name:
        return not event and not name
    plain = " ".join(sorted(_tokens(event.get("acronym") or "")))
    if plain and plain in (" ".join(sorted(_tokens(acronym or ""))), " ".join(sorted(_tokens(name)))):
        return True
    return _overlap(event.get("name") or event.get("acronym"), name or acronym or "") >= 0.6


def _labels(gold: Record, field: str) -> set[str]:
    return set(gold["topics"]) if field == "topics" else {outcome["kind"] for outcome in gold["outcomes"]}


def judge(rows: Sequence[Record], errors: str | None, only: str | None) -> Counter[str]:
    count: Counter[str] = Counter()
    for row in rows:
        if not row["meetings"]:
            continue
        article = article_of(row)
        document = build_document(article)
        for gold, scene in scenes_of(document, row["meetings"]):
            if gold.get("background"):
                continue
            found = predict(document, scene, article.published)
            for field in FIELDS[:3]:
                good = right(field, gold, found)
                count[field] += good
                count[field + "_all"] += 1
                if not good and errors == field and (only is None or only in row["id"]):
                    _show(row, gold, scene, document, field, getattr(found, field))
            for field in FIELDS[3:]:
                wanted, got = _labels(gold, field), set(getattr(found, field))
                for label in wanted | got:
                    count[f"{field} {label} {'tp' if label in wanted & got else 'fn' if label in wanted else 'fp'}"] += 1
                count[field + "_tp"] += len(wanted & got)
                count[field + "_gold"] += len(wanted)
                count[field + "_pred"] += len(got)
                if wanted != got and errors == field and (only is None or only in row["id"]):
                    _show(row, gold, scene, document, field, getattr(found, field))
    return count


def _show(row: Record, gold: Record, scene: Scene, document: Document, field: str, found: object) -> None:
    wanted = {"date": (gold["start_date"], gold["date_precision"]), "place": (gold["city"], gold["country"], gold["venue"])}.get(
        field, gold.get(field)
    )
    print(f"\n{row['id']} {row.get('published')} {field}: found {found} for {wanted}  [{gold['status']}]")
    print("   T:", document.sentences[scene.trigger].text[:400], "| cue:", document.text[scene.cue.start : scene.cue.end])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gold", nargs="+", type=Path)
    parser.add_argument("--errors", choices=FIELDS)
    parser.add_argument("--only")
    parser.add_argument("--labels", action="store_true", help="topics and outcomes label by label")
    args = parser.parse_args()
    total: Counter[str] = Counter()
    for path in args.gold:
        count = judge([json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line], args.errors, args.only)
        print_figures(path.name, count)
        total += count
    if len(args.gold) > 1:
        print_figures("all", total)
    if args.labels:
        for label in sorted({key.rsplit(" ", 1)[0] for key in total if " " in key}):
            print(f"{label:40} tp {total[label + ' tp']:3} fp {total[label + ' fp']:3} fn {total[label + ' fn']:3}")


def print_figures(name: str, count: Counter[str]) -> None:
    parts = [f"{field} {count[field] / max(1, count[field + '_all']):.3f} (of {count[field + '_all']})" for field in FIELDS[:3]]
    for field in FIELDS[3:]:
        tp, pred, gold = count[field + "_tp"], count[field + "_pred"], count[field + "_gold"]
        parts.append(f"{field} P {tp / max(1, pred):.2f} R {tp / max(1, gold):.2f} F1 {2 * tp / max(1, pred + gold):.3f}")
    print(f"{name}: " + " | ".join(parts))


if __name__ == "__main__":
    main()
