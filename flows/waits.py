"""How long servers ask to be left alone: Retry-After, Cache-Control, Expires and a feed's own ttl, read from what they sent. Pure."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from flows.outcomes import Answer


def publisher_wait(headers: Mapping[str, str], ttl_minutes: int | None, *, now: datetime) -> timedelta:
    """The longest wait that the publisher asks for, by ttl, Cache-Control or Expires; zero where it asks for none."""
    asked = [timedelta(minutes=min(ttl_minutes, 100_000))] if ttl_minutes and ttl_minutes > 0 else []
    directives = _cache_control(headers.get("cache-control", ""))
    if "no-store" not in directives and "no-cache" not in directives:
        if "max-age" in directives:
            age = _seconds(headers.get("age", "")) or timedelta(0)
            asked.append((_seconds(directives["max-age"]) or timedelta(0)) - age)
        elif (expires := http_date(headers.get("expires", ""))) is not None:
            asked.append(expires - (http_date(headers.get("date", "")) or now))
    return max([wait for wait in asked if wait > timedelta(0)], default=timedelta(0))


def _cache_control(value: str) -> Mapping[str, str]:
    pairs = (part.partition("=") for part in value.lower().split(","))
    return {name.strip(): number.strip().strip('"') for name, _, number in pairs if name.strip()}


def _seconds(text: str) -> timedelta | None:
    text = text.strip()
    return timedelta(seconds=min(int(text), 10_000_000)) if text.isascii() and text.isdigit() and len(text) < 20 else None


def http_date(text: str) -> datetime | None:
    """An HTTP date as an aware datetime; None for anything else, such as the "0" that some send."""
    try:
        parsed = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return parsed if parsed.tzinfo is not None else parsed.replace(tzinfo=UTC)


def retry_after(answer: Answer, *, now: datetime) -> timedelta | None:
    """How long the server asks to be left alone (seconds or a date); None where it does not say."""
    text = (answer.header("Retry-After") or "").strip()
    if (wait := _seconds(text)) is not None:
        return wait
    until = http_date(text)
    return max(until - now, timedelta(0)) if until is not None else None
