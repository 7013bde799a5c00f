"""For which country an outlet writes: what "the Foreign Minister" with no nation means in it."""

import re
from functools import cache
from urllib.parse import urlsplit

from parsers.catalog import countries, read_tsv, split_list
from parsers.errors import CatalogError

_FILE = "outlets.tsv"
# Second-level labels under a country's domain that only its state may use ("mfa.gov.sa", "mofa.go.ke"), and the state's own domains.
_STATE_HOST = re.compile(r"\.(?:gov|govt|go|gob|gouv|gub|gc|mil)\.(?P<tld>[a-z]{2})$")
_HOME_TLD = re.compile(r"\.(?P<tld>[a-z]{2})$")


@cache
def _table() -> tuple[tuple[tuple[re.Pattern[str], str], ...], tuple[tuple[str, str], ...]]:
    names: list[tuple[re.Pattern[str], str]] = []
    domains: list[tuple[str, str]] = []
    for row in read_tsv(_FILE, columns=("name", "alpha3", "domains"), required=("name", "alpha3"), key="name"):
        if row["alpha3"] not in countries():
            raise CatalogError(_FILE, row["name"], f"no state has the code {row['alpha3']!r}")
        # "Business Daily" is not the "Aju Business Daily": the name begins the publisher's, or the part after a slash
        names.append(
            (
                re.compile(rf"(?:^|/ ?|\()(?:The )?{re.escape(row['name'])}(?!\w)", re.IGNORECASE if len(row["name"]) > 5 else 0),
                row["alpha3"],
            )
        )
        domains.extend((domain, row["alpha3"]) for domain in split_list(row["domains"]))
    names.sort(key=lambda pair: -len(pair[0].pattern))
    return tuple(names), tuple(domains)


@cache
def _domains() -> dict[str, str]:
    rows = read_tsv("country_domains.tsv", columns=("tld", "alpha3"), required=("tld", "alpha3"), key="tld")
    return {row["tld"]: row["alpha3"] for row in rows}


def home_country(publisher: str | None, url: str) -> str | None:
    """Alpha-3 code of the country that the outlet writes for; None for international ones and where unknown.

    By the table first, then a state named in the publisher's name ("Ministry of Foreign Affairs of Japan"), then a domain of a state.
    """
    names, domains = _table()
    host = (urlsplit(url).hostname or "") if "://" in url else ""
    for pattern, code in names:
        if publisher and pattern.search(publisher):
            return code
    for domain, code in domains:
        if host == domain or host.endswith("." + domain):
            return code
    if publisher:
        stated = {hit.alpha3 for hit in countries().find(publisher)}
        if len(stated) == 1:
            return stated.pop()
    match = _STATE_HOST.search(host) or _HOME_TLD.search(host)
    if match:
        return _domains().get(match["tld"])
    return "USA" if host.endswith((".gov", ".mil")) else None
