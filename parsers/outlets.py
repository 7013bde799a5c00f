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
_ALPHA2 = {
    row.split(":")[0]: row.split(":")[1]
    for row in (
        "ir:IRN sa:SAU ae:ARE qa:QAT kw:KWT bh:BHR om:OMN sy:SYR lb:LBN jo:JOR iq:IRQ ye:YEM ps:PSE il:ISR eg:EGY ly:LBY tn:TUN dz:DZA ma:MAR sd:SDN "
        "tr:TUR ru:RUS ua:UKR by:BLR md:MDA ge:GEO am:ARM az:AZE kz:KAZ uz:UZB kg:KGZ tj:TJK tm:TKM mn:MNG cn:CHN tw:TWN hk:HKG kr:KOR kp:PRK jp:JPN "
        "vn:VNM la:LAO kh:KHM th:THA mm:MMR my:MYS sg:SGP id:IDN ph:PHL bn:BRN tl:TLS in:IND pk:PAK bd:BGD np:NPL bt:BTN lk:LKA mv:MDV af:AFG ke:KEN "
        "tz:TZA ug:UGA rw:RWA bi:BDI et:ETH er:ERI so:SOM dj:DJI ss:SSD ng:NGA gh:GHA gm:GMB sl:SLE lr:LBR sn:SEN ml:MLI ci:CIV bf:BFA ne:NER td:TCD "
        "cm:CMR ga:GAB cg:COG cd:COD ao:AGO zm:ZMB zw:ZWE mw:MWI mz:MOZ na:NAM bw:BWA za:ZAF ls:LSO sz:SWZ mg:MDG mu:MUS sc:SYC br:BRA ar:ARG uy:URY "
        "py:PRY bo:BOL pe:PER ec:ECU ve:VEN cl:CHL mx:MEX gt:GTM hn:HND sv:SLV ni:NIC cr:CRI pa:PAN cu:CUB do:DOM ht:HTI jm:JAM gy:GUY sr:SUR bb:BRB "
        "fj:FJI pg:PNG sb:SLB vu:VUT ws:WSM nz:NZL au:AUS ca:CAN uk:GBR ie:IRL fr:FRA de:DEU it:ITA es:ESP pt:PRT nl:NLD be:BEL lu:LUX ch:CHE at:AUT "
        "dk:DNK se:SWE no:NOR fi:FIN is:ISL pl:POL cz:CZE sk:SVK hu:HUN ro:ROU bg:BGR rs:SRB hr:HRV si:SVN ba:BIH mk:MKD al:ALB gr:GRC cy:CYP mt:MLT "
        "lt:LTU lv:LVA ee:EST va:VAT"
    ).split()
}


@cache
def _table() -> tuple[tuple[tuple[re.Pattern[str], str], ...], tuple[tuple[str, str], ...]]:
    names: list[tuple[re.Pattern[str], str]] = []
    domains: list[tuple[str, str]] = []
    for row in read_tsv(_FILE, columns=("name", "alpha3", "domains"), required=("name", "alpha3"), key="name"):
        if row["alpha3"] not in countries():
            raise CatalogError(_FILE, row["name"], f"no state has the code {row['alpha3']!r}")
        # "Business Daily" is not the "Aju Business Daily": the name begins the publisher's, or the part after a slash
        names.append((re.compile(rf"(?:^|/ ?|\()(?:The )?{re.escape(row['name'])}(?!\w)"), row["alpha3"]))
        domains.extend((domain, row["alpha3"]) for domain in split_list(row["domains"]))
    names.sort(key=lambda pair: -len(pair[0].pattern))
    return tuple(names), tuple(domains)


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
        return _ALPHA2.get(match["tld"])
    return "USA" if host.endswith((".gov", ".mil")) else None
