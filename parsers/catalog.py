"""The knowledge that a domain person edits, loaded once and checked: the only opener of files in `parsers`.

Tables are TSV files with a header line, lists are TOML; both live under `parsers/data/`. A file with an unknown column or key, a
doubled key, an unknown code or an empty required cell is refused with a `CatalogError` that names file, line and reason.
"""

import calendar
import functools
import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from enum import StrEnum
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, TypeVar

from parsers.bodies import Bodies, Body, BodyKind
from parsers.cities import Cities, City
from parsers.countries import Countries, Country
from parsers.errors import CatalogError
from parsers.office_holders import NameLore, OfficeHolder, OfficeHolders
from parsers.records import RoleClass

DATA: Traversable = files("parsers") / "data"
LIST_MARK = "|"

Word = TypeVar("Word", bound=StrEnum)


def read_tsv(name: str, *, columns: tuple[str, ...], required: tuple[str, ...] = (), key: str | None = None) -> Iterator[dict[str, str]]:
    """Rows of `data/<name>` as dicts of stripped cells. Lines that begin with # and blank lines are skipped.

    Raises CatalogError on a header other than `columns`, a row of another width, an empty required cell, a doubled `key`.
    """
    lines = (DATA / name).read_text(encoding="utf-8").splitlines()
    seen: set[str] = set()
    header: tuple[str, ...] | None = None
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        cells = tuple(cell.strip() for cell in line.split("\t"))
        if header is None:
            if cells != columns:
                raise CatalogError(name, f"line {number}", f"columns are {cells}, expected {columns}")
            header = cells
            continue
        if len(cells) != len(columns):
            raise CatalogError(name, f"line {number}", f"{len(cells)} cells, expected {len(columns)}")
        row = dict(zip(columns, cells, strict=True))
        for column in required:
            if not row[column]:
                raise CatalogError(name, f"line {number}", f"{column} is empty")
        if key is not None:
            if row[key] in seen:
                raise CatalogError(name, f"line {number}", f"{key} {row[key]!r} is there twice")
            seen.add(row[key])
        yield row


