"""What Prefect costs a backfill, the same articles as plain functions and as a flow run: python -m bench.orchestration [FILE.jsonl] [-n N].

Each way runs in a home of its own, in turn, in one process. Wall time is of the whole work; processor time is of this process alone (the
readers are the same both ways), so its difference is what Prefect adds.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from flows.engine import prepare
from flows.settings import Settings

TEXT = (
    "{city} – {first} Foreign Minister Ann Solvang met her {second} counterpart, Rafael Tello, in {city} on Tuesday to discuss trade in "
    "fish and the training of sailors.\n\nAfter the talks the two ministers signed a memorandum of understanding on catch data."
)
PLACES = (("Oslo", "Norwegian", "Peruvian"), ("Lima", "Peruvian", "Kenyan"), ("Nairobi", "Kenyan", "Finnish"))


def made_up(path: Path, count: int) -> None:
    """Articles of a made-up kind, for machines without a corpus."""
    with path.open("w", encoding="utf-8") as out:
        for number in range(count):
            city, first, second = PLACES[number % len(PLACES)]
            text = TEXT.format(city=city, first=first, second=second)
            line: dict[str, object] = {"id": number, "url": f"https://bench.example/{number}", "text": text}
            line |= {"title": f"{first} minister in {city}", "published": "2025-11-19", "language": "en"}
            out.write(json.dumps(line) + "\n")


def measured(work: Callable[[], None]) -> tuple[float, float]:
    """(wall seconds, processor seconds of this process)."""
    wall, used = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - used


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("articles", nargs="?", type=Path)
    parser.add_argument("-n", type=int, default=1_000, help="made-up articles, where no file is given")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        articles = arguments.articles
        if articles is None:
            articles = Path(folder) / "articles.jsonl"
            made_up(articles, arguments.n)
        prepare(Settings(home=Path(folder) / "prefect-home"))
        from prefect import flow

        from flows.backfill import Intake, take_in, take_path
        from flows.engine import server_of
        from flows.workplace import open_workplace

        def plain() -> None:
            with open_workplace(Settings(home=Path(folder) / "plain")) as place, place.ledger.run("backfill", now=place.clock()) as run:
                take_path.fn(place, run, articles, Intake(), dry_run=False)

        def as_flow() -> None:
            def work() -> None:
                with open_workplace(Settings(home=Path(folder) / "flow")) as place:
                    take_in(place, [articles], dry_run=False)

            flow(name="backfill", persist_result=False)(work)()

        settings = Settings(home=Path(folder) / "prefect-home")
        with server_of(settings):
            rows = {"plain functions": measured(plain), "a flow run": measured(as_flow)}
    for name, (wall, used) in rows.items():
        print(f"{name:16}  wall {wall:7.1f} s  processor {used:7.1f} s")
    ratio = rows["a flow run"][0] / rows["plain functions"][0]
    print(f"wall ratio {ratio:.2f}")


if __name__ == "__main__":
    main()
