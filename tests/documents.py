"""The documents as programs: their `console` blocks are run, and what they show is compared with what comes.

`python -m tests.documents --write` runs them on a fresh sample and writes the answers into the documents.
"""

import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = ("README.md", "docs/ANALYSTS.md")
SAMPLE = ("run", "--source", "sample_harbour_post", "--source", "sample_meridian_wire")
_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A command as a document shows it, and the answer below it; empty where the document leaves it out."""

    command: str
    answer: str


def shown_in(text: str) -> Iterator[Shown]:
    for block in _BLOCK.findall(text):
        command, answer = None, ""
        for line in block.splitlines():
            if line.startswith("$ "):
                if command is not None:
                    yield Shown(command=command, answer=answer)
                command, answer = line.removeprefix("$ "), ""
            else:
                answer += line.rstrip() + "\n"
        if command is not None:
            yield Shown(command=command, answer=answer)


def run(command: str, home: Path) -> subprocess.CompletedProcess[str]:
    """Runs `sidelines ...` of a document in the folder of `home`."""
    program, *arguments = shlex.split(command)
    if program != "sidelines":
        raise ValueError(f"a document shows only sidelines commands: {command}")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "SIDELINES_"))}
    environment = {**kept, "SIDELINES_HOME": str(home), "SIDELINES_SPACING_SECONDS": "0.05", "COLUMNS": "100", "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-c", "from flows.cli import main; main()", *arguments],
        env=environment, cwd=home.parent, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip


def tidy(answer: str) -> str:
    """Without trailing blanks and blank lines at the ends."""
    return "\n".join(line.rstrip() for line in answer.splitlines()).strip("\n")


def comparable(answer: str) -> list[str]:
    """The lines in an order of their own, ids masked: the sample's addresses hold a port, so ids and the order of one day's rows vary."""
    masked = re.sub(r"\b20\d{6}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|^ [0-9a-f]{6}(?= )", "ID", tidy(answer), flags=re.MULTILINE)
    return sorted(re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:PORT", masked).splitlines())


def _rewritten(text: str, home: Path) -> str:
    def fresh(block: re.Match[str]) -> str:
        parts = []
        for shown in shown_in(block.group(0)):
            answer = tidy(run(shown.command, home).stdout)
            parts.append(f"$ {shown.command}\n" + (answer + "\n" if answer else ""))
        return "```console\n" + "".join(parts) + "```"

    return _BLOCK.sub(fresh, text)


def write() -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "data"
        done = run(shlex.join(("sidelines", *SAMPLE)), home)
        if done.returncode:
            sys.exit(done.stderr)
        for name in DOCUMENTS:
            path = ROOT / name
            path.write_text(_rewritten(path.read_text(encoding="utf-8"), home), encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[1:] != ["--write"]:
        sys.exit("usage: python -m tests.documents --write")
    write()
