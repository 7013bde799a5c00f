"""Names as people type them → codes of the catalogue."""

import typer


def country_code(text: str) -> str:
    """The alpha-3 code of a country given by code or English name. A wrong one is bad use of the command."""
    from parsers.catalog import countries

    if text.upper() in countries():
        return text.upper()
    found = {hit.alpha3 for hit in countries().find(text)}
    if len(found) == 1:
        return found.pop()
    raise typer.BadParameter(f"{text!r} is no country's alpha-3 code or English name")
