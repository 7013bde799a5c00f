"""The feeds of a site, found from the address of any of its pages: what the page announces, else where feeds usually lie.

Every candidate is asked for and read, so that what is found is a feed now, and is told with what it holds.
"""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urljoin

from flows.addresses import BadAddress, check_url, origin_of
from flows.fetching import Fetcher
from flows.outcomes import Answer, Kind, Request
from parsers.errors import FeedError, NotAFeed
from parsers.feed import parse_feed
from parsers.records import Feed

USUAL_PATHS = ("/feed", "/rss", "/rss.xml", "/feed.xml", "/atom.xml", "/index.xml", "/feeds", "/en/rss")
MOST_CANDIDATES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFeed:
    """A feed and where it lies. url: the address that answered, redirects followed."""

    url: str
    feed: Feed


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovery:
    """What came of looking. feeds: those with most entries first. refused: (address, reason) of what was tried and is no feed."""

    feeds: tuple[FoundFeed, ...]
    refused: tuple[tuple[str, str], ...]


async def find_feeds(fetcher: Fetcher, url: str, *, now: datetime) -> Discovery:
    """The feeds of the page at `url`, or that address itself where it is a feed. Never raises; a bad address is among the refused."""
    refused: dict[str, str] = {}
    start = await fetcher.fetch(Request(url=url, kind=Kind.FEED))
    found, announced = _read(start, refused, now=now)
    if found is not None:
        return Discovery(feeds=(found,), refused=())
    feeds: dict[str, FoundFeed] = {}
    for candidate in _candidates(url, announced):
        answer = await fetcher.fetch(Request(url=candidate, kind=Kind.FEED))
        found, _ = _read(answer, refused, now=now)
        if found is not None:
            feeds.setdefault(found.url, found)
            if not announced:
                break  # the usual places all lead to the same feed
    ranked = sorted(feeds.values(), key=lambda feed: -len(feed.feed.items))
    return Discovery(feeds=tuple(ranked), refused=tuple(refused.items()))


def _read(answer: Answer, refused: dict[str, str], *, now: datetime) -> tuple[FoundFeed | None, tuple[str, ...]]:
    """The feed of an answer, or the feeds that it announces, being a page; what it is not is noted in `refused`."""
    if not answer.ok:
        refused[answer.request.url] = f"{answer.reason}: {answer.detail}" if answer.detail else str(answer.reason)
        return None, ()
    try:
        return FoundFeed(url=answer.url, feed=parse_feed(answer.body, url=answer.url, headers=answer.header_map(), now=now)), ()
    except NotAFeed as error:
        refused[answer.request.url] = error.reason
        return None, error.feed_urls
    except FeedError as error:
        refused[answer.request.url] = error.reason
        return None, ()


def _candidates(url: str, announced: tuple[str, ...]) -> tuple[str, ...]:
    if announced:
        return announced[:MOST_CANDIDATES]
    try:
        origin = origin_of(check_url(url))
    except BadAddress:
        return ()
    return tuple(urljoin(origin, path) for path in USUAL_PATHS)
