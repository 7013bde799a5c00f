"""Corrections that people make, as bundles: so they travel, load and survive like everything else.

    paths = ...; write_correction(paths.inbox, merge(paths.published, one_meeting, other_meeting, at=now)); load_pending(paths)
"""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from uuid import UUID

from warehouse.bundles import Bundle, write_bundle
from warehouse.connection import query
from warehouse.errors import WarehouseError
from warehouse.rows import Correction, CorrectionKind


def write_correction(inbox: Path, correction: Correction) -> Path:
    """The correction as a bundle in the inbox; the next load applies it."""
    return write_bundle(inbox, Bundle(corrections=(correction,)))


def merge(published: Path, one: UUID, other: UUID, *, at: datetime, note: str | None = None, made_by: str | None = None) -> Correction:
    """The two meetings (or mentions) are one. Raises WarehouseError for an id that is neither."""
    first, second = (_mentions_of(published, item)[0] for item in (one, other))
    return Correction(kind=CorrectionKind.MERGE, observed_at=at, mention_id=first, other_ids=(str(second),), note=note, made_by=made_by)


def split(published: Path, mention: UUID, *, at: datetime, note: str | None = None, made_by: str | None = None) -> Correction:
    """The mention does not tell of the meeting with which it was put: it is kept from each of that meeting's other mentions."""
    rows = query(published, """
        SELECT o.mention_id FROM meeting_mention m JOIN meeting_mention o USING (meeting_id)
        WHERE m.mention_id = ? AND o.mention_id <> m.mention_id ORDER BY 1""", [mention]).rows
    if not rows:
        raise WarehouseError(f"{mention} is no mention that was put together with others")
    return Correction(kind=CorrectionKind.SPLIT, observed_at=at, mention_id=mention, other_ids=tuple(str(row[0]) for row in rows),
                      note=note, made_by=made_by)


def wrong_party(
    published: Path, mention: UUID, party: int | None, value: Mapping[str, str], *, at: datetime, note: str | None = None,
    made_by: str | None = None,
) -> Correction:
    """Party number `party` of the mention is as `value` says (empty: it took no part; `party` None: one more took part)."""
    _mentions_of(published, mention)
    return Correction(kind=CorrectionKind.WRONG_PARTY, observed_at=at, mention_id=mention, party=party, value=value, note=note,
                      made_by=made_by)


def wrong_date(
    published: Path, mention: UUID, value: Mapping[str, str], *, at: datetime, note: str | None = None, made_by: str | None = None
) -> Correction:
    """The mention's days are those of `value`: start_date, end_date, date_precision; empty for unknown."""
    _mentions_of(published, mention)
    return Correction(kind=CorrectionKind.WRONG_DATE, observed_at=at, mention_id=mention, value=value, note=note, made_by=made_by)


def not_a_meeting(published: Path, mention: UUID, *, at: datetime, note: str | None = None, made_by: str | None = None) -> Correction:
    """What the mention tells is no meeting."""
    _mentions_of(published, mention)
    return Correction(kind=CorrectionKind.NOT_A_MEETING, observed_at=at, mention_id=mention, note=note, made_by=made_by)


def withdraw(correction: UUID, *, at: datetime, note: str | None = None, made_by: str | None = None) -> Correction:
    """An earlier correction no longer holds."""
    return Correction(kind=CorrectionKind.WITHDRAW, observed_at=at, value={"correction_id": str(correction)}, note=note, made_by=made_by)


def _mentions_of(published: Path, item: UUID) -> tuple[UUID, ...]:
    """The mentions of a meeting, or the mention itself. An old meeting id is the id of a mention and is found as one."""
    rows = query(published, "SELECT mention_id FROM meeting_mention WHERE meeting_id = ? ORDER BY 1", [item]).rows
    if not rows:
        rows = query(published, "SELECT mention_id FROM mention WHERE mention_id = ?", [item]).rows
    if not rows:
        raise WarehouseError(f"{item} is neither a meeting nor a mention")
    return tuple(row[0] for row in rows if isinstance(row[0], UUID))
