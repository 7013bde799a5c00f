"""Markup and messy strings → plain text, in one pass each.

`plain` reads the escaped HTML of feeds: no tree is built, so hostile nesting costs nothing. `tidy` is the last step of every article's
body: after it the text is never changed again, since offsets of evidence count in it.
"""

import html
import re
import unicodedata

_BLOCKS = frozenset(
    re.findall(
        r"\w+",
        "address article aside blockquote br dd div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr li main nav "
        "ol p pre section table tbody td tfoot th thead tr ul",
    )
)
_SILENT = frozenset({"script", "style", "iframe", "noscript", "template", "object"})
_TAG_NAME = re.compile(r"/?([A-Za-z][A-Za-z0-9:-]*)")
_SPACES = re.compile(r"[^\S\n]+")
_LINE_ENDS = re.compile(r" ?\n ?")
_BLANK_LINES = re.compile(r"\n{2,}")
_INVISIBLE = dict.fromkeys([0xAD, 0x200B, 0x200E, 0x200F, 0x2060, 0xFEFF, *range(0x202A, 0x202F), *range(0x2066, 0x206A)])
_BREAKS = {0x0B: "\n", 0x0C: "\n", 0x0D: "\n", 0x85: "\n", 0x2028: "\n", 0x2029: "\n\n"}
_CHARACTERS = {**_INVISIBLE, **_BREAKS}


def plain(markup: str) -> str:
    """The text of an HTML fragment, paragraphs parted by a blank line; "" for none. Linear in the length of `markup`.

    Cuts at every "<", so a "<" inside an attribute's value ends the tag early: that costs a few characters of attribute in the text of a
    broken fragment, and saves a tokeniser that an attacker can slow down.
    """
    if "<" not in markup and "&" not in markup:
        return tidy(markup)
    first, *pieces = markup.split("<")
    out = [first]
    silent: str | None = None
    in_comment = False
    for piece in pieces:
        if in_comment:
            in_comment, piece = "-->" not in piece, piece.partition("-->")[2]
            if not in_comment and silent is None:
                out.append(piece)
            continue
        if piece.startswith("!--"):
            end = piece.find("-->", 3)
            in_comment = end < 0
            if end >= 0 and silent is None:
                out.append(piece[end + 3 :])
            continue
        name = _TAG_NAME.match(piece)
        if name is None:
            silent_text = silent is not None
            if piece.startswith(("!", "?", "/")):
                piece = piece.partition(">")[2]
            elif not silent_text:
                out.append("<")
            if not silent_text:
                out.append(piece)
            continue
        tag, closing = name.group(1).lower(), piece.startswith("/")
        if silent is not None:
            if closing and tag == silent:
                silent = None
                out.append(piece.partition(">")[2])
            continue
        head, mark, tail = piece.partition(">")
        if not mark:
            out.append("<" + piece if not closing else "")
            continue
        if tag in _SILENT and not closing and not head.endswith("/"):
            silent = tag
            continue
        if tag in _BLOCKS:
            out.append("\n" if tag in {"br", "li", "tr", "td", "th"} else "\n\n")
        out.append(tail)
    return tidy(html.unescape("".join(out)))


def tidy(text: str) -> str:
    """NFC, one kind of space and line end, no invisible characters, paragraphs parted by exactly one blank line, stripped."""
    text = unicodedata.normalize("NFC", text.translate(_CHARACTERS))
    text = _SPACES.sub(" ", text)
    text = _LINE_ENDS.sub("\n", text)
    return _BLANK_LINES.sub("\n\n", text).strip()


def line(text: str, limit: int | None = None) -> str:
    """`tidy` on one line, cut at `limit` characters."""
    joined = " ".join(tidy(text if limit is None else text[: 4 * limit]).split())
    return joined if limit is None else joined[:limit].rstrip()
