"""Fits the confidence of records on half of the labelled articles and shows on the other half what it is worth.

usage: python -m bench.calibration [--write]

Halves are told apart by the article's id, so that they stay the same from run to run. --write fits on the first half and stores the
coefficients in parsers/data/confidence.toml. A record is right where the judge pairs it with a gold one (bench/judging.py).
"""

import argparse
import sys
import zlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np

from bench.accuracy import gold_sets, reliability
from bench.judging import judge
from flows.exchange import article_of, meeting_form
from parsers import recording
from parsers.confidence import SIGNS, signs
from parsers.meetings import extract
from parsers.mentions import Party
from parsers.merging import Draft

DATA = Path(__file__).parent.parent / "parsers" / "data" / "confidence.toml"
RIDGE = 1.0  # weight of the penalty on large coefficients
STEPS = 60

Row = Mapping[str, Any]


def first_half(row: Row) -> bool:
    return zlib.crc32(str(row["id"]).encode()) % 2 == 0


def observe(rows: Iterable[Row]) -> tuple[np.ndarray, np.ndarray]:
    """Signs and verdict of every predicted record that gold requires or refutes (background records are left out)."""
    seen: list[list[float]] = []

    def remember(draft: Draft, members: Sequence[Party]) -> float:
        found = signs(draft, members)
        seen.append([found[name] for name in SIGNS])
        return (len(seen) - 1) / 1000  # a number by which the judge's row leads back to the signs

    x: list[list[float]] = []
    y: list[float] = []
    with patch.object(recording, "weigh", remember), patch.object(recording, "LEAST", -1.0):
        for row in rows:
            seen.clear()
            predicted = [meeting_form(meeting) for meeting in extract(article_of(row))]
            for mark, right in judge([row], {row["id"]: predicted}).weighed:
                x.append(seen[round(mark * 1000)])
                y.append(float(right))
    return np.array(x), np.array(y)


def fit(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Ridge logistic regression by Newton's method; the bias is not penalised."""
    weights = np.zeros(x.shape[1])
    penalty = np.full(x.shape[1], RIDGE)
    penalty[SIGNS.index("bias")] = 0.0
    for _ in range(STEPS):
        p = 1 / (1 + np.exp(-x @ weights))
        gradient = x.T @ (p - y) + penalty * weights
        curvature = (x.T * (p * (1 - p))) @ x + np.diag(penalty + 1e-6)
        weights = weights - np.linalg.solve(curvature, gradient)
    return weights


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    rows = [row for name, part in gold_sets().items() for row in part]
    x, y = observe(row for row in rows if first_half(row))
    other_x, other_y = observe(row for row in rows if not first_half(row))
    weights = fit(x, y)
    for title, a, b in (("fitted on", x, y), ("tested on", other_x, other_y)):
        p = 1 / (1 + np.exp(-a @ weights))
        print(f"{title} {len(b)} records, Brier score {np.mean((p - b) ** 2):.3f}")
        print(reliability(list(zip(p.tolist(), (b > 0).tolist(), strict=True))))
    if options.write:
        lines = ["# Fitted by `python -m bench.calibration --write`; the signs are told in parsers/confidence.py.", "[coefficients]"]
        lines += [f"{name} = {value:.4f}" for name, value in zip(SIGNS, weights, strict=True)]
        DATA.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
