"""One self-contained HTML file about the meetings of the published warehouse: no server, no network, everything inside.

`ReportData` is what the page's script reads; `render` puts it, the chart library and the page's own style and script into one file.
Nothing from an article is written as markup: the data goes in as compressed JSON, and the script shows it as text only.
"""

import base64
import gzip
import json
from dataclasses import asdict, dataclass
from importlib.resources import files

import networkx
from plotly.offline import get_plotlyjs

TEMPLATE = files("flows") / "report"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportParty:
    """person: index into `ReportData.persons`, None for an unnamed party. country: alpha-3 or None."""

    person: int | None
    kind: str
    role: str | None
    country: str | None
    organization: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One article's report of a meeting, with the sentence that proves it."""

    url: str
    title: str | None
    publisher: str | None
    published: str | None
    sentence: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportMeeting:
    """date, end, reported: ISO days or None. event: name shown for the host event. sources: outlets that tell of it."""

    id: str
    date: str | None
    end: str | None
    precision: str | None
    reported: str | None
    status: str
    mode: str
    city: str | None
    country: str | None
    venue: str | None
    event: str | None
    topics: tuple[str, ...]
    outcomes: tuple[dict[str, str], ...]
    parties: tuple[ReportParty, ...]
    reports: tuple[Report, ...]
    sources: int
    confidence: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportConflict:
    """Two or more values that outlets give for one field of one meeting."""

    id: str
    field: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportSource:
    name: str
    country: str | None
    articles: int
    meetings: int
    newest: str | None
    health: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportData:
    """All that the page shows. today: ISO day that "to come" counts from. countries: alpha-3 → English name."""

    today: str
    span: str
    colophon: str
    persons: tuple[str, ...]
    countries: dict[str, str]
    meetings: tuple[ReportMeeting, ...]
    conflicts: tuple[ReportConflict, ...]
    sources: tuple[ReportSource, ...]


def render(data: ReportData) -> str:
    """The report as one HTML document."""
    table = asdict(data) | {"layout": _layout(data.meetings)}
    payload = json.dumps(table, ensure_ascii=False, separators=(",", ":")).encode()
    parts = {
        "css": _read("page.css"),
        "js": _read("page.js"),
        "plotly": get_plotlyjs(),
        # 50,000 meetings are 40 MB of JSON and 4 MB compressed; base64 also holds nothing that could end the element
        "data": base64.b64encode(gzip.compress(payload, mtime=0)).decode("ascii"),
    }
    page = _read("page.html")
    for mark in ("/*{{css}}*/", "{{data}}", "/*{{plotly}}*/", "/*{{js}}*/"):
        before, found, after = page.partition(mark)
        if not found:
            raise ValueError(f"page.html has no {mark}")
        page = before + parts[mark.strip("/*{}")] + after
    return page


def _read(name: str) -> str:
    return (TEMPLATE / name).read_text(encoding="utf-8")


def _layout(meetings: tuple[ReportMeeting, ...]) -> dict[str, tuple[float, float]]:
    """A place on the plane for each country that met another: near those it met often (Fruchterman-Reingold, fixed seed)."""
    graph = networkx.Graph()
    for meeting in meetings:
        countries = sorted({party.country for party in meeting.parties if party.country})
        for index, first in enumerate(countries):
            for second in countries[index + 1 :]:
                weight = graph.get_edge_data(first, second, {"weight": 0})["weight"]
                graph.add_edge(first, second, weight=weight + 1)
    if not graph:
        return {}
    for _, _, edge in graph.edges(data=True):
        edge["weight"] **= 0.5  # a pair that meets weekly must not collapse into one dot
    places = networkx.spring_layout(graph, seed=1, k=1.6 / len(graph) ** 0.5, iterations=120, weight="weight")
    return {code: (round(float(x), 3), round(float(y), 3)) for code, (x, y) in sorted(places.items())}
