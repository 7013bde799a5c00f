"""How well and how fast pages and feeds are read, against gold, beside other readers in the same run.

    python -m bench.reading [--shared ../shared/web] [--all-languages] [--feeds] [--misses FIELD]

Pages: body token F1 (mean, and pages under 0.5), chunk F1, headline among the candidates and chosen right, day and minute of publication,
set of authors; CPU time of one process. Readers: this project's, trafilatura alone, and newspaper4k and resiliparse where they are
installed. Feeds: title, link, id and UTC date of each entry against what feedparser 6.0.14 reads.
"""

import argparse
import gzip
import importlib.util
import json
import re
import sys
import time
import warnings
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import trafilatura
from trafilatura.settings import Document

from parsers.article import read_article
from parsers.errors import FeedError, PageError
from parsers.feed import parse_feed
from parsers.records import Article

SHARED = Path(__file__).resolve().parents[2] / "shared" / "web"
NOW = datetime(2026, 11, 24, tzinfo=UTC)
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a reader makes of a page. None: the reader does not give the field."""

    text: str = ""
    title: str | None = None
    candidates: tuple[str, ...] | None = None
    published: datetime | None = None
    authors: tuple[str, ...] | None = None
    gives_date: bool = True


Reader = Callable[[bytes, str], Answer]


# ── readers ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def read_ours(body: bytes, url: str) -> Answer:
    try:
        return as_answer(read_article(body, url=url, now=NOW))
    except PageError:
        return Answer()


def as_answer(article: Article) -> Answer:
    return Answer(
        text=article.text, title=article.title, candidates=article.title_candidates, published=article.published, authors=article.authors
    )


def read_trafilatura_body(body: bytes, url: str) -> Answer:
    """Its body alone: the measure of CPU cost."""
    found = trafilatura.bare_extraction(body, url=url, include_comments=False, with_metadata=False)
    return Answer(text=found.text or "" if isinstance(found, Document) else "", gives_date=False)


def read_trafilatura(body: bytes, url: str) -> Answer:
    found = trafilatura.bare_extraction(body, url=url, include_comments=False, with_metadata=True)
    if not isinstance(found, Document):
        return Answer()
    day = datetime.fromisoformat(found.date).replace(tzinfo=UTC) if found.date else None
    authors = tuple(name.strip() for name in (found.author or "").split(";") if name.strip())
    return Answer(text=found.text or "", title=found.title, published=day, authors=authors)


def read_newspaper(body: bytes, url: str) -> Answer:
    import newspaper  # type: ignore[import-not-found]

    page = newspaper.Article(url or "http://example.org/", fetch_images=False)
    page.download(input_html=body.decode("utf-8", "replace"))
    try:
        page.parse()
    except Exception:  # noqa: BLE001  it raises undeclared errors on one page in eighty
        return Answer()
    moment = page.publish_date if isinstance(page.publish_date, datetime) else None
    if moment is not None and moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return Answer(text=page.text, title=page.title, published=moment, authors=tuple(page.authors))


def read_resiliparse(body: bytes, url: str) -> Answer:
    from resiliparse.extract.html2text import extract_plain_text  # type: ignore[import-not-found]

    return Answer(text=extract_plain_text(body.decode("utf-8", "replace"), main_content=True), gives_date=False)


def readers() -> Mapping[str, Reader]:
    found: dict[str, Reader] = {
        "sidelines": read_ours,
        "trafilatura body": read_trafilatura_body,
        "trafilatura": read_trafilatura,
    }
    if importlib.util.find_spec("newspaper"):
        found["newspaper4k"] = read_newspaper
    if importlib.util.find_spec("resiliparse"):
        found["resiliparse"] = read_resiliparse
    return found


# ── judging pages ────────────────────────────────────────────────────────────────────────────────────────────────────


def token_f1(found: str, gold: str) -> float:
    """F1 over the words of two texts as bags, in lower case."""
    a, b = Counter(_WORD.findall(found.lower())), Counter(_WORD.findall(gold.lower()))
    shared = sum((a & b).values())
    return 2 * shared / (sum(a.values()) + sum(b.values())) if shared else float(not a and not b)


def fold(text: str | None) -> str:
    return " ".join(_WORD.findall((text or "").casefold()))


def gold_moment(value: object) -> datetime | None:
    """The gold's date, in any of its forms; a time without a zone counts as UTC."""
    if isinstance(value, float) or not value:
        return None
    if isinstance(value, int):
        return datetime.fromtimestamp(value / 1000 if value > 1e11 else value, UTC)
    try:
        moment = datetime.fromisoformat(str(value).replace("Z", "+00:00"))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def judge(gold: Mapping[str, Any], answer: Answer) -> dict[str, float]:
    """Figure → value for one page, for the figures that its gold allows."""
    found: dict[str, float] = {}
    if gold.get("body"):
        found["body"] = token_f1(answer.text, gold["body"])
        found["body under .5"] = found["body"] < 0.5
    if gold.get("with") is not None:
        text = fold(answer.text)
        found["chunks right"] = sum(fold(chunk) in text for chunk in gold["with"])
        found["chunks wrong"] = sum(fold(chunk) in text for chunk in gold["without"])
        found["chunks"] = len(gold["with"])
    if gold["set"] == "readability":
        return found  # its metadata was made by that library
    if gold.get("title") and answer.title is not None:
        found["title"] = fold(answer.title) == fold(gold["title"])
        if answer.candidates is not None:
            found["title a candidate"] = fold(gold["title"]) in {fold(title) for title in answer.candidates}
    moment = gold_moment(gold.get("date"))
    if moment is not None and answer.gives_date:
        ours = answer.published
        found["day"] = ours is not None and (ours.date() == moment.date() or ours.astimezone(UTC).date() == moment.astimezone(UTC).date())
        if gold["set"] == "fundus":
            found["minute"] = ours is not None and abs((ours - moment).total_seconds()) < 60
    if gold.get("authors") and answer.authors is not None:
        found["authors"] = sorted(map(fold, answer.authors)) == sorted(map(fold, gold["authors"]))
    return found


