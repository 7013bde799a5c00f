"""The operator's guide names only commands, options, deployments, units and files that exist."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from flows.cli import app
from flows.deploying import AUTOMATIONS
from flows.settings import ENV_PREFIX, Settings

ROOT = Path(__file__).resolve().parent.parent
GUIDE = (ROOT / "docs" / "OPERATING.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
SPANS = re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```$", "", GUIDE, flags=re.MULTILINE | re.DOTALL))
SEPARATORS = {"&&", ";", "|", ">", ">>", "||"}


def commands_of(line: str) -> Iterator[list[str]]:
    """The arguments of each `sidelines` command of a line of shell, also of those that sudo or `docker compose exec` start."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=";&|<>")
    lexer.whitespace_split = True
    parts: list[list[str]] = [[]]
    for word in lexer:
        if word in SEPARATORS:
            parts.append([])
        else:
            parts[-1].append(word)
    for part in parts:
        words = part
        if words[:2] == ["sudo", "-u"]:
            words = words[3:]
        elif words[:2] == ["docker", "compose"] and "exec" in words:
            words = words[words.index("exec") + 2 :]
        while words and re.match(r"[A-Z_]+=", words[0]):
            words = words[1:]
        if words and words[0].rpartition("/")[2] == "sidelines":
            yield words[1:]


def shown() -> Iterator[str]:
    for block in BLOCKS:
        yield from (line for line in block.splitlines() if line.strip())
    for span in SPANS:
        if re.match(r"(?:\S*/)?sidelines [a-z]", span):
            yield span.replace("...", "").replace("…", "")


COMMANDS = [(line, words) for line in shown() for words in commands_of(line)]


def complaint(words: list[str]) -> str | None:
    """What is wrong with a command line: its command, an option, or the number of arguments. None where nothing is."""
    command: Any = typer.main.get_command(app)
    rest = list(words)
    while getattr(command, "commands", None) is not None:
        if not rest:
            return "no command"
        name = rest.pop(0)
        if name not in command.commands:
            return f"there is no command {name}"
        command = command.commands[name]
    options = {name: param for param in command.params for name in (*param.opts, *param.secondary_opts) if name.startswith("-")}
    arguments = 0
    while rest:
        word = rest.pop(0)
        if not word.startswith("-") or word == "-":
            arguments += 1
            continue
        name, equals, _ = word.partition("=")
        if name not in options:
            return f"there is no option {name}"
        if not getattr(options[name], "is_flag", False) and not equals:
            if not rest:
                return f"{name} wants a value"
            rest.pop(0)
    most = [param for param in command.params if param.param_type_name == "argument"]
    if arguments > len(most) and not any(param.nargs == -1 for param in most):
        return "too many arguments"
    return None


def test_the_check_sees_what_is_wrong() -> None:
    assert complaint(["status"]) is None
    assert complaint(["serve", "--port", "4200"]) is None
    assert complaint(["sources", "list", "--trouble"]) is None
    assert complaint(["stauts"]) == "there is no command stauts"
    assert complaint(["sources", "find"]) == "there is no command find"
    assert complaint(["serve", "--prot", "4200"]) == "there is no option --prot"
    assert complaint(["serve", "--port"]) == "--port wants a value"
    assert complaint(["status", "now"]) == "too many arguments"
    assert list(commands_of("sudo -u x A=b /srv/bin/sidelines status > f && mv f g # sidelines nothing")) == [["status"]]
    assert list(commands_of("docker compose -f c.yaml exec worker sidelines deploy")) == [["deploy"]]
    assert list(commands_of("install -o sidelines -g sidelines /var/lib/sidelines")) == []


@pytest.mark.parametrize(("line", "words"), COMMANDS, ids=[line[:60] for line, _ in COMMANDS])
def test_command_exists(line: str, words: list[str]) -> None:
    assert complaint(words) is None, line


def test_commands_in_blocks_are_whole() -> None:
    """A block's command has all that its command requires: it can be typed as it stands."""
    for block in BLOCKS:
        for line in block.splitlines():
            for words in commands_of(line):
                command: Any = typer.main.get_command(app)
                names = list(words)
                while getattr(command, "commands", None) is not None:
                    command = command.commands[names.pop(0)]
                required = [param for param in command.params if param.required and param.param_type_name == "option"]
                assert all(set(param.opts) & set(names) for param in required), line


def test_the_guide_tells_of_every_upkeep_command() -> None:
    command: Any = typer.main.get_command(app)
    upkeep = {name for name, sub in command.commands.items() if getattr(sub, "rich_help_panel", None) in ("Upkeep", "The road")}
    told = {words[0] for _, words in COMMANDS if words}
    assert upkeep and upkeep <= told, sorted(upkeep - told)
    assert {"status", "metrics", "correct"} <= told


def test_make_targets_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = set(re.findall(r"(?:^|or: )make ([a-z]+)", "\n".join((*BLOCKS, *SPANS)), re.MULTILINE))
    assert named and named <= targets


def test_every_deployment_trigger_and_automation_is_told() -> None:
    import tomllib

    deployments = yaml.safe_load((ROOT / "prefect.yaml").read_text(encoding="utf-8"))["deployments"]
    for deployment in deployments:
        assert f"`{deployment['name']}/{deployment['name']}`" in GUIDE
    alarms = next(deployment for deployment in deployments if deployment["name"] == "alarm")
    for trigger in alarms["triggers"]:
        assert f"| {trigger['name']} |" in GUIDE
    for automation in tomllib.loads(AUTOMATIONS.read_text(encoding="utf-8"))["automations"]:
        assert f"`{automation['name']}`" in GUIDE


def test_settings_and_metrics_that_are_named_exist() -> None:
    for variable in set(re.findall(rf"\b{ENV_PREFIX}[A-Z_]+\b", GUIDE)):
        assert variable.removeprefix(ENV_PREFIX).lower() in Settings.model_fields, variable
    standing = (ROOT / "flows" / "standing.py").read_text(encoding="utf-8")
    rules = re.findall(r"sidelines_[a-z_]+(?=[\s{>]| )", "\n".join(re.findall(r"^ +expr: (.*)$", GUIDE, re.MULTILINE)))
    assert len(rules) >= 5
    for metric in rules:
        assert f'"{metric}"' in standing, metric


def test_units_and_files_that_are_named_exist() -> None:
    for name in set(re.findall(r"sidelines[-a-z]*(?:@one)?\.(?:service|timer)", GUIDE)):
        assert (ROOT / "deploy" / "systemd" / name.replace("@one", "@")).exists(), name
    for name in set(re.findall(r"(?<![\w/.])(?:deploy|flows|parsers)/[\w./-]+\w", GUIDE)) - {"parsers/data/sources/harbour_post.toml"}:
        assert (ROOT / name).exists(), name


def test_yaml_examples_are_yaml() -> None:
    examples = re.findall(r"^```yaml\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
    assert len(examples) >= 3
    for example in examples:
        assert isinstance(yaml.safe_load(example), dict)
