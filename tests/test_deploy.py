"""What `deploy/` ships is whole and safe: known settings, pinned images, no passwords, health checks, units that systemd accepts."""

import configparser
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from prefect.settings.models.root import Settings as PrefectSettings
from pydantic import AliasChoices
from pydantic_settings import BaseSettings

from flows.deploying import POOL
from flows.settings import ENV_PREFIX, Settings

ROOT = Path(__file__).resolve().parent.parent
DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service")) + sorted((DEPLOY / "systemd").glob("*.timer"))
SERVICES = [unit for unit in UNITS if unit.suffix == ".service"]
PASSWORDS = {"database_password", "api_password"}
# prefect-redis 0.3 declares these; it is in the image, not in the project's environment.
OF_PREFECT_REDIS = {"PREFECT_REDIS_MESSAGING_HOST", "PREFECT_REDIS_MESSAGING_PORT", "PREFECT_REDIS_MESSAGING_DB"}
OF_POSTGRES = {"POSTGRES_USER", "POSTGRES_DB", "POSTGRES_PASSWORD_FILE"}


def names_of(model: type[BaseSettings]) -> Iterator[str]:
    """Every environment variable that a settings model of Prefect reads."""
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseSettings):
            yield from names_of(field.annotation)
            continue
        yield (str(model.model_config.get("env_prefix", "")) + name).upper()
        if isinstance(field.validation_alias, AliasChoices):
            yield from (choice.upper() for choice in field.validation_alias.choices if isinstance(choice, str))


@pytest.fixture(scope="module")
def known() -> set[str]:
    ours = {ENV_PREFIX + name.upper() for name in Settings.model_fields}
    return ours | set(names_of(PrefectSettings)) | OF_PREFECT_REDIS | OF_POSTGRES


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    parsed = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    assert isinstance(parsed, dict)
    return parsed


# ── Compose ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_compose_has_the_services_in_their_order(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert set(services) == {"database", "redis", "server", "deploy", "worker"}
    waits = {name: {on: how["condition"] for on, how in service.get("depends_on", {}).items()} for name, service in services.items()}
    assert waits["server"] == {"database": "service_healthy", "redis": "service_healthy"}
    assert waits["deploy"] == {"server": "service_healthy"}
    assert waits["worker"] == {"deploy": "service_completed_successfully"}


