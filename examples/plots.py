"""Plots from the published database: python examples/plots.py [data/published.duckdb] [plots.html].

Shows how little it takes to go from SQL to a picture: each plot is one query and one call.
"""

import sys
from pathlib import Path

import duckdb
from plotly import graph_objects, subplots

QUERIES = {
    "Countries that met most": "SELECT country AS x, count(DISTINCT meeting_id) AS y FROM participant_list WHERE country IS NOT NULL "
                               "GROUP BY ALL ORDER BY y DESC, x LIMIT 15",
    "Meetings by day": "SELECT day AS x, count(*) AS y FROM meeting WHERE day IS NOT NULL GROUP BY ALL ORDER BY x",
    "Topics": "SELECT topic AS x, count(*) AS y FROM meeting_topic GROUP BY ALL ORDER BY y DESC, x LIMIT 15",
    "Offices of those who met": "SELECT role_class AS x, count(*) AS y FROM participant_list WHERE role_class IS NOT NULL "
                                "GROUP BY ALL ORDER BY y DESC, x",
}  # fmt: skip


def draw(database: Path, target: Path) -> None:
    figure = subplots.make_subplots(rows=2, cols=2, subplot_titles=list(QUERIES))
    with duckdb.connect(str(database), read_only=True) as connection:
        for place, sql in enumerate(QUERIES.values()):
            rows = connection.execute(sql).fetchall()
            bars = graph_objects.Bar(x=[str(row[0]) for row in rows], y=[row[1] for row in rows], marker_color="#0b5c8a")
            figure.add_trace(bars, row=place // 2 + 1, col=place % 2 + 1)
    figure.update_layout(showlegend=False, height=850, title_text="Who met whom", template="plotly_white")
    figure.write_html(target, include_plotlyjs=True)


if __name__ == "__main__":
    given = [Path(argument) for argument in sys.argv[1:]]
    draw(*(given + [Path("data/published.duckdb"), Path("plots.html")][len(given) :]))
