"""Stable ids and content hashes: the same thing gets the same id on every machine, in every order of arrival.

An id is a UUID of version 8 whose first eight digits are a day, year first (`20251122-…`), and whose other bits are a BLAKE2 hash.
So ids sort by time, which lets a column store skip what is old, and a person can read their age. Day zero stands for "unknown".
"""

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from datetime import date
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit
from uuid import UUID

from parsers.records import Meeting, Participant

_TRACKING = re.compile(
    r"^(utm_\w+|fbclid|gclid|dclid|yclid|msclkid|igshid|mc_cid|mc_eid|cmpid|ocid|ns_campaign|at_medium|at_campaign|guccounter|_ga|spm)$",
    re.IGNORECASE,
)
_DEFAULT_PORTS = {"http": 80, "https": 443}
_SEPARATOR = "\x1f"  # the ASCII unit separator: never part of a URL or a name


def content_hash(*parts: str | None) -> str:
    """32 hexadecimal digits that change when any part changes; None differs from the empty string."""
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        digest.update(b"\x00" if part is None else b"\x01" + part.encode("utf-8", "surrogatepass"))
        digest.update(_SEPARATOR.encode())
    return digest.hexdigest()


def normalised_url(url: str) -> str:
    """The address in the one form under which its page is known.

    Scheme and host in lower case, `http` read as `https`, no `www.`, default port, fragment, trailing slash or tracking parameter;
    the other parameters in alphabetical order. A string that is no URL comes back stripped.
    """
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        return url.strip()
    if not parts.hostname:
        return url.strip()
    host = parts.hostname.removeprefix("www.")
    if port is not None and port != _DEFAULT_PORTS.get(parts.scheme.lower()):
        host = f"{host}:{port}"
    scheme = "https" if parts.scheme.lower() == "http" else parts.scheme.lower()
    kept = sorted((name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if not _TRACKING.match(name))
    return urlunsplit((scheme, host, parts.path.rstrip("/"), urlencode(kept), ""))


def dated_id(day: date | None, *parts: str | None) -> UUID:
    """The UUID of what `parts` say, sorted under `day`."""
    stamp = 0 if day is None else int(day.strftime("%Y%m%d"), 16)
    tail = int(content_hash(*parts)[:24], 16)
    value = (stamp << 96) | tail
    value = (value & ~(0xF << 76)) | (0x8 << 76)  # version 8: custom
    value = (value & ~(0x3 << 62)) | (0x2 << 62)  # variant of RFC 9562
    return UUID(int=value)


def url_key(url: str) -> str:
    """The hash under which an article is known, whatever its date: 32 hexadecimal digits of its normalised address."""
    return content_hash(normalised_url(url))


def article_id(url: str, day: date | None) -> UUID:
    """The id of the article at `url`; `day` is the day of its publication (UTC), else that of its first fetch, else None."""
    return dated_id(day, "article", normalised_url(url))


def article_day(identifier: UUID) -> date | None:
    """The day that an id begins with."""
    digits = f"{identifier.int >> 96:08x}"
    return None if digits == "00000000" else date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))


def mention_ids(article: UUID, meetings: Sequence[Meeting]) -> tuple[UUID, ...]:
    """One id for each of an article's meetings, in their order.

    An id follows from the article and the parties, so that a better date, place or fuller first name, or a meeting found before
    it, changes no id; of meetings with equal parties the second and later ones are counted.
    """
    day, seen, ids = article_day(article), Counter[str](), []
    for meeting in meetings:
        parties = _SEPARATOR.join(sorted(_party(party) for party in meeting.participants))
        ids.append(dated_id(day, "mention", str(article), parties, str(seen[parties])))
        seen[parties] += 1
    return tuple(ids)


def _party(party: Participant) -> str:
    if party.name:
        return "name:" + party.name.casefold().split()[-1]
    return f"{party.role_class or party.kind}:{party.country or ''}:{(party.organization or '').casefold()}"
