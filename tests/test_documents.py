"""What the README and the analysts' guide show is what comes."""

import re
import shlex
from pathlib import Path

import pytest

from tests.documents import DOCUMENTS, ROOT, SAMPLE, comparable, run, shown_in

pytestmark = [pytest.mark.prefect, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("documents") / "data"
    done = run(shlex.join(("sidelines", *SAMPLE)), home)
    assert done.returncode == 0, done.stderr
    return home


@pytest.mark.parametrize("name", DOCUMENTS)
def test_commands_answer_as_shown(name: str, home: Path) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    examples = list(shown_in(text))
    assert len(examples) >= 3
    for shown in examples:
        done = run(shown.command, home)
        assert done.returncode == 0, f"{shown.command}\n{done.stderr}"
        assert comparable(done.stdout) == comparable(shown.answer), shown.command


def test_links_lead_somewhere() -> None:
    for path in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))):
        for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8")):
            if not target.startswith(("http://", "https://")):
                assert (path.parent / target).exists(), f"{path.name}: {target}"
