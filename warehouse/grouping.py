"""From ties to meetings: groups of mentions that tell of one meeting, the same whatever the order in which they came.

Mentions that are tied, directly or through others, form a component. Within a component the strongest ties are followed first, and two
groups are joined only where no mention of the one bars a mention of the other. Then come the merges that people made, whole groups at a
time; only a split, made by people too, stops them.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from warehouse.linking import ONE_DAY, Bar, Verdict, gap
from warehouse.telling import Told

Judge = Callable[[Told, Told], Verdict]


@dataclass(frozen=True, slots=True)
class Tie:
    """Why two mentions are of one meeting."""

    score: float
    one: int
    other: int
    reason: str
    copied: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """The mentions of one meeting, in the order of their ids, and for each the strongest tie that holds it in."""

    members: tuple[Told, ...]
    ties: Mapping[int, Tie]


class Forest:
    """Disjoint sets; the smallest id of a set stands for it."""

    def __init__(self, items: Iterable[int]) -> None:
        self._parent = {item: item for item in items}

    def root(self, item: int) -> int:
        while self._parent[item] != item:
            self._parent[item] = self._parent[self._parent[item]]
            item = self._parent[item]
        return item

    def join(self, one: int, other: int) -> None:
        a, b = self.root(one), self.root(other)
        if a != b:
            self._parent[max(a, b)] = min(a, b)

    def sets(self) -> dict[int, list[int]]:
        """Smallest id → sorted members."""
        found: dict[int, list[int]] = {}
        for item in sorted(self._parent):
            found.setdefault(self.root(item), []).append(item)
        return found


def components(ids: Iterable[int], ties: Iterable[Tie]) -> dict[int, list[int]]:
    """Smallest id → members of each set of mentions that are tied together."""
    forest = Forest(ids)
    for tie in ties:
        forest.join(tie.one, tie.other)
    return forest.sets()


def groups(members: Sequence[Told], ties: Sequence[Tie], judge: Judge, *, forced: Sequence[Tie] = ()) -> list[Group]:
    """The meetings of one component. `forced` are ties of corrections."""
    told = {member.mention_id: member for member in members}
    forest = Forest(told)
    contents: dict[int, list[int]] = {item: [item] for item in told}
    kept: dict[int, Tie] = {}
    for tie in (*sorted(ties, key=_rank), *sorted(forced, key=_rank)):
        a, b = sorted((forest.root(tie.one), forest.root(tie.other)))
        if a == b:
            _keep(kept, tie)
            continue
        if not _may_join([told[i] for i in contents[a]], [told[i] for i in contents[b]], judge, tie):
            continue
        forest.join(a, b)
        contents[a] = sorted(contents[a] + contents.pop(b))
        _keep(kept, tie)
    return [Group(tuple(told[i] for i in ids), {i: kept[i] for i in ids if i in kept}) for ids in forest.sets().values()]


def _rank(tie: Tie) -> tuple[float, int, int]:
    return (-tie.score, tie.one, tie.other)


def _keep(kept: dict[int, Tie], tie: Tie) -> None:
    for end in (tie.one, tie.other):
        if end not in kept:
            kept[end] = tie


def _may_join(one: Sequence[Told], other: Sequence[Told], judge: Judge, tie: Tie) -> bool:
    forced = tie.score > 1.0
    union = (*one, *other)
    moved = any(told.moved for told in union)
    for a in one:
        for b in other:
            bar = judge(a, b).bar
            if bar is None or (bar is Bar.MOVED and moved) or (forced and bar is not Bar.SPLIT):
                continue
            if bar is Bar.DATES and ((tie.copied and gap(a, b) <= ONE_DAY) or any(_spans(told, a, b) for told in union)):
                continue
            return False
    return True


def _spans(long: Told, a: Told, b: Told) -> bool:
    """Whether a report of several days covers the single days that two others state."""
    if not (long.stated and a.stated and b.stated and long.low and long.high and long.low < long.high):
        return False
    return all(told.low and told.high and long.low <= told.low and told.high <= long.high for told in (a, b))
