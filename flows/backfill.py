"""The flow `backfill`: articles from WARC files, folders of HTML and JSON lines, by the same road as those of feeds.

What a path has given is kept beside it in the home folder's `backfill/`, by the path's name, size and date, so that a killed backfill
goes on where its last bundle ended, and one that is repeated does nothing.
"""

import gzip
import hashlib
import json
import logging
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from flows import announcing, events
from flows.archiving import Archive, ArchiveError
from flows.exchange import BadArticle, article_of
from flows.ledger import Run
from flows.reading import PageJob, Unread
from flows.recording import Extracted, Reading, RecordOutcome, Tally, bundle_of, crew, entry_of, read_and_extract, reading_of
from flows.settings import load_settings
from flows.workplace import Workplace, open_workplace_here
from warehouse.bundles import write_bundle
from warehouse.rows import FetchFailure, Stage

log = logging.getLogger(__name__)

BATCH = 1_000
"""Articles of one bundle: large enough for a cheap load, small enough to lose little by a kill."""
LOCAL = "https://local.invalid/"
"""What stands before the path of a page in a folder whose page names no address of its own."""
WARC_ENDINGS = (".warc", ".warc.gz")
PAGE_ENDINGS = (".html", ".htm", ".xhtml")
LINE_ENDINGS = (".jsonl", ".ndjson", ".jsonl.gz")


class BadInput(Exception):
    """A path that cannot be taken in. The message says why."""


@dataclass(slots=True)
class Intake:
    """What a backfill did, over all its paths."""

    seen: int = 0
    skipped: int = 0
    articles: int = 0
    mentions: int = 0
    bundles: list[str] = field(default_factory=list)
    failures: Counter[str] = field(default_factory=Counter)

    def add(self, outcome: RecordOutcome) -> None:
        self.articles += outcome.articles
        self.mentions += outcome.mentions
        self.failures.update(outcome.failures)
        if outcome.bundle is not None:
            self.bundles.append(outcome.bundle)


@flow(name="backfill", flow_run_name="backfill", persist_result=False)
def backfill(paths: list[str], dry_run: bool = False) -> State[None]:
    """Takes in what lies at `paths` on this machine, and starts `load`. `dry_run` reads and counts, and writes nothing."""
    with open_workplace_here(load_settings()) as place:
        intake = take_in(place, [Path(path) for path in paths], dry_run=dry_run)
    what = f"backfill {intake.articles} articles: {intake.mentions} mentions, {intake.failures.total()} unread"
    announcing.rename_run(what)
    if intake.seen and not intake.articles and not intake.skipped:
        return Failed(message=f"none of {intake.seen} could be read")
    return Completed(message=what)


def take_in(place: Workplace, paths: list[Path], *, dry_run: bool) -> Intake:
    """One task for each path. Raises BadInput before anything is done where a path is none of the three kinds."""
    for path in paths:
        check_path(path)
    intake = Intake()
    with place.ledger.run("backfill", now=place.clock()) as run:
        for path in paths:
            take_path.with_options(task_run_name=f"take in {path.name}")(place, run, path, intake, dry_run=dry_run)
    return intake


@task(name="take in", tags=["backfill"], cache_policy=NO_CACHE, persist_result=False)
def take_path(place: Workplace, run: Run, path: Path, intake: Intake, *, dry_run: bool) -> None:
    """One path, batch by batch."""
    mark = _Mark(place.settings.home / "backfill", path)
    done = 0 if dry_run else mark.done()
    intake.skipped += done
    source = readings(path)
    for _ in islice(source, done):
        pass
    with crew(place.settings) as readers:
        while batch := list(islice(source, BATCH)):
            tally = Tally()
            for reading, result in zip(batch, readers.run(read_and_extract, batch), strict=True):
                _take(place, reading, result, tally)
                place.progress("read", intake.seen + len(tally.entries) + len(tally.failures), 0)
            intake.seen += len(batch)
            if dry_run:
                intake.add(tally.outcome(None))
                continue
            bundle = write_bundle(place.paths.inbox, bundle_of(place, run, tally)).name
            done += len(batch)
            mark.note(done)
            outcome = tally.outcome(bundle)
            intake.add(outcome)
            started = announcing.start_next("load/load", key=f"load:{bundle}", because=f"bundle {bundle}")
            loader = announcing.LOADER_STARTED if started else announcing.LOADER_WAITING
            events.send(announcing.bundle_events(outcome, run, loader=loader))


