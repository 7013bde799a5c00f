"""The arrows of the house: flows → warehouse → parsers.records, flows → parsers, and nothing else; parsers stay pure."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("parsers", "warehouse", "flows")
MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))

# What each package may import beyond the standard library and itself: (first-party modules, third-party packages).
WAREHOUSE_READS = frozenset({"parsers.records", "parsers.identity"})
THIRD_PARTY = {
    "parsers": frozenset({
        "ahocorasick", "bs4", "cchardet", "dateutil", "feedparser", "htmldate", "lxml", "numpy", "py3langid", "rapidfuzz", "soupsieve",
        "spacy", "thinc", "trafilatura",
    }),
    "warehouse": frozenset({"duckdb", "pyarrow", "rapidfuzz"}),
}
# Standard modules that reach the clock, the network, the disk, other processes or chance.
IMPURE = frozenset({
    "asyncio", "concurrent", "ftplib", "glob", "http", "io.open", "multiprocessing", "os", "pathlib", "random", "secrets", "selectors",
    "shutil", "signal", "smtplib", "socket", "socketserver", "sqlite3", "ssl", "subprocess", "tempfile", "threading", "time.monotonic",
    "time.perf_counter", "time.process_time", "time.sleep", "time.time", "urllib.request", "uuid.uuid4",
})
IMPURE_CALLS = frozenset({"open", "input", "datetime.now", "datetime.utcnow", "datetime.today", "date.today"})
FINDERS = frozenset({"names", "roles", "places", "organisations", "dates", "cues"})
FIELDS = frozenset({"status", "host_events", "topics", "outcomes"})
COMPOSERS = frozenset({"roster", "meetings"})
SHAPELESS = frozenset({"utils", "util", "helpers", "helper", "common", "base", "manager", "misc"})


def name_of(path: Path) -> str:
    """`parsers/dates.py` → `parsers.dates`."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def imports_of(path: Path) -> Iterator[str]:
    """Every module that the file imports, at whatever depth, `from a import b` as both `a` and `a.b`."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports hide the arrow"
            assert node.module is not None
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def first_party(path: Path) -> set[str]:
    """First-party *modules* imported (names taken from a module are dropped)."""
    known = {name_of(module) for module in MODULES}
    return {name for name in imports_of(path) if name in known and name not in PACKAGES}


def calls_of(path: Path) -> Iterator[str]:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func)


def of_package(package: str) -> list[Path]:
    return [path for path in MODULES if path.relative_to(ROOT).parts[0] == package]


def test_there_is_something_to_check() -> None:
    assert all(of_package(package) for package in PACKAGES)


@pytest.mark.parametrize("path", of_package("parsers"), ids=name_of)
def test_parsers_know_nobody(path: Path) -> None:
    foreign = {name for name in imports_of(path) if name.split(".")[0] in {"flows", "warehouse"}}
    assert not foreign


@pytest.mark.parametrize("path", of_package("warehouse"), ids=name_of)
def test_warehouse_knows_only_the_records(path: Path) -> None:
    foreign = {name for name in first_party(path) if not name.startswith("warehouse.")}
    assert foreign <= WAREHOUSE_READS


@pytest.mark.parametrize("path", of_package("parsers") + of_package("warehouse"), ids=name_of)
def test_third_parties_are_on_the_list(path: Path) -> None:
    package = path.relative_to(ROOT).parts[0]
    roots = {name.split(".")[0] for name in imports_of(path)}
    assert roots - sys.stdlib_module_names - set(PACKAGES) <= THIRD_PARTY[package]


@pytest.mark.parametrize("path", of_package("parsers"), ids=name_of)
def test_parsers_are_pure(path: Path) -> None:
    reached = {name for name in imports_of(path) if name in IMPURE or name.split(".")[0] in IMPURE}
    assert not reached, "no clock, network, disk, process or chance in parsers"
    called = {call for call in calls_of(path) if call in IMPURE_CALLS | IMPURE or call.removeprefix("dt.") in IMPURE_CALLS}
    assert not called


def test_only_the_catalog_opens_files() -> None:
    readers = {name_of(path) for path in of_package("parsers") if any(name.startswith("importlib.resources") for name in imports_of(path))}
    assert readers <= {"parsers.catalog"}


@pytest.mark.parametrize("path", [p for p in of_package("parsers") if p.stem in FINDERS | FIELDS], ids=name_of)
def test_finders_never_import_each_other(path: Path) -> None:
    family = FINDERS if path.stem in FINDERS else FIELDS
    known = {name.split(".")[1] for name in first_party(path) if name.startswith("parsers.")}
    assert not known & (family - {path.stem})
    assert not known & COMPOSERS, "composers read finders, never the other way round"


@pytest.mark.parametrize("path", [p for p in of_package("flows") if p.stem == "deciding"], ids=name_of)
def test_decisions_take_the_clock_as_an_argument(path: Path) -> None:
    assert not {call for call in calls_of(path) if call in IMPURE_CALLS or call.startswith("time.")}


def test_names_say_what_is_inside() -> None:
    for path in MODULES:
        if path.stem not in {"__init__", "__main__"}:
            assert path.stem not in sys.stdlib_module_names, f"{path} hides a standard module when its folder is first on the path"
            assert path.stem not in SHAPELESS


def test_there_are_no_import_cycles() -> None:
    arrows = {name_of(path): first_party(path) - {name_of(path)} for path in MODULES}
    settled: set[str] = set()
    while ready := {name for name, targets in arrows.items() if name not in settled and targets <= settled}:
        settled |= ready
    assert not set(arrows) - settled, "these import each other, or something that does"
