"""One meeting out of many reports: its parties, day, place, status and history, each taken from what the reports say most.

Copies of one text speak with one voice. All choices end in a fixed order (most voices, then most detail, then the alphabet), so that
the same mentions always give the same rows.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar

from parsers.records import DatePrecision, Mode, PartyKind, Status
from warehouse.grouping import Forest, Group
from warehouse.linking import COPY, party_score
from warehouse.spelling import fold
from warehouse.telling import Party, Told

_LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)
Value = TypeVar("Value")
Row = dict[str, object]
CopyShare = Mapping[tuple[int, int], float]
"""(smaller article id, larger) → containment of their texts"""


@dataclass(frozen=True, slots=True)
class Detail:
    """What the sum needs of a mention beside what comparing needs."""

    published_at: datetime | None
    source_id: str | None
    topics: tuple[str, ...]
    outcomes: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class MergedParty:
    """A party of the meeting with all that the mentions say of it: (mention id, its place there, party)."""

    said: tuple[tuple[int, int, Party], ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The spellings of a person's name, by the alphabet: the full ones, or the surname where no report has more."""
        names = {party.name for _, _, party in self.said if party.name and party.kind is PartyKind.PERSON}
        return tuple(sorted(name for name in names if len(fold(name)) > 1) or sorted(names))


@dataclass(frozen=True, slots=True)
class Summed:
    """The rows of one meeting, by table."""

    meeting_id: int
    meeting: Row
    participants: tuple[Row, ...]
    mentions: tuple[Row, ...]
    topics: tuple[Row, ...]
    outcomes: tuple[Row, ...]
    statuses: tuple[Row, ...]


def summed(group: Group, details: Mapping[int, Detail], copies: CopyShare) -> Summed:
    """The rows of a group's meeting; its id is the smallest of its mentions' ids."""
    members = sorted(group.members, key=lambda told: told.mention_id)
    meeting_id = members[0].mention_id
    voices, originals = _voices(members, copies)
    parties = merged_parties(members)
    participants = [_participant(meeting_id, ordinal, party, voices) for ordinal, party in enumerate(parties)]
    history = _history(members, details)
    meeting = {
        "meeting_id": meeting_id, **_state(members, voices, history), **_place(members, voices), **_event(members, voices),
        "background": all(told.background for told in members),
        "confidence": round(1.0 - _product(1.0 - told.confidence for told in _speakers(members, voices)), 4),
        "parties": " – ".join(_shown(row) for row in participants),
        "reports": len({told.article_id for told in members}), "independent_reports": len(set(voices.values())),
        "outlets": len({details[told.mention_id].source_id or str(told.article_id) for told in members}),
        "first_reported": min(_times(members, details), default=None), "last_reported": max(_times(members, details), default=None),
    }
    return Summed(
        meeting_id=meeting_id, meeting=meeting, participants=tuple(participants),
        mentions=tuple(_membership(meeting_id, told, group, originals) for told in members),
        topics=tuple({"meeting_id": meeting_id, "topic": topic, "reports": count} for topic, count in sorted(
            Counter(topic for told in members for topic in set(details[told.mention_id].topics)).items())),
        outcomes=tuple(_outcomes(meeting_id, members, details)),
        statuses=tuple({"meeting_id": meeting_id, "ordinal": n, **step} for n, step in enumerate(history)),
    )


def _product(values: Iterable[float]) -> float:
    total = 1.0
    for value in values:
        total *= min(1.0, max(0.0, value))
    return total


def _times(members: Sequence[Told], details: Mapping[int, Detail]) -> list[datetime]:
    return [moment for told in members if (moment := details[told.mention_id].published_at) is not None]


# ── voices ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _voices(members: Sequence[Told], copies: CopyShare) -> tuple[dict[int, int], dict[int, int]]:
    """Article → the article that stands for it and all its copies; article → the earlier article that it repeats."""
    articles = sorted({told.article_id for told in members})
    forest = Forest(articles)
    originals: dict[int, int] = {}
    for i, one in enumerate(articles):
        for other in articles[i + 1:]:
            if copies.get((one, other), 0.0) >= COPY:
                forest.join(one, other)
                originals.setdefault(other, one)
    return {article: forest.root(article) for article in articles}, originals


def _speakers(members: Sequence[Told], voices: Mapping[int, int]) -> list[Told]:
    """The surest mention of each voice."""
    best: dict[int, Told] = {}
    for told in members:
        voice = voices[told.article_id]
        if voice not in best or told.confidence > best[voice].confidence:
            best[voice] = told
    return [best[voice] for voice in sorted(best)]


