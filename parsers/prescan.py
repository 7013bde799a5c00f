"""A linear look at markup before any parser sees it.

Every HTML and XML parser measured so far takes quadratic time on a tag with very many attributes, and several on very many tags. The
pattern below cuts markup into tags as the HTML standard's tokeniser does (quotes delimit only after an equals sign; comments, scripts and
CDATA sections are skipped whole); all of its quantifiers are possessive, so the scan never goes back and its time grows with the length.
"""

import re
from dataclasses import dataclass

MAX_ATTRIBUTES = 1_000
MAX_TAG_CHARACTERS = 1_500_000  # a picture written into a src attribute is long and honest
MAX_TAGS = 150_000

_VALUE = r"""=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>"']++)?"""
_COMMENT = r"<!--(?:[^-]++|-(?!->))*+"
_TAG = rf"""<(?P<name>[A-Za-z_][^\s/>]*+)(?:[^=>]++|{_VALUE})*+>?"""
_RAW_TEXT = rf"""<(?P<raw>script|style|textarea|xmp)(?=[\s/>])(?:[^=>]++|{_VALUE})*+>(?:[^<]++|<(?!/(?P=raw)))*+"""
_HTML = re.compile(rf"{_COMMENT}|{_RAW_TEXT}|{_TAG}", re.IGNORECASE)
_XML = re.compile(rf"{_COMMENT}|<!\[CDATA\[(?:[^\]]++|\](?!\]>))*+|{_TAG}")
_ATTRIBUTE = re.compile(rf"(?P<value>{_VALUE})|[^\s/>=]++")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """tags: opening tags seen. attributes: most attributes on one tag. longest: characters of the longest tag."""

    tags: int
    attributes: int
    longest: int

    def refusal(self) -> str | None:
        """Why no parser should see this markup, or None."""
        if self.attributes > MAX_ATTRIBUTES:
            return f"a tag with {self.attributes} attributes, at most {MAX_ATTRIBUTES} are read"
        if self.longest > MAX_TAG_CHARACTERS:
            return f"a tag of {self.longest} characters, at most {MAX_TAG_CHARACTERS} are read"
        if self.tags > MAX_TAGS:
            return f"{self.tags} tags, at most {MAX_TAGS} are read"
        return None


def scan_html(text: str) -> Scan:
    """Counts over an HTML page. Time grows with the length of `text` only."""
    return _scan(_HTML, text)


def scan_xml(text: str) -> Scan:
    """Counts over an XML document; what stands in CDATA sections is not looked at."""
    return _scan(_XML, text)


def _scan(pattern: re.Pattern[str], text: str) -> Scan:
    tags = attributes = longest = 0
    for match in pattern.finditer(text):
        tags += 1
        start, end = match.span()
        # fewer than two characters an attribute cannot be, so short tags need no count
        if end - start > 2 * MAX_ATTRIBUTES and match.group("name"):
            longest = max(longest, end - start)
            attributes = max(attributes, _count_attributes(text[match.end("name") : end]))
    return Scan(tags=tags, attributes=attributes, longest=longest)


def _count_attributes(text: str) -> int:
    return sum(1 for match in _ATTRIBUTE.finditer(text) if match.group("value") is None)
