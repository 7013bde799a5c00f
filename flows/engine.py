"""Where Prefect lives: its folder, its settings for this process, and a temporary server for `sidelines run`.

Prefect reads its environment when it is imported, so `prepare` comes before the first import of Prefect in a process.
"""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from pathlib import Path

from flows.settings import ENV_PREFIX, Settings

SERVER_MARK = "prefect.server.api.server"
STARTUP_SECONDS = 180
DRAIN_SECONDS = 10.0
ROOT = Path(__file__).resolve().parent.parent
"""The project's folder, with prefect.yaml and the settings of Prefect in pyproject.toml."""


class NoServer(Exception):
    """Prefect's server does not answer, or cannot be started. The message is one line."""


def prepare(settings: Settings, environment: MutableMapping[str, str] = os.environ, *, quiet: bool = True) -> None:
    """Sets what Prefect reads: quiet logs on the terminal, no telemetry, and its home under ours unless a server is given.

    What the caller's environment already says is left as it is.
    """
    environment.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
    environment.setdefault("DO_NOT_TRACK", "1")
    environment.setdefault("PREFECT_LOGGING_EXTRA_LOGGERS", "parsers,warehouse,flows")
    environment.setdefault("PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW", "ignore")  # our loggers speak outside flow runs, too
    if quiet:
        environment.setdefault("PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL", "CRITICAL")
    if not environment.get("PREFECT_API_URL"):
        environment.setdefault("PREFECT_HOME", str((settings.home / "prefect").absolute()))
        Path(environment["PREFECT_HOME"]).mkdir(parents=True, exist_ok=True)


def child_environment(settings: Settings) -> dict[str, str]:
    """The environment of a child process that may run in another folder: every setting that is not at its default, home absolute."""
    changed = {
        f"{ENV_PREFIX}{name.upper()}": str(getattr(settings, name))
        for name in Settings.model_fields
        if getattr(settings, name) != Settings.model_fields[name].default
    }
    return {**os.environ, **changed, f"{ENV_PREFIX}HOME": str(settings.home.absolute())}


@contextmanager
def server_of(settings: Settings) -> Iterator[str]:
    """The address of the API that flows report to: `PREFECT_API_URL` where it is set, else a temporary server for this block.

    A temporary server that a killed run has left behind is ended first. Raises NoServer.
    """
    import httpx
    from prefect.settings import PREFECT_API_URL, PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings

    if given := PREFECT_API_URL.value():
        _ask_health(str(given))
        yield str(given)
        return
    from prefect.server.api.server import SubprocessASGIServer

    pid_file = settings.home / "prefect" / "temporary-server.pid"
    pid_file.parent.mkdir(parents=True, exist_ok=True)
    end_left_over(pid_file, SERVER_MARK)
    server = SubprocessASGIServer()
    try:
        try:
            server.start(timeout=STARTUP_SECONDS)
        except (RuntimeError, httpx.HTTPError) as error:
            raise NoServer(f"Prefect's temporary server does not start: {error}") from error
        assert server.server_process is not None
        pid_file.write_text(str(server.server_process.pid), encoding="ascii")
        # No heartbeat: nobody watches a server that lives as long as its only run, and its thread costs a second at the end.
        with temporary_settings({PREFECT_API_URL: server.api_url, PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
            yield server.api_url
            _send_what_waits()
    finally:
        server.stop()
        pid_file.unlink(missing_ok=True)


def _ask_health(url: str) -> None:
    """Raises NoServer where the server of `PREFECT_API_URL` cannot be reached; what it answers is Prefect's own business."""
    import httpx

    try:
        httpx.get(f"{url.rstrip('/')}/health", timeout=10)
    except httpx.HTTPError as error:
        raise NoServer(f"Prefect's server at {url} does not answer ({error}): unset PREFECT_API_URL to run without one") from error


def _send_what_waits() -> None:
    """Sends the log lines and events that Prefect's background threads still hold."""
    from prefect.events.worker import EventsWorker
    from prefect.logging.handlers import APILogWorker

    for service in (APILogWorker, EventsWorker):
        service.drain_all(timeout=DRAIN_SECONDS)


def end_left_over(pid_file: Path, mark: str, *, seconds: float = 10.0) -> bool:
    """Ends the process that a killed run wrote down, if it is still there and still what it was; says whether it did."""
    try:
        pid = int(pid_file.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return False
    pid_file.unlink(missing_ok=True)
    if mark not in command_of(pid):
        return False
    for sign in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, sign)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if mark not in command_of(pid):
                return True
            time.sleep(0.1)
    return True


def command_of(pid: int) -> str:
    """The command line of a living process; empty where there is none."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except FileNotFoundError:
        if Path("/proc/self").exists():
            return ""
    except OSError:
        return ""
    try:
        return subprocess.run(["ps", "-o", "args=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    except OSError:
        return ""
