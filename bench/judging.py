"""Predicted meeting records against gold ones, by the rules of docs/records.md.

Records are plain dicts in the exchange form (the JSON of `sidelines extract`). Predicted and gold meetings are paired one to one, best
overlap of participants first; figures are counted over the pairs, micro. `judge` gives counts, `figures` turns them into the table.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Record = Mapping[str, Any]
Pairs = list[tuple[Record, Record]]

HONORIFICS = frozenset(
    [
        "mr",
        "mrs",
        "ms",
        "dr",
        "prof",
        "sir",
        "dame",
        "lord",
        "lady",
        "sheikh",
        "shaikh",
        "he",
        "hrh",
        "prince",
        "princess",
        "king",
        "queen",
        "sultan",
        "emir",
        "amir",
        "gen",
        "general",
        "col",
        "lt",
        "maj",
        "brig",
        "adm",
        "admiral",
        "amb",
        "ambassador",
        "hon",
        "excellency",
        "ayatollah",
        "president",
        "minister",
        "senator",
        "sen",
        "rep",
        "hajji",
        "eng",
        "chancellor",
        "pope",
    ]
)
PARTICLES = frozenset(
    [
        "al",
        "el",
        "bin",
        "ibn",
        "bint",
        "abu",
        "de",
        "da",
        "do",
        "dos",
        "del",
        "der",
        "den",
        "van",
        "von",
        "la",
        "le",
        "di",
        "ben",
        "ul",
        "ur",
        "y",
    ]
)
ACCURACIES = ("country", "role", "status", "mode", "date", "place", "host_event")


def fold(text: str | None) -> str:
    """Lower case, without accents, apostrophes and punctuation."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text or "") if not unicodedata.combining(c))
    plain = plain.casefold().replace("ı", "i").replace("ø", "o").replace("ł", "l")
    return re.sub(r"[^\w\s]", " ", plain.replace("'", "").replace("’", ""))


def _name_words(name: str) -> list[str]:
    words = [w for w in fold(name).split() if w not in HONORIFICS]
    return [w for w in words if w not in PARTICLES] or words


def same_name(a: str, b: str) -> bool:
    """One name's words within the other's, or the same last word with first names that do not clash."""
    x, y = _name_words(a), _name_words(b)
    if not x or not y:
        return False
    if set(x) <= set(y) or set(y) <= set(x) or "".join(x) == "".join(y):
        return True
    return x[-1] == y[-1] and x[0][0] == y[0][0] and (len(x[0]) == 1 or len(y[0]) == 1 or x[0] == y[0])


def overlap(a: str | None, b: str | None) -> float:
    """Share of the shorter label's words that the other one has."""
    stop = {"of", "the", "for", "and", "in", "on", "to", "a", "s"}
    x = {w.rstrip("s") for w in fold(a).split()} - stop
    y = {w.rstrip("s") for w in fold(b).split()} - stop
    return len(x & y) / max(1, min(len(x), len(y))) if x and y else 0.0


def _initials(label: str) -> str:
    return "".join(w[0] for w in fold(label).split() if w not in {"of", "the", "for", "and", "on", "in"})


def same_party(gold: Record, pred: Record) -> bool:
    """Whether a predicted participant is the gold one."""
    if gold.get("name"):
        names = [gold["name"], *(gold.get("aliases") or [])]
        return bool(pred.get("name")) and any(n and same_name(n, pred["name"]) for n in names)
    if gold.get("kind", "person") == "person":
        if gold.get("country"):
            return pred.get("country") == gold["country"] and (not pred.get("name") or pred.get("kind", "person") == "person")
        return overlap(gold.get("role"), pred.get("role")) >= 0.5
    wanted, said = gold.get("organization") or "", pred.get("organization") or pred.get("name") or ""
    if (
        wanted
        and said
        and (overlap(wanted, said) >= 0.6 or _initials(wanted) == fold(said).strip() or _initials(said) == fold(wanted).strip())
    ):
        return True
    return bool(gold.get("country")) and gold["country"] == pred.get("country") and not wanted


def pair_parties(gold: Sequence[Record], pred: Sequence[Record]) -> Pairs:
    """Participants one to one; named ones first, so that an unnamed gold party does not take a named one's match."""
    used: set[int] = set()
    pairs: Pairs = []
    for wanted in sorted(gold, key=lambda p: p.get("name") is None):
        for at, said in enumerate(pred):
            if at not in used and same_party(wanted, said):
                used.add(at)
                pairs.append((wanted, said))
                break
    return pairs


