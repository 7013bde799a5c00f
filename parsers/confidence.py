"""How often a record like this one is right."""

from collections.abc import Sequence

from parsers.mentions import Party
from parsers.merging import Draft


def weigh(draft: Draft, members: Sequence[Party]) -> float:
    """0..1 from the signs of the draft."""
    named = sum(1 for party in members if party.name)
    score = 0.45 + 0.15 * min(named, 2) + 0.1 * (draft.tellings > 1) - 0.2 * draft.inferred
    return max(0.05, min(0.95, score))