def _take(place: Workplace, reading: Reading, result: Extracted | Unread, tally: Tally) -> None:
    now = place.clock()
    if isinstance(result, Unread):
        url = reading.job.url or "a line"
        tally.failures.append(
            FetchFailure(url=url, observed_at=now, stage=Stage.READ, reason=result.reason, detail=result.detail[:300])
        )
        tally.reasons[result.reason] += 1
        log.warning("%s: %s (%s)", url, result.reason, result.detail)
        return
    tally.entries.append(entry_of(result, now=now, fetched_at=reading.job.now))


# ── what lies at a path ──────────────────────────────────────────────────────────────────────────────────────────────


def check_path(path: Path) -> None:
    """Raises BadInput for what is not there, or is none of the three kinds."""
    if not path.exists():
        raise BadInput(f"{path}: is not there")
    if path.is_file() and not path.name.endswith((*WARC_ENDINGS, *LINE_ENDINGS, *PAGE_ENDINGS)):
        raise BadInput(f"{path}: is none of {', '.join((*LINE_ENDINGS, *WARC_ENDINGS, *PAGE_ENDINGS))}")


def readings(path: Path) -> Iterator[Reading]:
    """All articles at a path, in an order that stays the same."""
    if path.is_dir():
        for file in sorted(path.rglob("*")):
            if file.is_file() and file.name.endswith((*PAGE_ENDINGS, *WARC_ENDINGS, *LINE_ENDINGS)):
                yield from _of_file(file, base=path)
        return
    yield from _of_file(path, base=path.parent)


def _of_file(file: Path, *, base: Path) -> Iterator[Reading]:
    if file.name.endswith(WARC_ENDINGS):
        yield from _of_warc(file)
    elif file.name.endswith(PAGE_ENDINGS):
        job = PageJob(body=file.read_bytes(), url=LOCAL + file.relative_to(base).as_posix())
        yield Reading(job=job)
    else:
        yield from _of_lines(file)


def _of_warc(file: Path) -> Iterator[Reading]:
    try:
        for _, page in Archive(file.parent).pages(file):
            if page.status == 200:
                yield reading_of(page)
    except ArchiveError as error:
        trouble = Unread(reason="archive_damaged", detail=str(error))
        yield Reading(job=PageJob(body=b"", url=f"{LOCAL}{file.name}"), ready=trouble)


def _of_lines(file: Path) -> Iterator[Reading]:
    """JSON lines of articles, as `sidelines extract` reads them; gzipped where the name says so."""
    opener = gzip.open if file.name.endswith(".gz") else open
    with opener(file, "rb") as stream:
        for number, line in enumerate(stream, 1):
            if line.strip():
                yield _of_line(file, number, line)


def _of_line(file: Path, number: int, line: bytes) -> Reading:
    where = f"{LOCAL}{file.name}#{number}"
    try:
        value = json.loads(line.decode("utf-8-sig"))
        article = article_of(value if isinstance(value, dict) else {})
    except (ValueError, RecursionError, BadArticle) as error:
        return Reading(job=PageJob(body=b"", url=where), ready=Unread(reason="bad_line", detail=f"line {number}: {error}"))
    if not article.url:
        article = replace(article, url=f"{LOCAL}{file.name}#{value['id']}")
    return Reading(job=PageJob(body=b"", url=article.url), ready=article)


class _Mark:
    """How far a path was taken in. The name holds what the path was like, so that a changed file begins anew."""

    def __init__(self, folder: Path, path: Path) -> None:
        about = path.stat()
        likeness = f"{path.resolve()}\n{about.st_size}\n{about.st_mtime_ns}"
        self._file = folder / f"{path.name}-{hashlib.sha256(likeness.encode()).hexdigest()[:12]}.json"

    def done(self) -> int:
        try:
            return int(json.loads(self._file.read_text(encoding="utf-8"))["done"])
        except (OSError, ValueError, KeyError, TypeError):
            return 0

    def note(self, done: int) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        temporary = self._file.with_suffix(".new")
        temporary.write_text(json.dumps({"done": done}), encoding="utf-8")
        temporary.replace(self._file)
