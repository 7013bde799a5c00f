"""Addresses: which URLs are asked at all, when two of them are the same page, and which network addresses are public.

The network check belongs after the name look-up, on the very address that is connected to (`flows.fetching` puts it into the
socket factory): a check of the name, or of an earlier look-up, can be got round by a second answer of the name server.
"""

import hashlib
import ipaddress
from urllib.parse import parse_qsl, quote, unquote, urlencode, urljoin, urlsplit, urlunsplit

MAX_URL = 4_096
TRACKING = frozenset({
    "fbclid", "gclid", "dclid", "msclkid", "yclid", "igshid", "mc_cid", "mc_eid", "_ga", "_gl", "ref_src", "cmpid", "ito", "ncid", "ocid",
    "at_medium", "at_campaign", "traffic_source", "ftag", "smid", "partner", "ns_mchannel", "ns_source", "ns_campaign", "ns_linkname",
})  # fmt: skip
TRACKING_PREFIXES = ("utm_", "pk_", "mtm_", "at_custom", "at_ptr")
_DEFAULT_PORTS = {"http": 80, "https": 443}
_SAFE = "/%:@!$&'()*+,;=~-._"

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_NAT64_LOCAL = ipaddress.ip_network("64:ff9b:1::/48")
_SIX_TO_FOUR_RELAY = ipaddress.ip_network("192.88.99.0/24")
_IPV4_COMPATIBLE = ipaddress.ip_network("::/96")
_SITE_LOCAL = ipaddress.ip_network("fec0::/10")
_IPV4_TRANSLATED = ipaddress.ip_network("::ffff:0:0:0/96")


class BadAddress(Exception):
    """A URL that is never asked. The message says why."""


def check_url(url: str) -> str:
    """The URL as it is asked: absolute http(s), host in ASCII, no user name, no fragment. Raises BadAddress."""
    if len(url) > MAX_URL:
        raise BadAddress(f"longer than {MAX_URL} characters")
    text = url.strip()
    if any(ord(char) < 32 or ord(char) == 127 for char in text):
        raise BadAddress("control characters in it")
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise BadAddress(str(error)) from error
    if parts.scheme not in _DEFAULT_PORTS:
        raise BadAddress(f"scheme {parts.scheme or 'missing'!r} is not http or https")
    if parts.username is not None or parts.password is not None:
        raise BadAddress("a user name in it")
    if not host or host.startswith(".") or ".." in host:
        raise BadAddress("no host in it")
    ascii_host = _ascii_host(host)
    netloc = f"[{ascii_host}]" if ":" in ascii_host else ascii_host
    if port is not None and port != _DEFAULT_PORTS[parts.scheme]:
        netloc += f":{port}"
    path = quote((parts.path or "/").encode("utf-8", "surrogateescape"), safe=_SAFE)
    query = quote(parts.query.encode("utf-8", "surrogateescape"), safe=_SAFE + "?[]|")
    return urlunsplit((parts.scheme, netloc, path, query, ""))


def _ascii_host(host: str) -> str:
    if host.isascii():
        return host.lower().rstrip(".")
    try:
        return host.encode("idna").decode("ascii").lower().rstrip(".")
    except UnicodeError as error:
        raise BadAddress(f"host {host!r} is no host name") from error


def resolve_redirect(base: str, location: str) -> str:
    """Where a Location header points, checked. Raises BadAddress."""
    try:
        return check_url(urljoin(base, location.strip()))
    except ValueError as error:
        raise BadAddress(str(error)) from error


def host_of(url: str) -> str:
    """The host of a checked URL, with the port where it is not the usual one: what politeness is counted by."""
    return urlsplit(url).netloc


def origin_of(url: str) -> str:
    """Scheme, host and port of a checked URL: what a robots.txt is valid for."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def page_key(url: str) -> str:
    """The same for all spellings of one page's address: scheme, "www.", tracking parameters, their order and a last slash left out.

    Raises BadAddress for what `check_url` refuses.
    """
    parts = urlsplit(check_url(url))
    host = parts.netloc.removeprefix("www.")
    path = quote(unquote(parts.path), safe=_SAFE).rstrip("/") or "/"
    kept = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if not _is_tracking(name)]
    return host + path + ("?" + urlencode(sorted(kept)) if kept else "")


def _is_tracking(name: str) -> bool:
    lower = name.lower()
    return lower in TRACKING or lower.startswith(TRACKING_PREFIXES)


def title_key(title: str) -> str:
    """A short hash of a title that ignores case, spacing and punctuation."""
    letters = "".join(char for char in title.casefold() if char.isalnum())
    return hashlib.sha256(letters.encode()).hexdigest()[:24]


def is_public(address: str) -> bool:
    """Whether an IP address is one of the open internet, looking through every form that carries another address inside."""
    try:
        ip = ipaddress.ip_address(address.split("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv4Address):
        return _is_public_v4(ip)
    return _is_public_v6(ip)


def _is_public_v4(ip: ipaddress.IPv4Address) -> bool:
    return ip.is_global and not ip.is_multicast and not ip.is_reserved and ip not in _SIX_TO_FOUR_RELAY


def _is_public_v6(ip: ipaddress.IPv6Address) -> bool:
    if ip.ipv4_mapped is not None:
        return _is_public_v4(ip.ipv4_mapped)
    if ip.sixtofour is not None or ip.teredo is not None or ip in _NAT64_LOCAL or ip in _SITE_LOCAL:
        return False
    if ip in _NAT64:
        return _is_public_v4(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF))
    if ip in _IPV4_COMPATIBLE or ip in _IPV4_TRANSLATED:
        return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved
