"""One self-contained HTML file about the meetings of the published warehouse: no server, no network, everything inside.

`write_report` writes it from the published copy. `render` puts the meetings of a `warehouse.digest.Digest`, the chart library and the
page's own style and script into one text.
Nothing from an article is written as markup: the data goes in as compressed JSON, and the script shows it as text only.
"""

import base64
import gzip
import json
from datetime import date, datetime
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

import networkx
from plotly.offline import get_plotlyjs

from warehouse.connection import open_published
from warehouse.digest import Digest, DigestMeeting, DigestSource, read_digest

TEMPLATE = files("flows") / "report_page"


def write_report(published: Path, output: Path, *, now: datetime, since: date | None = None, until: date | None = None) -> Digest:
    """Writes the report of the published copy, all of it or nothing, and gives what is in it. Raises NotPublished.

    since, until: the first and the last day of its meetings; None for no bound.
    """
    connection = open_published(published)
    try:
        digest = read_digest(connection, since=since, until=until)
    finally:
        connection.close()
    made = f"Made by Sidelines {version('sidelines')} on {now:%Y-%m-%d %H:%M} UTC from {published.name}. Nothing in it is fetched."
    new = output.with_name(output.name + ".new")
    new.write_text(render(digest, today=now.date(), since=since, made=made), encoding="utf-8")
    new.replace(output)
    return digest


def render(digest: Digest, *, today: date, since: date | None, made: str) -> str:
    """The report as one HTML document. today: the day from which "to come" counts. made: one line on how the file came to be."""
    payload = json.dumps(_page_data(digest, today=today, since=since, made=made), ensure_ascii=False, separators=(",", ":")).encode()
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


def _page_data(digest: Digest, *, today: date, since: date | None, made: str) -> dict[str, object]:
    """What page.js reads. Days are ISO texts; a party's `person` is an index into `persons`."""
    persons: dict[str, int] = {}
    return {
        "today": today.isoformat(),
        "span": f"{_long(since)} to {_long(today)}" if since else f"until {_long(today)}",
        "colophon": made,
        "countries": dict(digest.countries),
        "meetings": [_meeting(meeting, persons) for meeting in digest.meetings],
        "persons": list(persons),
        "conflicts": [{"id": str(c.meeting_id), "field": c.field, "values": c.values} for c in digest.conflicts],
        "sources": [_source(source) for source in digest.sources],
        "layout": _layout(digest.meetings),
    }


def _meeting(meeting: DigestMeeting, persons: dict[str, int]) -> dict[str, object]:
    reported = meeting.first_reported.date() if meeting.first_reported else meeting.first_day
    return {
        "id": str(meeting.meeting_id),
        "date": _iso(meeting.start_date), "end": _iso(meeting.end_date), "precision": meeting.date_precision, "reported": _iso(reported),
        "status": meeting.status, "mode": meeting.mode,
        "city": meeting.city, "country": meeting.country, "venue": meeting.venue, "event": meeting.host_event,
        "topics": meeting.topics,
        "outcomes": [{"kind": o.kind, "text": o.text} for o in meeting.outcomes],
        "parties": [
            {"person": persons.setdefault(p.name, len(persons)) if p.name else None, "kind": p.kind, "role": p.role, "country": p.country,
             "organization": p.organization}
            for p in meeting.parties
        ],
        "reports": [
            {"url": r.url, "title": r.title, "publisher": r.publisher, "published": _iso(r.published and r.published.date()),
             "sentence": r.sentence}
            for r in meeting.reports
        ],
        "sources": meeting.outlets,
        "confidence": meeting.confidence,
    }


def _source(source: DigestSource) -> dict[str, object]:
    return {
        "name": source.name, "country": source.country, "articles": source.articles, "meetings": source.meetings,
        "newest": _iso(source.newest and source.newest.date()),
        "health": source.state.replace("_", " ") + (f": {source.reason.replace('_', ' ')}" if source.reason else ""),
    }


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _long(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _layout(meetings: tuple[DigestMeeting, ...]) -> dict[str, tuple[float, float]]:
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
    places = networkx.spring_layout(graph, seed=1, k=2.4 / len(graph) ** 0.5, iterations=120, weight="weight")
    return {code: (round(float(x), 3), round(float(y), 3)) for code, (x, y) in sorted(places.items())}