def _most(values: Iterable[tuple[Value | None, int]]) -> Value | None:
    """The value that most voices give; then the longest as text, then the first by the alphabet. None where none gives any."""
    voices: dict[Value, set[int]] = {}
    for value, voice in values:
        if value is not None:
            voices.setdefault(value, set()).add(voice)
    return min(voices, key=lambda value: (-len(voices[value]), -len(str(value)), str(value)), default=None)


# ── parties ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def merged_parties(members: Sequence[Told]) -> list[MergedParty]:
    """The parties of all mentions, each once; those that most mentions give come first, in the order of the fullest mention."""
    merged: list[list[tuple[int, int, Party]]] = []
    for told in sorted(members, key=_fullness):
        free = set(range(len(merged)))
        scored = sorted(((_joint_score(said, party), -place, -i) for i, said in enumerate(merged)
                         for place, party in enumerate(told.parties)), reverse=True)
        placed: set[int] = set()
        for score, negative_place, negative_index in scored:
            place, index = -negative_place, -negative_index
            if score > 0 and place not in placed and index in free:
                free.remove(index)
                placed.add(place)
                merged[index].append((told.mention_id, place, told.parties[place]))
        known = [list(said) for said in merged]  # not this mention's own parties, which are different ones
        merged.extend([(told.mention_id, place, party)] for place, party in enumerate(told.parties)
                      if place not in placed and not _adds_nothing(party, known))
    return [MergedParty(tuple(said)) for said in merged]


def _fullness(told: Told) -> tuple[int, int, float, int]:
    return (-sum(bool(party.words) for party in told.parties), -len(told.parties), -told.confidence, told.mention_id)


def _joint_score(said: Sequence[tuple[int, int, Party]], party: Party) -> float:
    """0 where any earlier statement contradicts, else the best score."""
    scores = [party_score(known, party) for _, _, known in said]
    return max(scores) if max(scores) >= 0.7 or min(scores) > 0 else 0.0


def _adds_nothing(party: Party, merged: Sequence[Sequence[tuple[int, int, Party]]]) -> bool:
    """An unnamed group or person of a side that is there already."""
    return not party.words and bool(party.sides) and any(party.sides & known.sides for said in merged for _, _, known in said)


def _participant(meeting_id: int, ordinal: int, merged: MergedParty, voices: Mapping[int, int]) -> Row:
    said = [(party, mention_id) for mention_id, _, party in merged.said]
    named = [(party.name, mention) for party, mention in said if party.kind is PartyKind.PERSON and party.words]
    name = _most((name, mention) for name, mention in named if name in merged.names)
    kind = PartyKind.PERSON if any(party.kind is PartyKind.PERSON for party, _ in said) else _most((p.kind, m) for p, m in said)
    if kind is not PartyKind.PERSON:
        name = _most((party.name, mention) for party, mention in said)
    return {
        "meeting_id": meeting_id, "ordinal": ordinal, "kind": kind, "name": name,
        "role": _most((p.role, m) for p, m in said), "role_class": _most((p.role_class, m) for p, m in said),
        "portfolio": _most((p.portfolio, m) for p, m in said), "country": _most((p.country, m) for p, m in said),
        "organization": _most((p.organization, m) for p, m in said),
        "person_id": None, "spellings": list(merged.names), "reports": len({m for _, m in said}),
    }


def _shown(row: Row) -> str:
    """"Sattar Hashemi (IRN)", "foreign minister of KAZ"."""
    who = row["name"] or row["role"] or row["organization"] or row["kind"]
    where = row["country"] or row["organization"]
    return f"{who} ({where})" if where and where != who else str(who)


# ── days, place, status ──────────────────────────────────────────────────────────────────────────────────────────────


def _history(members: Sequence[Told], details: Mapping[int, Detail]) -> list[Row]:
    """Each change of what was said of the status or the planned day, in the order of publication."""
    steps: list[Row] = []
    ordered = sorted(members, key=lambda told: (details[told.mention_id].published_at or _LONG_AGO, told.mention_id))
    for told in ordered:
        word: str = told.status
        last = steps[-1] if steps else None
        dated = told.start or (last["start_date"] if last else None)
        if told.status is Status.PLANNED and last and last["status"] in ("planned", "postponed"):
            later = told.stated and last["start_date"] is not None and told.start != last["start_date"]
            word = "postponed" if later or (told.moved and last["status"] == "planned") else str(last["status"])
        elif told.status is Status.PLANNED and told.moved:
            word = "postponed"
        if last and last["status"] == word and (told.start is None or dated == last["start_date"]):
            continue
        if last and last["status"] == Status.HELD:
            continue  # what took place stays so, whatever a late preview says
        steps.append({"status": word, "reported": details[told.mention_id].published_at, "start_date": told.start, "end_date": told.end,
                      "date_precision": told.precision, "mention_id": told.mention_id, "article_id": told.article_id})
    return steps