def gold_pages(shared: Path, *, all_languages: bool) -> Iterator[tuple[Mapping[str, Any], bytes]]:
    with (shared / "article_gold.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            gold = json.loads(line)
            if all_languages or gold["lang"] == "en":
                yield gold, gzip.decompress((shared / gold["html"]).read_bytes())


def judge_pages(shared: Path, *, all_languages: bool, misses: str | None) -> None:
    sums: dict[tuple[str, str], dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    cost: dict[str, float] = defaultdict(float)
    crew = readers()
    for gold, body in gold_pages(shared, all_languages=all_languages):
        for name, read in crew.items():
            started = time.process_time()
            answer = read(body, gold.get("url") or "")
            cost[name] += time.process_time() - started
            for figure, value in judge(gold, answer).items():
                sums[gold["set"], name][figure].append(value)
                if name == "sidelines" and figure == misses and value < 0.9:
                    print(gold["set"], gold["id"], f"{value:.3f}", answer.title, answer.published, answer.authors, file=sys.stderr)
    print(_page_table(sums))
    pages = sum(1 for _ in gold_pages(shared, all_languages=all_languages))
    print("\n| reader | CPU ms a page | times trafilatura's body alone |\n| --- | --- | --- |")
    for name in crew:
        print(f"| {name} | {1000 * cost[name] / pages:.1f} | {cost[name] / cost['trafilatura body']:.2f} |")


_FIGURES = ("body", "body under .5", "chunk F1", "title a candidate", "title", "day", "minute", "authors")


def _page_table(sums: Mapping[tuple[str, str], Mapping[str, list[float]]]) -> str:
    rows = [f"| set | pages | reader | {' | '.join(_FIGURES)} |", "| --- " * (len(_FIGURES) + 3) + "|"]
    for (origin, reader), figures in sorted(sums.items()):
        pages = max(len(values) for values in figures.values())
        cells = [f"{100 * value:.1f}" if (value := _figure(figures, name)) is not None else "" for name in _FIGURES]
        rows.append(f"| {origin} | {pages} | {reader} | {' | '.join(cells)} |")
    return "\n".join(rows)


def _figure(figures: Mapping[str, list[float]], name: str) -> float | None:
    if name == "chunk F1" and figures.get("chunks"):
        right, wrong, all_chunks = (sum(figures[part]) for part in ("chunks right", "chunks wrong", "chunks"))
        return 2 * right / (right + wrong + all_chunks) if right else 0.0
    values = figures.get(name)
    return sum(values) / len(values) if values else None


# ── judging feeds ────────────────────────────────────────────────────────────────────────────────────────────────────


def judge_feeds(shared: Path, *, misses: str | None) -> None:
    differing: Counter[str] = Counter()
    entries = feeds = 0
    slowest = started = 0.0
    total = time.process_time()
    for line in (shared / "feed_expected.jsonl").read_text(encoding="utf-8").splitlines():
        expected = json.loads(line)
        body = gzip.decompress((shared / "feeds" / f"{expected['file']}.gz").read_bytes())
        feeds += 1
        started = time.process_time()
        try:
            feed = parse_feed(body, url=expected["url"], now=NOW)
        except FeedError as error:
            lost = len(expected.get("entries", ()))
            entries += lost
            differing.update({"entries lost": lost, f"refused: {error.reason}": 1})
            continue
        slowest = max(slowest, time.process_time() - started)
        if len(feed.items) != len(expected["entries"]):
            differing["feeds with another number of entries"] += 1
            continue
        for item, entry in zip(feed.items, expected["entries"], strict=True):
            entries += 1
            published = item.published.astimezone(UTC).strftime("%Y-%m-%dT%H:%M") if item.published else None
            pairs = {
                "title": (fold(item.title), fold(re.sub(r"<[^>]*>", "", entry["title"] or ""))),
                "link": (item.link, entry["link"]),
                "id": (item.guid or "", entry["id"] or ""),
                "date": (published, entry["date"]),
            }
            wrong = [name for name, (ours, theirs) in pairs.items() if ours != theirs]
            differing.update(wrong)
            differing["entries with any difference"] += bool(wrong)
            for name in wrong:
                if name == misses:
                    print(f"{expected['file']}: {name}: {pairs[name][0]!r}, expected {pairs[name][1]!r}", file=sys.stderr)
    total = time.process_time() - total
    print(f"{feeds} feeds, {entries} entries, {total:.1f} s CPU, slowest {slowest:.2f} s\n\n| differing | |\n| --- | --- |")
    for name, count in sorted(differing.items()):
        print(f"| {name} | {count} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--shared", type=Path, default=SHARED)
    parser.add_argument("--all-languages", action="store_true")
    parser.add_argument("--feeds", action="store_true", help="judge feeds, not pages")
    parser.add_argument("--misses", metavar="FIELD", help="print where this figure is wrong")
    options = parser.parse_args()
    if not (options.shared / "article_gold.jsonl").exists():
        print(f"nothing to measure: {options.shared} is not there", file=sys.stderr)
        return
    warnings.simplefilter("ignore")
    if options.feeds:
        judge_feeds(options.shared, misses=options.misses)
    else:
        judge_pages(options.shared, all_languages=options.all_languages, misses=options.misses)


if __name__ == "__main__":
    main()
