"""Everything that can be set, in one validated object.

Values come from the environment (``SIDELINES_HOME``, ``SIDELINES_CONTACT`` ...) and from ``sidelines.toml`` in the working directory
(the same names without the prefix, in lower case); the environment wins. An unknown key or a wrong value is a `SettingsError` whose
message is one line: where it was set, the key and the reason.
"""

import os
import tomllib
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any, ClassVar

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

ENV_PREFIX = "SIDELINES_"
SETTINGS_FILE = "sidelines.toml"
MEGABYTE = 1_000_000

Seconds = Annotated[float, Field(gt=0)]
Count = Annotated[int, Field(ge=1)]


class SettingsError(Exception):
    """A setting is wrong. The message is one line and names the place, the key and the reason."""


class Settings(BaseSettings):
    """All settings, checked and frozen. Durations are seconds or minutes as the name says; sizes are bytes after decompression."""

    model_config: ClassVar[SettingsConfigDict] = SettingsConfigDict(
        env_prefix=ENV_PREFIX, extra="forbid", frozen=True, toml_file=SETTINGS_FILE, env_ignore_empty=True
    )

    home: Path = Field(default=Path("data"), description="folder of all state: archive, inbox, warehouse, published copy, ledger")
    contact: str = Field(default="", max_length=200, description="address or URL that site owners can write to; goes into the User-Agent")
    allow_private_networks: bool = Field(default=False, description="ask private and loopback addresses too; for tests only")
    seed: int = Field(default=0, description="seed of the jitter, so that a run can be repeated exactly")

    # what one answer may cost
    feed_bytes: Count = Field(default=5 * MEGABYTE, description="largest feed, decoded")
    page_bytes: Count = Field(default=4 * MEGABYTE, description="largest page, decoded")
    robots_bytes: Count = Field(default=512_000, description="largest robots.txt, decoded; the rest is not read")
    feed_seconds: Seconds = Field(default=15.0, description="total deadline of one feed, redirects included, queueing for the host not")
    page_seconds: Seconds = Field(default=20.0, description="total deadline of one page, redirects included, queueing for the host not")
    connect_seconds: Seconds = Field(default=10.0, description="deadline of one connection, name look-up and TLS included")
    redirects: Annotated[int, Field(ge=0, le=20)] = Field(default=5, description="redirects followed before giving up")

    # politeness
    per_host: Count = Field(default=2, description="requests under way to one host at a time")
    spacing_seconds: Annotated[float, Field(ge=0)] = Field(default=1.0, description="least time from one start to the next at one host")
    crawl_delay_cap_seconds: Seconds = Field(default=60.0, description="longest Crawl-delay of a robots.txt that is waited for")
    connections: Count = Field(default=40, description="requests under way in all")
    robots_for_feeds: bool = Field(default=True, description="obey robots.txt for feeds too, not only for pages")
    robots_hours: Seconds = Field(default=24.0, description="how long a fetched robots.txt holds")
    host_failures: Count = Field(default=3, description="failures of a host in a row after which the rest of a run leaves it alone")

    # when to ask
    interval_floor_minutes: Seconds = Field(default=60.0, description="least time between polls of a feed with validators")
    interval_floor_full_minutes: Seconds = Field(default=120.0, description="least time between polls of a feed without validators")
    interval_start_minutes: Seconds = Field(default=120.0, description="interval of a feed of which nothing is known")
    interval_ceiling_minutes: Seconds = Field(default=360.0, description="longest interval of a feed in good health")
    jitter: Annotated[float, Field(ge=0, le=0.5)] = Field(default=0.1, description="share of the interval that is random")
    page_attempts: Count = Field(default=5, description="tries of a page before it is given up")

    # how much at once
    workers: Count = Field(default=max(1, os.cpu_count() or 1), description="processes that read and extract pages")
    batch_pages: Count = Field(default=500, description="pages of one run of the ingest flow")
    parse_seconds: Seconds = Field(default=10.0, description="deadline of reading one feed or page in a worker")
    parse_bytes: Count = Field(default=1_000 * MEGABYTE, description="memory limit of one worker, bytes")

    @field_validator("contact")
    @classmethod
    def _one_line(cls, value: str) -> str:
        if not value.isprintable() or not value.isascii():
            raise ValueError("must be one line of ASCII: it becomes part of a header")
        return value.strip()

    @model_validator(mode="after")
    def _ordered(self) -> "Settings":
        if self.interval_floor_minutes > self.interval_ceiling_minutes:
            raise ValueError("interval_floor_minutes is over interval_ceiling_minutes")
        return self

    # ── places ──

    @property
    def archive(self) -> Path:
        """Folder of the WARC files."""
        return self.home / "archive"

    @property
    def inbox(self) -> Path:
        """Folder into which bundles are renamed, and from which the loader takes them."""
        return self.home / "inbox"

    @property
    def warehouse(self) -> Path:
        """The DuckDB file that only the loader opens."""
        return self.home / "warehouse.duckdb"

    @property
    def published(self) -> Path:
        """The DuckDB file for readers, replaced as a whole."""
        return self.home / "published.duckdb"

    @property
    def ledger(self) -> Path:
        """The SQLite file of what is known of sources, items, pages and runs."""
        return self.home / "ledger.sqlite3"

    # ── derived values ──

    @property
    def user_agent(self) -> str:
        """What every request says of itself: name, version, purpose, and whom to write to."""
        contact = f"+{self.contact}; " if self.contact else ""
        return f"Sidelines/{version('sidelines')} ({contact}news meeting records)"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)


def load_settings(**overrides: Any) -> Settings:
    """The settings of this process; `overrides` (from a command line) win over the environment and the file.

    Raises SettingsError on the first wrong key or value.
    """
    _refuse_unknown_variables(os.environ)
    try:
        return Settings(**overrides)
    except ValidationError as error:
        raise SettingsError(_explain(error)) from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{SETTINGS_FILE}: not TOML: {error}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{SETTINGS_FILE}: cannot be read: {error}") from error


def settings_table() -> str:
    """All settings as a Markdown table: name, value where nothing is set, meaning. docs/settings.md holds it."""
    lines = ["| setting | default | what it is |", "| --- | --- | --- |"]
    for name, field in Settings.model_fields.items():
        default = "number of processors" if name == "workers" else str(field.default) if field.default != "" else "(none)"
        lines.append(f"| `{name}` | {default} | {field.description} |")
    return "\n".join(lines) + "\n"


def _refuse_unknown_variables(environment: Mapping[str, str]) -> None:
    for variable in sorted(environment):
        name = variable.upper()
        if name.startswith(ENV_PREFIX) and name.removeprefix(ENV_PREFIX).lower() not in Settings.model_fields:
            raise SettingsError(f"environment: {variable}: unknown setting; known are {', '.join(sorted(Settings.model_fields))}")


def _explain(error: ValidationError) -> str:
    """The first fault in one line: where the value was set, its key, the reason and the value."""
    first = error.errors(include_url=False)[0]
    key = ".".join(str(part) for part in first["loc"])
    reason = first["msg"].removeprefix("Value error, ")
    if not key:
        return f"settings: {reason}"
    if first["type"] == "extra_forbidden":
        return f"{SETTINGS_FILE}: {key}: unknown setting; known are {', '.join(sorted(Settings.model_fields))}"
    variable = ENV_PREFIX + key.upper()
    place = f"environment: {variable}" if any(name.upper() == variable for name in os.environ) else f"{SETTINGS_FILE}: {key}"
    return f"{place}: {reason} (is {first['input']!r})"