def read_toml(name: str, *, keys: frozenset[str] | None = None) -> Mapping[str, Any]:
    """`data/<name>` as a dict. Raises CatalogError on bad TOML and, where `keys` is given, on any other top-level key."""
    try:
        table = tomllib.loads((DATA / name).read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise CatalogError(name, "syntax", str(error)) from error
    if keys is not None and (unknown := set(table) - keys):
        raise CatalogError(name, ", ".join(sorted(unknown)), f"unknown key; known are {sorted(keys)}")
    return table


def read_blob(name: str) -> bytes:
    """`data/<name>` as bytes (the trained name tagger)."""
    return (DATA / name).read_bytes()


def split_list(cell: str) -> tuple[str, ...]:
    """The parts of a cell that holds a list ("Burmese|Myanma")."""
    return tuple(part.strip() for part in cell.split(LIST_MARK) if part.strip())


def list_names(folder: str) -> tuple[str, ...]:
    """Names of the files and folders in `data/<folder>`, in order; hidden ones are left out."""
    return tuple(sorted(entry.name for entry in (DATA / folder).iterdir() if not entry.name.startswith((".", "_"))))


@functools.cache
def languages() -> frozenset[str]:
    """ISO 639-1 codes of the languages that the extractor speaks: those with a folder under data/languages."""
    return frozenset(list_names("languages"))


@functools.cache
def countries() -> Countries:
    """The table of states (countries.tsv, place_traps.tsv)."""
    name = "countries.tsv"
    columns = ("alpha3", "name", "aliases", "demonyms", "capital", "metonyms", "ambiguous")
    rows = []
    for cells in read_tsv(name, columns=columns, required=("alpha3", "name"), key="alpha3"):
        row = Country(
            alpha3=cells["alpha3"],
            name=cells["name"],
            aliases=split_list(cells["aliases"]),
            demonyms=split_list(cells["demonyms"]),
            capitals=split_list(cells["capital"]),
            metonyms=split_list(cells["metonyms"]),
            ambiguous=frozenset(split_list(cells["ambiguous"])),
        )
        if len(row.alpha3) != 3 or not row.alpha3.isupper():
            raise CatalogError(name, row.alpha3, "no alpha-3 code")
        if unknown := row.ambiguous - {form for form, _ in row.forms()}:
            raise CatalogError(name, row.alpha3, f"ambiguous form that the row does not have: {sorted(unknown)}")
        rows.append(row)
    return Countries(rows, _place_traps())


@functools.cache
def cities() -> Cities:
    """The table of cities (cities.tsv, place_traps.tsv)."""
    name = "cities.tsv"
    columns = ("name", "alpha3", "aliases", "population", "capital", "region", "ambiguous")
    rows = []
    for cells in read_tsv(name, columns=columns, required=("name", "alpha3", "population")):
        row = City(
            name=cells["name"],
            alpha3=cells["alpha3"],
            aliases=split_list(cells["aliases"]),
            population=_whole_number(name, cells["name"], cells["population"]),
            is_capital=_yes_or_empty(name, cells["name"], cells["capital"]),
            region=cells["region"],
            ambiguous=frozenset(split_list(cells["ambiguous"])),
        )
        _check_country(name, row.name, row.alpha3)
        if unknown := row.ambiguous - set(row.forms):
            raise CatalogError(name, row.name, f"ambiguous form that the row does not have: {sorted(unknown)}")
        rows.append(row)
    return Cities(rows, _place_traps())


@functools.cache
def bodies() -> Bodies:
    """The table of organisations (organisations.tsv)."""
    name = "organisations.tsv"
    columns = ("name", "acronym", "aliases", "alpha3", "kind", "head_title", "ambiguous")
    rows = []
    for cells in read_tsv(name, columns=columns, required=("name", "kind"), key="name"):
        if cells["alpha3"]:
            _check_country(name, cells["name"], cells["alpha3"])
        row = Body(
            name=cells["name"],
            acronym=cells["acronym"],
            aliases=split_list(cells["aliases"]),
            alpha3=cells["alpha3"] or None,
            kind=_member(name, cells["name"], BodyKind, cells["kind"]),
            head_title=cells["head_title"],
            ambiguous=frozenset(split_list(cells["ambiguous"])),
        )
        if unknown := row.ambiguous - set(row.forms):
            raise CatalogError(name, row.name, f"ambiguous form that the row does not have: {sorted(unknown)}")
        rows.append(row)
    names_of_states = (form for state in countries().rows for form in (state.name, *state.aliases))
    return Bodies(rows, traps=names_of_states)


@functools.cache
def office_holders() -> OfficeHolders:
    """The table of office holders (office_holders.tsv, person_names.toml)."""
    name = "office_holders.tsv"
    columns = ("name", "aliases", "office", "role_class", "alpha3", "organisation", "from", "to", "note")
    rows = []
    for cells in read_tsv(name, columns=columns, required=("name", "office", "role_class", "from", "note")):
        where = f"{cells['name']}, {cells['office']}"
        if cells["alpha3"]:
            _check_country(name, where, cells["alpha3"])
        elif not cells["organisation"]:
            raise CatalogError(name, where, "neither a state nor an organisation")
        if cells["organisation"] and bodies().lookup(cells["organisation"]) is None:
            raise CatalogError(name, where, f"organisations.tsv has no {cells['organisation']!r}")
        if cells["note"] not in ("sure", "unsure"):
            raise CatalogError(name, where, f"note {cells['note']!r} is neither sure nor unsure")
        row = OfficeHolder(
            name=cells["name"],
            aliases=split_list(cells["aliases"]),
            office=cells["office"],
            role_class=_member(name, where, RoleClass, cells["role_class"]),
            alpha3=cells["alpha3"] or None,
            organization=cells["organisation"] or None,
            first=_day(name, where, cells["from"], last=False),
            last=_day(name, where, cells["to"], last=True) if cells["to"] else None,
            sure=cells["note"] == "sure",
        )
        if row.last is not None and row.last < row.first:
            raise CatalogError(name, where, f"ends on {row.last}, before it begins on {row.first}")
        rows.append(row)
    return OfficeHolders(rows, _name_lore())


def _name_lore() -> NameLore:
    name = "person_names.toml"
    table = read_toml(name, keys=frozenset({"left_out", "family_name_first", "common", "spellings"}))
    spellings: dict[str, str] = {}
    for compared, variants in table["spellings"].items():
        for variant in variants:
            if variant in spellings or variant in table["spellings"]:
                raise CatalogError(name, "spellings", f"{variant!r} is there twice")
            spellings[variant] = compared
    return NameLore(
        left_out=frozenset(table["left_out"]),
        family_name_first=frozenset(table["family_name_first"]),
        common=frozenset(table["common"]),
        spellings=spellings,
    )


def _place_traps() -> tuple[str, ...]:
    rows = read_tsv("place_traps.tsv", columns=("phrase", "why"), required=("phrase", "why"), key="phrase")
    return tuple(row["phrase"] for row in rows)


def _check_country(file: str, where: str, alpha3: str) -> None:
    if alpha3 not in countries():
        raise CatalogError(file, where, f"no state has the code {alpha3!r}")


def _member(file: str, where: str, vocabulary: type[Word], cell: str) -> Word:
    try:
        return vocabulary(cell)
    except ValueError as error:
        raise CatalogError(file, where, f"{cell!r} is none of {[word.value for word in vocabulary]}") from error


def _day(file: str, where: str, cell: str, *, last: bool) -> date:
    """The first or last day that YYYY, YYYY-MM or YYYY-MM-DD covers."""
    if not re.fullmatch(r"[0-9]{4}(?:-[0-9]{2}){0,2}", cell):
        raise CatalogError(file, where, f"{cell!r} is no date of the form YYYY, YYYY-MM or YYYY-MM-DD")
    year, month, day = (*(int(part) for part in cell.split("-")), 0, 0)[:3]
    try:
        if day:
            return date(year, month, day)
        month = month or (12 if last else 1)
        return date(year, month, calendar.monthrange(year, month)[1] if last else 1)
    except ValueError as error:
        raise CatalogError(file, where, f"{cell!r}: {error}") from error


def _whole_number(file: str, where: str, cell: str) -> int:
    if not cell.isascii() or not cell.isdigit():
        raise CatalogError(file, where, f"{cell!r} is no whole number")
    return int(cell)


def _yes_or_empty(file: str, where: str, cell: str) -> bool:
    if cell not in ("", "yes"):
        raise CatalogError(file, where, f"{cell!r} is neither yes nor empty")
    return cell == "yes"
