"""The errors that parsers raise, and no others, whatever the bytes.

    ParseError
    ├── FeedError          the bytes are no feed that can be read
    │   ├── NotAFeed       an HTML page, an empty body, some other format
    │   └── FeedTooLarge   over the cap of bytes, or a tag that no honest feed has
    ├── PageError          the bytes are no article page that can be read
    │   ├── NotAPage       binary, empty, or no text at all
    │   └── PageTooLarge   over the cap of bytes, or a tag that no honest page has
    └── CatalogError       a file under data/ is wrong: names the file, the line or key, and the reason
"""


class ParseError(Exception):
    """Base of all declared errors. `reason` is a stable short code for ledgers and counts ("not_a_feed")."""

    reason = "parse_error"


class FeedError(ParseError):
    reason = "feed_error"


class NotAFeed(FeedError):
    """The body is not a feed. `feed_urls` holds the feeds that the page announces, if it is a page."""

    reason = "not_a_feed"

    def __init__(self, message: str, *, feed_urls: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.feed_urls = feed_urls

    def __reduce__(self) -> tuple[object, ...]:
        return (_not_a_feed, (str(self), self.feed_urls))


def _not_a_feed(message: str, feed_urls: tuple[str, ...]) -> NotAFeed:
    return NotAFeed(message, feed_urls=feed_urls)


class FeedTooLarge(FeedError):
    reason = "feed_too_large"


class PageError(ParseError):
    reason = "page_error"


class NotAPage(PageError):
    reason = "not_a_page"


class PageTooLarge(PageError):
    reason = "page_too_large"


class CatalogError(ParseError):
    """A data file that a person edited is wrong."""

    reason = "catalog_error"

    def __init__(self, file: str, where: str, message: str) -> None:
        super().__init__(f"{file}: {where}: {message}")
        self.file, self.where, self.message = file, where, message

    def __reduce__(self) -> tuple[object, ...]:
        return (CatalogError, (self.file, self.where, self.message))