def _same_event(gold: Record | None, pred: Record | None) -> bool:
    if not gold or not pred:
        return not gold and not pred
    short, said = fold(gold.get("acronym")).strip(), fold(pred.get("acronym")).strip()
    if short and short in (said, fold(pred.get("name")).strip()):
        return True
    return overlap(gold.get("name") or gold.get("acronym"), pred.get("name") or pred.get("acronym")) >= 0.6


def _same_date(gold: Record, pred: Record) -> bool:
    if not gold.get("start_date") or not pred.get("start_date"):
        return not gold.get("start_date") and not pred.get("start_date")
    cut = {"year": 4, "month": 7}.get(gold.get("date_precision") or "day", 10)
    return str(gold["start_date"])[:cut] == str(pred["start_date"])[:cut]


def _same_place(gold: Record, pred: Record) -> bool:
    if not gold.get("country") and not gold.get("city"):
        return not pred.get("city")
    if gold.get("country") and gold["country"] != pred.get("country"):
        return False
    return not gold.get("city") or overlap(gold["city"], pred.get("city")) >= 0.6


def _labels(record: Record, kind: str) -> set[str]:
    if kind == "topic":
        return set(record.get("topics") or [])
    return {o["kind"] if isinstance(o, Mapping) else o for o in record.get("outcomes") or []}


def evidence_holds(pred: Record, text: str) -> bool:
    """At least one span, all of them inside the text, and a participant named in one."""
    spans = pred.get("evidence") or []
    if not spans or not all(len(s) >= 2 and 0 <= s[0] < s[1] <= len(text) for s in spans):
        return False
    quoted = fold(" ".join(text[s[0] : s[1]] for s in spans))
    for party in pred.get("participants") or []:
        words = _name_words(party.get("name") or "") or fold(party.get("role") or party.get("organization")).split()
        if words and any(w in quoted for w in words):
            return True
    return False


@dataclass(frozen=True, slots=True)
class Pair:
    """A gold meeting and the predicted one that stands for it. extra: predicted participants that gold does not know."""

    gold: int
    pred: int
    parties: Pairs
    extra: int


@dataclass(slots=True)
class Judgement:
    """Counts over all articles, and what went wrong in each."""

    count: Counter[str] = field(default_factory=Counter)
    notes: dict[str, list[str]] = field(default_factory=dict)
    weighed: list[tuple[float, bool]] = field(default_factory=list)  # (confidence, right) of every predicted record


def _pair(golds: Sequence[Record], preds: Sequence[Record]) -> list[Pair]:
    candidates: list[tuple[float, Pair]] = []
    for g, gold in enumerate(golds):
        for p, pred in enumerate(preds):
            said = pred.get("participants") or []
            pairs = pair_parties(gold["participants"], said)
            extra = [
                q for q in said
                if not any(q is x for _, x in pairs) and not any(same_party(a, q) for a in gold.get("attendees") or [])
            ]  # fmt: skip
            score = 2 * len(pairs) / (len(gold["participants"]) + len(pairs) + len(extra)) if pairs else 0.0
            if score >= 0.5 and len(pairs) >= min(2, len(gold["participants"])):
                bonus = 0.01 * (gold["status"] == pred.get("status")) + 0.01 * _same_date(gold, pred)
                candidates.append((score + bonus, Pair(g, p, pairs, len(extra))))
    candidates.sort(key=lambda c: (-c[0], c[1].gold, c[1].pred))
    taken_gold: set[int] = set()
    taken_pred: set[int] = set()
    chosen = []
    for _, pair in candidates:
        if pair.gold not in taken_gold and pair.pred not in taken_pred:
            taken_gold.add(pair.gold)
            taken_pred.add(pair.pred)
            chosen.append(pair)
    return chosen


def judge(gold_rows: Iterable[Record], predictions: Mapping[str, Sequence[Record]]) -> Judgement:
    """Judges all articles. `predictions` holds the records of each gold id."""
    judgement = Judgement()
    for row in gold_rows:
        _judge_article(row, [m for m in predictions[row["id"]] if not m.get("background")], judgement)
    return judgement


