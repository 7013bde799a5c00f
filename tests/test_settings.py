"""Settings: every wrong one names its place, key and reason in one line; the environment wins over the file."""

from pathlib import Path

import pytest

from flows.settings import SETTINGS_FILE, Settings, SettingsError, load_settings, settings_table
from warehouse.connection import WarehousePaths


@pytest.fixture(autouse=True)
def _empty_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"SIDELINES_{name.upper()}", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_defaults_need_nothing() -> None:
    settings = load_settings()
    assert settings.home == Path("data")
    assert settings.ledger == Path("data/ledger.sqlite3")
    assert settings.user_agent.startswith("Sidelines/")
    assert not settings.allow_private_networks


def test_the_warehouse_lies_where_the_settings_say() -> None:
    settings = load_settings(home=Path("elsewhere"))
    paths = WarehousePaths.under(settings.home)
    assert (paths.inbox, paths.database, paths.published) == (settings.inbox, settings.warehouse, settings.published)


def test_environment_wins_over_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / SETTINGS_FILE).write_text('per_host = 3\nspacing_seconds = 2.5\ncontact = "editor@example.org"\n')
    monkeypatch.setenv("SIDELINES_PER_HOST", "7")
    settings = load_settings()
    assert (settings.per_host, settings.spacing_seconds) == (7, 2.5)
    assert "+editor@example.org" in settings.user_agent


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("per_hots = 3", ("sidelines.toml", "per_hots", "unknown")),
        ('per_host = "many"', ("sidelines.toml", "per_host", "integer", "many")),
        ("per_host = 0", ("sidelines.toml", "per_host", "greater")),
        ("per_host = ", ("sidelines.toml", "not TOML")),
        ("interval_floor_minutes = 1000", ("interval_floor_minutes", "interval_ceiling_minutes")),
        ('contact = "a\\r\\nX: y"', ("contact", "one line")),
    ],
)
def test_wrong_file_is_named_in_one_line(tmp_path: Path, text: str, words: tuple[str, ...]) -> None:
    (tmp_path / SETTINGS_FILE).write_text(text)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    message = str(caught.value)
    assert "\n" not in message
    assert all(word in message for word in words), message


@pytest.mark.parametrize(("variable", "value"), [("SIDELINES_PER_HOTS", "3"), ("SIDELINES_PER_HOST", "x"), ("SIDELINES_JITTER", "9")])
def test_wrong_variable_is_named(monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError, match=f"environment: {variable}: "):
        load_settings()


def test_override_wins_and_settings_are_frozen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIDELINES_PER_HOST", "7")
    settings = load_settings(per_host=1)
    assert settings.per_host == 1
    with pytest.raises(ValueError, match="frozen"):
        settings.per_host = 2  # type: ignore[misc]


def test_the_documents_tell_all_settings() -> None:
    """After a change: write what `settings_table` gives into docs/settings.md."""
    text = (Path(__file__).parent.parent / "docs" / "settings.md").read_text(encoding="utf-8")
    assert settings_table() in text
    assert all(field.description for field in Settings.model_fields.values())
