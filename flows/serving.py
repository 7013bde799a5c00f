"""`sidelines serve`: a Prefect server, a worker, the deployments and automations, and the sample site, on one machine.

The children run in groups of their own, so that Ctrl-C reaches this process alone and the order of the end is ours: worker, then server.
A child that dies is started again. What a killed `serve` has left behind is ended at the next start, by the process ids that it wrote down.
"""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from flows.engine import ROOT, child_environment, end_left_over, prepare
from flows.locking import hold, let_go
from flows.sample import keep_sample
from flows.settings import Settings

HOST = "127.0.0.1"
READY_SECONDS = 180.0
GRACE_SECONDS = 30.0
MAX_DEATHS = 5
DEATHS_WITHIN = 600.0
Say = Callable[[str], None]


class ServeFailed(Exception):
    """Serving cannot begin, or go on. The message is one line."""


class Stop(Exception):
    """Somebody asked for an end."""


@dataclass(slots=True)
class Child:
    """One supervised process. mark: what its command line holds, to know it again by its id."""

    name: str
    command: list[str]
    mark: str
    log: Path
    pid_file: Path
    environment: dict[str, str]
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        end_left_over(self.pid_file, self.mark)
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command, cwd=ROOT, env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        self.pid_file.write_text(str(self.process.pid), encoding="ascii")

    def has_died(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def end(self) -> None:
        """Asks it to end, then makes it; its whole group goes with it."""
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(GRACE_SECONDS)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.pid_file.unlink(missing_ok=True)

    def last_words(self) -> str:
        lines = [line.strip() for line in self.log.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
        return lines[-1][:200] if lines else "it said nothing"


def serve(settings: Settings, *, port: int, limit: int, say: Say) -> None:
    """Serves until SIGINT or SIGTERM. With `PREFECT_API_URL` set, that server is used and none is started. Raises ServeFailed."""
    settings.home.mkdir(parents=True, exist_ok=True)
    given = os.environ.get("PREFECT_API_URL")
    prepare(settings)
    with _only_one(settings.home / "serve.lock"), _stoppable(), ExitStack() as stack:
        url = given or f"http://{HOST}:{port}/api"
        os.environ["PREFECT_API_URL"] = url
        environment = _environment(settings, url)
        try:
            children: list[Child] = []
            if not given:
                server = _server(settings, environment, port)
                _start(server, stack, children)
                say(f"starting Prefect's server at http://{HOST}:{port} (log: {server.log})")
                _wait_until_ready(url, server)
            stack.enter_context(keep_sample(settings, say=say))
            worker = _worker(settings, environment, limit)
            end_left_over(worker.pid_file, worker.mark)
            _deploy(environment, say, alone=not given)
            _start(worker, stack, children)
            say(f"worker started, at most {limit} runs at a time (log: {worker.log})")
            say(f"ready: {url.removesuffix('/api')} shows it all; Ctrl-C ends it")
            _watch(children, say)
        except Stop:
            say("ending: worker, then server")
    say("ended")


def _environment(settings: Settings, url: str) -> dict[str, str]:
    """Children log in full, report to this server, and find this Python's commands first."""
    environment = child_environment(settings)
    environment.pop("PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL", None)
    bin_folder = str(Path(sys.executable).parent)
    return {**environment, "PREFECT_API_URL": url, "PATH": os.pathsep.join([bin_folder, os.environ.get("PATH", "")])}


def _server(settings: Settings, environment: dict[str, str], port: int) -> Child:
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", HOST, "--port", str(port)]
    server = Child(
        name="server", command=command, mark="prefect server start", log=settings.home / "logs" / "server.log",
        pid_file=settings.home / "prefect" / "server.pid", environment={**environment, "PREFECT_SERVER_API_PORT": str(port)},
    )  # fmt: skip
    server.pid_file.parent.mkdir(parents=True, exist_ok=True)
    end_left_over(server.pid_file, server.mark)
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise ServeFailed(f"port {port} is taken by another program: choose one with --port") from error
    return server


def _worker(settings: Settings, environment: dict[str, str], limit: int) -> Child:
    from flows.deploying import POOL

    command = [sys.executable, "-m", "prefect", "worker", "start", "--pool", POOL, "--type", "process", "--limit", str(limit)]
    return Child(
        name="worker", command=command, mark="prefect worker start", log=settings.home / "logs" / "worker.log",
        pid_file=settings.home / "prefect" / "worker.pid", environment=environment,
    )  # fmt: skip


def _start(child: Child, stack: ExitStack, children: list[Child]) -> None:
    child.pid_file.parent.mkdir(parents=True, exist_ok=True)
    child.start()
    stack.callback(child.end)
    children.append(child)


def _wait_until_ready(url: str, server: Child) -> None:
    end = time.monotonic() + READY_SECONDS
    while time.monotonic() < end:
        if server.has_died():
            raise ServeFailed(f"Prefect's server ended at once: {server.last_words()}")
        with contextlib.suppress(OSError, urllib.error.URLError), urllib.request.urlopen(f"{url}/health", timeout=5) as answer:
            if json.load(answer) is True:
                return
        time.sleep(0.2)
    raise ServeFailed(f"Prefect's server did not answer within {READY_SECONDS:.0f} s; its log is {server.log}")


def _deploy(environment: dict[str, str], say: Say, *, alone: bool) -> None:
    """alone: no other worker serves this server, so that runs under way are dead."""
    from prefect.client.orchestration import get_client

    from flows.deploying import DeployFailed, cancel_late_runs, crash_dead_runs, deploy

    try:
        deploy(environment)
    except DeployFailed as error:
        raise ServeFailed(str(error)) from error
    with get_client(sync_client=True) as client:
        dead = crash_dead_runs(client) if alone else 0
        late = cancel_late_runs(client)
        client.create_flow_run_from_deployment(client.read_deployment_by_name("poll/poll").id)  # the first poll does not wait for the clock
    ended = [f"{count} {kind} runs were ended" for count, kind in ((dead, "dead"), (late, "late")) if count]
    say("; ".join(["deployments and automations are in place", *ended]))


def _watch(children: list[Child], say: Say) -> None:
    """Starts again what dies; gives up on what keeps dying."""
    deaths: dict[str, list[float]] = {child.name: [] for child in children}
    while True:
        time.sleep(1.0)
        for child in children:
            if not child.has_died():
                continue
            now = time.monotonic()
            deaths[child.name] = [moment for moment in deaths[child.name] if now - moment < DEATHS_WITHIN] + [now]
            if len(deaths[child.name]) > MAX_DEATHS:
                raise ServeFailed(f"the {child.name} died {MAX_DEATHS} times in a few minutes: {child.last_words()}")
            say(f"the {child.name} died ({child.last_words()}): starting it again")
            child.start()


@contextmanager
def _only_one(path: Path) -> Iterator[None]:
    """Held while this home is served. Raises ServeFailed where another process holds it."""
    handle = os.open(path, os.O_CREAT | os.O_RDWR, 0o644)
    if not hold(handle, path):
        holder = os.read(handle, 200).decode(errors="replace").strip()
        os.close(handle)
        raise ServeFailed(f"this home is served already ({holder or path}); end that one first")
    try:
        os.ftruncate(handle, 0)
        os.write(handle, f"process {os.getpid()}".encode())
        yield
    finally:
        os.ftruncate(handle, 0)
        let_go(path)
        os.close(handle)


@contextmanager
def _stoppable() -> Iterator[None]:
    """SIGINT and SIGTERM raise Stop, once; children do not inherit an ignored SIGINT."""

    def stop(number: int, frame: FrameType | None) -> None:
        for sign in (signal.SIGINT, signal.SIGTERM):
            signal.signal(sign, signal.SIG_IGN)
        raise Stop

    before = {sign: signal.signal(sign, stop) for sign in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for sign, handler in before.items():
            signal.signal(sign, handler)
