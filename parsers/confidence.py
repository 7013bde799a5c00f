"""How often a record like this one is right: a logistic regression over plain signs of its draft.

The coefficients are data (data/confidence.toml), fitted on half of the labelled articles by `python -m bench.calibration --write` and
tested there on the other half.
"""

import math
from collections.abc import Mapping, Sequence
from functools import cache

from parsers.catalog import read_toml
from parsers.cues import Frame
from parsers.errors import CatalogError
from parsers.mentions import Party
from parsers.merging import Draft
from parsers.records import CountrySource, PartyKind, RoleClass, Status

FILE = "confidence.toml"
SIGNS = (
    "bias", "named", "offices", "thin", "stateless", "assumed_state", "plural_office", "three_or_more", "inferred", "elaborates", "weak",
    "told_again", "in_title", "early", "planned", "cancelled", "background", "one_state", *(f"frame_{frame.value}" for frame in Frame),
)  # fmt: skip


def signs(draft: Draft, members: Sequence[Party]) -> dict[str, float]:
    """What speaks for and against a draft, each 0..1 or a small count."""
    states = {party.country for party in members}
    found = {
        "bias": 1.0,
        "named": sum(1 for party in members if party.name) / len(members),
        "offices": sum(1 for p in members if not p.name and p.country and p.role_class not in (None, RoleClass.OTHER)) / len(members),
        "thin": sum(1 for party in members if not (party.country or party.organization or party.role)) / len(members),
        "stateless": sum(1 for party in members if not (party.country or party.organization)) / len(members),
        "assumed_state": sum(1 for party in members if party.country_source is CountrySource.OUTLET) / len(members),
        "plural_office": float(any(not p.name and p.kind is PartyKind.PERSON and (p.role or "").endswith("s") for p in members)),
        "three_or_more": float(len(members) > 2),
        "inferred": float(draft.inferred),
        "elaborates": float(draft.elaborates),
        "weak": float(draft.weak),
        "told_again": float(draft.tellings > 1),
        "in_title": float(draft.in_title),
        "early": float(draft.sentence <= 4),
        "planned": float(draft.status is Status.PLANNED),
        "cancelled": float(draft.status is Status.CANCELLED),
        "background": float(draft.background),
        "one_state": float(len(states) == 1 and None not in states),
    }
    found |= {f"frame_{frame.value}": float(draft.frame is frame) for frame in Frame}
    return found


@cache
def _coefficients() -> Mapping[str, float]:
    table = read_toml(FILE, keys=frozenset({"coefficients"}))["coefficients"]
    if set(table) != set(SIGNS):
        raise CatalogError(FILE, "coefficients", f"signs that differ from the code's: {sorted(set(table) ^ set(SIGNS))}")
    return {name: float(value) for name, value in table.items()}


def weigh(draft: Draft, members: Sequence[Party]) -> float:
    """0..1: how often records with these signs are right."""
    weights = _coefficients()
    score = sum(weights[name] * value for name, value in signs(draft, members).items())
    return round(1 / (1 + math.exp(-max(-30.0, min(30.0, score)))), 3)