def test_compose_watches_what_stays(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        if service["restart"] == "no":
            assert name == "deploy"
            continue
        check = service["healthcheck"]
        assert check["test"][0] == "CMD" and len(check["test"]) > 1, name
        assert {"interval", "timeout", "retries"} <= set(check), name


def test_compose_pins_its_images_and_names_no_registry(compose: dict[str, Any]) -> None:
    dockerfile = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    images = [service["image"] for service in compose["services"].values()] + re.findall(r"^FROM (\S+)", dockerfile, re.MULTILINE)
    assert len(images) == len(compose["services"]) + 1
    for image in images:
        assert re.fullmatch(r"[a-z]+:\d+\.\d+[.\d]*(-[a-z]+)*", image), f"{image}: not a plain name with a whole version"
    assert f"sidelines:{_version()}" in images


def test_compose_sets_only_what_somebody_reads(compose: dict[str, Any], known: set[str]) -> None:
    for name, service in compose["services"].items():
        exported = re.findall(r"export ([A-Z_]+)=", " ".join(service.get("command", [])))
        for variable in (*service.get("environment", {}), *exported):
            assert variable in known, f"{name}: nobody reads {variable}"


def test_compose_holds_no_password(compose: dict[str, Any]) -> None:
    assert compose["secrets"] == {name: {"environment": name.upper()} for name in PASSWORDS}
    for name, service in compose["services"].items():
        given = {secret["source"] for secret in service.get("secrets", [])}
        text = " ".join(service.get("command", []))
        read = set(re.findall(r"/run/secrets/([a-z_]+)", text + " ".join(service.get("environment", {}).values())))
        assert read == given, name
        for variable, value in service.get("environment", {}).items():
            if re.search(r"PASSWORD|AUTH|SECRET|TOKEN", variable):
                assert value.startswith("/run/secrets/"), f"{name}: {variable}"
            assert not re.search(r"://[^/]*:[^/]*@", value), f"{name}: {variable} holds a password"
        for variable, value in re.findall(r"export ([A-Z_]+)=(.*)", text):
            assert "$$(cat /run/secrets/" in value, f"{name}: {variable}"


def test_compose_lets_in_only_the_loopback(compose: dict[str, Any]) -> None:
    published = {name: service["ports"] for name, service in compose["services"].items() if "ports" in service}
    assert published == {"server": ["127.0.0.1:4200:4200"]}
    assert compose["networks"]["store"] == {"internal": True}
    for name in ("database", "redis"):
        assert compose["services"][name]["networks"] == ["store"]
    for name in ("server", "deploy", "worker"):
        assert compose["services"][name]["cap_drop"] == ["ALL"]


def test_compose_names_only_volumes_and_networks_that_it_declares(compose: dict[str, Any]) -> None:
    services = compose["services"].values()
    volumes = {volume.split(":")[0] for service in services for volume in service.get("volumes", [])}
    networks = {network for service in services for network in service["networks"]}
    assert volumes == set(compose["volumes"])
    assert networks == set(compose["networks"])
    assert "home:/data" in compose["services"]["worker"]["volumes"]


def test_compose_worker_serves_the_pool_of_the_deployments(compose: dict[str, Any]) -> None:
    command = compose["services"]["worker"]["command"][-1]
    assert f"--pool {POOL} --type process --limit " in command
    assert "--with-healthcheck" in command


def test_redis_settings_name_modules_of_the_pinned_package(compose: dict[str, Any]) -> None:
    lock = (DEPLOY / "redis.lock").read_text(encoding="utf-8")
    assert re.search(r"^prefect-redis==\d+\.\d+\.\d+ \\\n +--hash=sha256:[0-9a-f]{64}", lock, re.MULTILINE)
    environment = compose["services"]["server"]["environment"]
    modules = {value for value in environment.values() if value.startswith("prefect_redis.")}
    assert modules == {"prefect_redis.messaging", "prefect_redis.ordering", "prefect_redis.lease_storage"}


# ── the image ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_image_is_built_from_the_locks_and_runs_as_nobody_special() -> None:
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    assert "--require-hashes --no-deps -r requirements.lock -r redis.lock" in text
    assert re.search(r"^USER sidelines$", text, re.MULTILINE)
    assert text.index("COPY requirements.lock") < text.index("COPY . .")


def test_image_takes_in_all_that_runs_and_nothing_else() -> None:
    lines = (DEPLOY / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    taken = {line.removeprefix("!") for line in lines if line.startswith("!")}
    assert "*" in lines
    assert {"parsers", "warehouse", "flows", "prefect.yaml", "pyproject.toml", "requirements.lock", "README.md"} <= taken
    assert all((ROOT / name).exists() for name in taken)
    assert not taken & {"tests", "bench", "training", "data"}


# ── systemd ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def unit_of(path: Path) -> dict[str, dict[str, list[str]]]:
    """Sections, keys, and all values of a key in order."""
    sections: dict[str, dict[str, list[str]]] = {}
    section: dict[str, list[str]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            section = sections.setdefault(line.strip("[]"), {})
        elif line and not line.startswith("#"):
            key, _, value = line.partition("=")
            section.setdefault(key, []).append(value)
    return sections


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_systemd_accepts_the_units(tmp_path: Path) -> None:
    commands = Path(sys.executable).parent
    for unit in UNITS:
        text = unit.read_text(encoding="utf-8").replace("/srv/sidelines/.venv/bin", str(commands))
        (tmp_path / unit.name).write_text(text, encoding="utf-8")
    names = [unit.name.replace("@.", "@one.") for unit in UNITS]
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", "--recursive-errors=one", *names],
        cwd=tmp_path, env={"SYSTEMD_UNIT_PATH": f"{tmp_path}:", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"},
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    ours = [line for line in done.stderr.splitlines() if str(tmp_path) in line or "sidelines" in line]
    assert ours == [] and done.returncode == 0, done.stderr


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_units_have_their_sections(path: Path) -> None:
    unit = unit_of(path)
    assert set(unit) <= {"Unit", "Service", "Timer", "Install"}
    assert unit["Unit"]["Description"][0].startswith("Sidelines: ")
    if path.suffix == ".timer":
        assert "OnCalendar" in unit["Timer"]
        assert path.with_suffix(".service") in SERVICES
        assert unit["Install"]["WantedBy"] == ["timers.target"]
    else:
        assert len(unit["Service"]["ExecStart"]) == 1


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.name)
def test_services_run_unprivileged_with_known_settings(path: Path, known: set[str]) -> None:
    service = unit_of(path)["Service"]
    assert service["User"] == service["Group"] == ["sidelines"]
    for key in ("NoNewPrivileges", "PrivateTmp", "PrivateDevices", "ProtectHome", "ProtectKernelModules", "RestrictSUIDSGID"):
        assert service[key] == ["yes"], key
    assert service["ProtectSystem"] == ["strict"] and service["StateDirectory"] == ["sidelines"]
    assert "/etc/sidelines/sidelines.env" in service["EnvironmentFile"]
    for assignment in service["Environment"]:
        name, _, value = assignment.partition("=")
        assert name == "PATH" or name in known, name
        assert "@" not in value and "PASSWORD" not in name


def test_order_of_start_and_end() -> None:
    worker, deploy, server, whole = (
        unit_of(DEPLOY / "systemd" / f"{name}.service")
        for name in ("sidelines-worker@", "sidelines-deploy", "sidelines-server", "sidelines")
    )
    # What starts after another ends before it.
    assert "sidelines-server.service" in worker["Unit"]["After"][0].split()
    assert "sidelines-deploy.service" in worker["Unit"]["After"][0].split()
    assert deploy["Unit"]["After"] == deploy["Unit"]["Requires"] == ["sidelines-server.service"]
    assert "/api/health" in server["Service"]["ExecStartPost"][0]
    assert server["Service"]["SuccessExitStatus"] == ["143"]  # so it ends on SIGTERM: not a failure
    assert whole["Unit"]["Conflicts"] == ["sidelines-server.service"]
    for unit in (worker, server, whole):
        assert unit["Service"]["KillMode"] == ["mixed"]
        assert int(unit["Service"]["TimeoutStopSec"][0]) >= 60
    assert f"--pool {POOL} --type process --limit " in worker["Service"]["ExecStart"][0]


def test_health_probe_of_the_server_is_a_program() -> None:
    command = unit_of(DEPLOY / "systemd" / "sidelines-server.service")["Service"]["ExecStartPost"][0]
    program = re.fullmatch(r'\S+ -c "(.*)"', command)
    assert program is not None
    compile(program.group(1).replace("\\n", "\n"), "probe", "exec")


def test_environment_file_sets_known_settings_and_no_password(known: set[str]) -> None:
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    text = (DEPLOY / "systemd" / "sidelines.env").read_text(encoding="utf-8")
    parser.read_string("[all]\n" + re.sub(r"^# (SIDELINES_\w+=)", r"\1", text, flags=re.MULTILINE))
    assert set(parser["all"]) <= known and "SIDELINES_CONTACT" in parser["all"]


def _version() -> str:
    from importlib.metadata import version

    return version("sidelines")
