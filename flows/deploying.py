"""Makes on a Prefect server all that the project needs there: work pool, deployments, automations. Safe to repeat."""

import subprocess
import sys
import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.client.schemas.filters import FlowRunFilter, WorkPoolFilter
from prefect.events.schemas.automations import AutomationCore
from prefect.exceptions import ObjectAlreadyExists, ObjectNotFound
from prefect.states import Cancelled, Crashed

from flows.engine import ROOT

POOL = "sidelines"
AUTOMATIONS = Path(__file__).with_name("automations.toml")
LATE = timedelta(minutes=5)
DEPLOY_SECONDS = 300


class DeployFailed(Exception):
    """The message is the last line that Prefect said."""


def deploy(environment: Mapping[str, str]) -> None:
    """Pool, then deployments, then automations, on the server of this process's `PREFECT_API_URL`; `environment` is for the child."""
    with get_client(sync_client=True) as client:
        make_pool(client)
        make_deployments(environment)
        make_automations(client)


def make_pool(client: SyncPrefectClient) -> None:
    try:
        client.create_work_pool(WorkPoolCreate(name=POOL, type="process"))
    except ObjectAlreadyExists:
        return


def make_deployments(environment: Mapping[str, str]) -> None:
    """`prefect deploy --all` in the project's folder. Raises DeployFailed."""
    command = [sys.executable, "-m", "prefect", "--no-prompt", "deploy", "--all"]
    done = subprocess.run(
        command, cwd=ROOT, env=dict(environment), stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
        timeout=DEPLOY_SECONDS,
    )  # fmt: skip
    if done.returncode:
        lines = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
        raise DeployFailed(f"prefect deploy --all: {lines[-1] if lines else f'exit status {done.returncode}'}")


def make_automations(client: SyncPrefectClient) -> None:
    """Each automation of `automations.toml`, made or put right by its name; one that a person has paused stays paused."""
    for wanted in tomllib.loads(AUTOMATIONS.read_text(encoding="utf-8"))["automations"]:
        automation = AutomationCore.model_validate({**wanted, "actions": [_action(client, action) for action in wanted["actions"]]})
        have = client.read_automations_by_name(automation.name)
        if have:
            client.update_automation(have[0].id, automation.model_copy(update={"enabled": have[0].enabled}))
        else:
            client.create_automation(automation)


def _action(client: SyncPrefectClient, action: dict[str, Any]) -> dict[str, Any]:
    """`deployment: flow/name` in place of the id that the server gave it."""
    if "deployment" not in action:
        return action
    rest = {key: value for key, value in action.items() if key != "deployment"}
    try:
        return {**rest, "deployment_id": client.read_deployment_by_name(action["deployment"]).id}
    except ObjectNotFound as error:
        raise DeployFailed(f"automations.toml names the deployment {action['deployment']}, which is not there") from error


def cancel_late_runs(client: SyncPrefectClient, *, now: datetime | None = None) -> int:
    """Ends scheduled runs that nobody took while no worker ran, so that they do not all start at once; says how many.

    Nothing is lost: each stage takes all that is pending, and the next schedule is minutes away.
    """
    before = (now or datetime.now(UTC)) - LATE
    wanted = FlowRunFilter.model_validate({"state": {"type": {"any_": ["SCHEDULED"]}}, "expected_start_time": {"before_": before}})
    runs = [run for run in client.read_flow_runs(flow_run_filter=wanted, limit=200) if run.auto_scheduled]
    for run in runs:
        client.set_flow_run_state(run.id, Cancelled(message="Late: its schedule has come round again."), force=True)
    return len(runs)


def crash_dead_runs(client: SyncPrefectClient) -> int:
    """Ends the pool's runs that are Running or Pending while no worker of the pool lives, which frees their slots; says how many.

    Only for a server whose one worker is about to start. The automations do the same elsewhere, minutes later.
    """
    wanted = FlowRunFilter.model_validate({"state": {"type": {"any_": ["RUNNING", "PENDING"]}}})
    pool = WorkPoolFilter.model_validate({"name": {"any_": [POOL]}})
    runs = client.read_flow_runs(flow_run_filter=wanted, work_pool_filter=pool, limit=200)
    for run in runs:
        client.set_flow_run_state(run.id, Crashed(message="Its worker had died; what it left is taken up by the next run."), force=True)
    return len(runs)
