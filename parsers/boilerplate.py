"""An extracted body → the text of the article: paragraphs parted by a blank line, with what is not the report cut off.

After this step the text is never changed again, since offsets of evidence count in it.
"""

import re

from parsers.text import tidy

_WORDS = re.compile(r"\w+")


def clean_body(extracted: str, *, title: str | None) -> str:
    """The article's text of an extracted body whose lines are its paragraphs."""
    lines = [paragraph for raw in extracted.split("\n") if (paragraph := tidy(raw))]
    return "\n\n".join(lines)