def _judge_article(row: Record, preds: list[Record], judgement: Judgement) -> None:
    count, notes = judgement.count, []
    golds: Sequence[Record] = row["meetings"]
    pairs = _pair(golds, preds)
    of_gold = {pair.gold: pair for pair in pairs}
    of_pred = {pair.pred: pair for pair in pairs}
    required = [g for g in golds if not g.get("background")]
    live = [p for i, p in enumerate(preds) if not (i in of_pred and golds[of_pred[i].gold].get("background"))]
    count.update(
        gold=len(required), pred=len(live), article_gold=bool(required), article_pred=bool(live), article_tp=bool(required) and bool(live)
    )
    for i, gold in enumerate(golds):
        if i not in of_gold and not gold.get("background"):
            count["party_gold"] += len(gold["participants"])
            count["topic_gold"] += len(_labels(gold, "topic"))
            count["outcome_gold"] += len(_labels(gold, "outcome"))
            notes.append("missed: " + show(gold))
    for i, pred in enumerate(preds):
        count.update(evidence_all=1, evidence_ok=evidence_holds(pred, row.get("text") or ""))
        if i not in of_pred:
            count["party_pred"] += len(pred.get("participants") or [])
            count["topic_pred"] += len(_labels(pred, "topic"))
            count["outcome_pred"] += len(_labels(pred, "outcome"))
            notes.append("invented: " + show(pred))
        if i not in of_pred or not golds[of_pred[i].gold].get("background"):
            judgement.weighed.append((float(pred.get("confidence") or 0), i in of_pred))
    for pair in pairs:
        if not golds[pair.gold].get("background"):
            _judge_pair(golds[pair.gold], preds[pair.pred], pair, count, notes)
    if notes:
        judgement.notes[row["id"]] = notes


def _judge_pair(gold: Record, pred: Record, pair: Pair, count: Counter[str], notes: list[str]) -> None:
    found = len(pair.parties)
    count.update(tp=1, party_tp=found, party_gold=len(gold["participants"]), party_pred=found + pair.extra)
    whole = found == len(gold["participants"]) and not pair.extra
    if not whole:
        notes.append(f"participants: {show(pred)} for {show(gold)}")
    for wanted, said in pair.parties:
        if wanted.get("country") or wanted.get("organization"):
            right = wanted.get("country") == said.get("country")
            count.update(country_all=1, country_ok=right)
            if not right:
                notes.append(f"country of {wanted.get('name') or wanted.get('role')}: {said.get('country')} for {wanted.get('country')}")
        if wanted.get("role"):
            count.update(role_all=1, role_ok=overlap(wanted["role"], said.get("role")) >= 0.5)
    checks = {
        "status": gold["status"] == pred.get("status"),
        "mode": gold["mode"] == "unknown" or gold["mode"] == pred.get("mode"),
        "date": _same_date(gold, pred),
        "place": _same_place(gold, pred),
        "host_event": _same_event(gold.get("host_event"), pred.get("host_event")),
    }
    for name, right in checks.items():
        count.update({f"{name}_all": 1, f"{name}_ok": right})
        whole = whole and right
        if not right:
            notes.append(f"{name}: {_value(pred, name)} for {_value(gold, name)} in {show(gold)}")
    for kind in ("topic", "outcome"):
        a, b = _labels(gold, kind), _labels(pred, kind)
        count.update({f"{kind}_tp": len(a & b), f"{kind}_gold": len(a), f"{kind}_pred": len(b)})
    count["whole"] += whole


def _value(record: Record, name: str) -> Any:
    if name == "date":
        return record.get("start_date")
    return (record.get("city"), record.get("country")) if name == "place" else record.get(name)


def show(record: Record) -> str:
    """A record in one line."""
    who = (
        f"{p.get('name') or p.get('role') or p.get('organization') or '?'} ({p.get('country')})" for p in record.get("participants") or []
    )
    return f"[{record.get('status')}] {' + '.join(who)}"


def _f1(hits: int, said: int, wanted: int) -> dict[str, float]:
    p = hits / said if said else float(not wanted)
    r = hits / wanted if wanted else 1.0
    return {"p": p, "r": r, "f1": 2 * p * r / (p + r) if p + r else 0.0}


def figures(count: Counter[str]) -> dict[str, float]:
    """The table: name of the figure → value ("meeting.f1", "country" ...)."""
    table: dict[str, float] = {}
    for name, (hits, said, wanted) in {
        "meeting": ("tp", "pred", "gold"),
        "participant": ("party_tp", "party_pred", "party_gold"),
        "topic": ("topic_tp", "topic_pred", "topic_gold"),
        "outcome": ("outcome_tp", "outcome_pred", "outcome_gold"),
        "article": ("article_tp", "article_pred", "article_gold"),
    }.items():
        table |= {f"{name}.{key}": value for key, value in _f1(count[hits], count[said], count[wanted]).items()}
    for name in (*ACCURACIES, "evidence"):
        table[name] = count[f"{name}_ok"] / count[f"{name}_all"] if count[f"{name}_all"] else 0.0
    table["record"] = count["whole"] / count["gold"] if count["gold"] else 1.0
    return table