def _state(members: Sequence[Told], voices: Mapping[int, int], history: Sequence[Row]) -> Row:
    """Status, mode and days. Held wins over what was planned; of plans, the last one counts."""
    held = [told for told in members if told.status is Status.HELD]
    last = str(history[-1]["status"])
    status = Status.HELD if held else Status.PLANNED if last == "postponed" else Status(last)
    if held:
        dated = [told for told in held if told.stated] or [told for told in members if told.stated] or [t for t in held if t.start]
    else:
        current = {step["mention_id"] for step in history[-1:]}
        dated = [told for told in members if told.mention_id in current and told.start] or [t for t in members if t.start]
    chosen = _most(((told.start, told.end, told.precision), voices[told.article_id]) for told in dated)
    start, end, precision = chosen or (None, None, None)
    low, high = _window(members, start, end, [told for told in members if told.start == start])
    modes = [(told.mode, voices[told.article_id]) for told in members if told.mode is not Mode.UNKNOWN]
    return {"status": status, "mode": _most(modes) or Mode.UNKNOWN, "start_date": start, "end_date": end, "date_precision": precision,
            "first_day": low, "last_day": high, "day": _counted_day(members, start, precision, low, high)}


def _counted_day(
    members: Sequence[Told], start: date | None, precision: DatePrecision | None, low: date | None, high: date | None
) -> date | None:
    if start is not None and precision is DatePrecision.DAY:
        return start
    reported = min((told.published for told in members if told.published), default=None)
    if low is None or high is None:
        return start or reported
    return low if reported is None else max(low, min(high, reported))


def _window(members: Sequence[Told], start: date | None, end: date | None, dated: Sequence[Told]) -> tuple[date | None, date | None]:
    """The days on which the meeting can have been: those of the chosen date, else what all undated reports leave."""
    windows = [(told.low, told.high) for told in (dated if start is not None else members) if told.low and told.high]
    if not windows:
        return start, end or start
    low, high = max(low for low, _ in windows if low), min(high for _, high in windows if high)
    if low > high:
        low, high = min(low for low, _ in windows if low), max(high for _, high in windows if high)
    if start is None:  # a report is not written before the meeting: the extra day only bridges time zones when comparing
        high = max(low, high - timedelta(1)) if all(told.status is Status.HELD for told in members) else high
    return low, high


def _place(members: Sequence[Told], voices: Mapping[int, int]) -> Row:
    city = _most((told.city, voices[told.article_id]) for told in members)
    beside = [told for told in members if told.city == city] if city else list(members)
    country = _most((told.country, voices[told.article_id]) for told in beside) or _most(
        (told.country, voices[told.article_id]) for told in members)
    return {"city": city, "country": country, "venue": _most((told.venue, voices[told.article_id]) for told in members)}


def _event(members: Sequence[Told], voices: Mapping[int, int]) -> Row:
    return {"host_event": _most((told.event, voices[told.article_id]) for told in members),
            "host_event_acronym": _most((told.acronym, voices[told.article_id]) for told in members)}


def _outcomes(meeting_id: int, members: Sequence[Told], details: Mapping[int, Detail]) -> Iterable[Row]:
    seen: set[tuple[str, str]] = set()
    for told in members:
        for kind, text in details[told.mention_id].outcomes:
            key = (kind, " ".join(text.casefold().split()))
            if key not in seen:
                yield {"meeting_id": meeting_id, "ordinal": len(seen), "kind": kind, "text": text, "mention_id": told.mention_id,
                       "article_id": told.article_id}
                seen.add(key)


def _membership(meeting_id: int, told: Told, group: Group, originals: Mapping[int, int]) -> Row:
    tie = group.ties.get(told.mention_id)
    return {"meeting_id": meeting_id, "mention_id": told.mention_id, "article_id": told.article_id,
            "reason": tie.reason if tie else "only report", "score": round(min(1.0, tie.score), 4) if tie else 1.0,
            "copy_of": originals.get(told.article_id)}
