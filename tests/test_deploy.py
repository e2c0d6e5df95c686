"""What deploys the bot: each file passes its own checker, and all of them agree with each other and with the code."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
import yaml

from bot.cli.main import main
from bot.service.settings import Settings
from tools.environment import HANGS, ROOT

pytestmark = pytest.mark.slow

UNIT = ROOT / "deploy/briefbot.service"
SHARDS = ROOT / "deploy/briefbot@.service.d/shards.conf"
GUIDE = (ROOT / "docs/deploy.md").read_text(encoding="utf-8")

DRAIN = 10
"""Most seconds that the bot needs to finish the answers under way."""

SETTINGS = set(
    re.findall(r'(?:get\(|given, )"([A-Z_]+)"', (ROOT / "bot/service/settings.py").read_text(encoding="utf-8"))
)
OF_LIBRARIES = {"PGPASSFILE"}

UNITS_OF_SYSTEMD = ("basic", "multi-user", "network-online", "shutdown", "sysinit")


def instructions() -> list[tuple[str, str]]:
    """Return each instruction of the Dockerfile, its lines joined."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    lines = (line for line in text.splitlines() if line and not line.startswith("#"))
    return [(name, " ".join(rest.split())) for name, _, rest in (line.partition(" ") for line in lines)]


IMAGE = dict(instructions())
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
BOTS: dict[str, dict[str, Any]] = {name: it for name, it in COMPOSE["services"].items() if it["image"] == "briefbot"}


def entries(path: Path) -> list[tuple[str, str]]:
    """Return each key of a unit with its value, as often as it stands there."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [
        (key, value) for key, is_entry, value in (line.partition("=") for line in lines) if is_entry and key[0] != "#"
    ]


def environment_of_the_unit() -> dict[str, str]:
    """Return what the unit sets, with systemd's specifiers as they are for a service of the system."""
    folders = {"%S": "/var/lib", "%d": "/run/credentials/briefbot.service"}
    pairs = (value.partition("=") for key, value in entries(UNIT) if key == "Environment")
    return {key: re.sub("%.", lambda found: folders[found[0]], value) for key, _, value in pairs}


def settings(environment: dict[str, str]) -> Settings:
    """Return the settings that an environment makes; the token, which is not there, is left out."""
    return Settings.from_env({key: value for key, value in environment.items() if key != "DISCORD_TOKEN_FILE"})


# The files' own checkers


def ran(checker: str, *arguments: str | Path) -> str:
    """Run a checker and return all that it says. A test that has none is skipped, and fails where CI is set."""
    program = shutil.which(checker, path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    if program is None:
        missing = f"there is no {checker} on this machine"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    done = subprocess.run([program, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=HANGS, check=False)
    return done.stdout + done.stderr + (f"exit code {done.returncode}" if done.returncode else "")


def test_the_dockerfile_passes_its_linter() -> None:
    assert ran("hadolint", "Dockerfile") == ""


def test_the_compose_file_is_one() -> None:
    assert (
        ran("check-jsonschema", "--builtin-schema", "vendor.compose-spec", "compose.yaml") == "ok -- validation done\n"
    )


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """The root of a machine on which the bot is installed, as far as systemd's checker looks."""
    units = tmp_path / "etc/systemd/system"
    units.mkdir(parents=True)
    shutil.copy(UNIT, units)
    shutil.copy(UNIT, units / "briefbot@.service")
    shutil.copytree(SHARDS.parent, units / SHARDS.parent.name)
    for name in UNITS_OF_SYSTEMD:
        (units / f"{name}.target").write_text("[Unit]\n")
    program = tmp_path / dict(entries(UNIT))["ExecStart"].split()[0].lstrip("/")
    program.parent.mkdir(parents=True)
    program.touch(0o755)
    return tmp_path


@pytest.mark.parametrize("unit", ["briefbot.service", "briefbot@0-1.service"])
def test_systemd_finds_nothing_to_say_about_the_unit(machine: Path, unit: str) -> None:
    assert ran("systemd-analyze", "verify", f"--root={machine}", unit) == ""


def test_systemd_would_say_what_is_wrong_with_the_unit(machine: Path) -> None:
    path = machine / "etc/systemd/system/briefbot.service"
    path.write_text(path.read_text().replace("ProtectClock=yes", "ProtectClocks=yes"))
    assert "ProtectClocks" in ran("systemd-analyze", "verify", f"--root={machine}", "briefbot.service")


def test_the_unit_is_exposed_to_2_of_10_at_most() -> None:
    said = ran("systemd-analyze", "security", "--offline=true", "--threshold=20", "--no-pager", UNIT)
    assert "exit code" not in said, said.splitlines()[-1]


@pytest.mark.parametrize("entry", [("ProtectSystem", "strict"), ("SystemCallFilter", "@system-service")])
def test_the_unit_keeps_what_alone_is_worth_little_of_its_exposure(entry: tuple[str, str]) -> None:
    assert entry in entries(UNIT)


# What they set


@pytest.mark.parametrize("name", BOTS)
def test_every_service_sets_keys_that_are_read(name: str) -> None:
    assert BOTS[name]["environment"].keys() <= SETTINGS | OF_LIBRARIES


def test_the_image_and_the_units_set_keys_that_are_read() -> None:
    of_image = {pair.partition("=")[0] for pair in IMAGE["ENV"].split()}
    of_shards = {value.partition("=")[0] for key, value in entries(SHARDS) if key == "Environment"}
    assert of_image | of_shards | environment_of_the_unit().keys() <= SETTINGS | OF_LIBRARIES


def folder_of(database: Path | str) -> Path:
    assert isinstance(database, Path)
    return database.parent


def test_whatever_the_bot_writes_in_a_container_lies_in_a_volume() -> None:
    volumes = {volume.split(":")[1] for volume in BOTS["briefbot"]["volumes"]}
    chosen = settings(BOTS["briefbot"]["environment"])
    assert {str(chosen.briefs_dir), str(folder_of(chosen.database)), str(chosen.user_hash_key_file.parent)} == volumes
    assert volumes == set(json.loads(IMAGE["VOLUME"]))
    assert folder_of(chosen.database).is_absolute()


def test_whatever_the_image_writes_by_default_lies_in_its_volumes() -> None:
    place = PurePosixPath(IMAGE["WORKDIR"])
    default = Settings()
    written = {default.briefs_dir, folder_of(default.database), default.user_hash_key_file.parent}
    assert {str(place / path) for path in written} == set(json.loads(IMAGE["VOLUME"]))


def test_whatever_the_bot_writes_as_a_service_lies_in_its_state() -> None:
    assert ("StateDirectory", "briefbot") in entries(UNIT)
    chosen = settings(environment_of_the_unit())
    written = {chosen.briefs_dir.parent, folder_of(chosen.database), chosen.user_hash_key_file.parent}
    assert written == {Path("/var/lib/briefbot")}


@pytest.mark.parametrize("name", BOTS)
def test_every_secret_is_a_file_that_the_service_is_given(name: str) -> None:
    told = {value for key, value in BOTS[name]["environment"].items() if str(value).startswith("/run/secrets/")}
    assert told == {f"/run/secrets/{secret}" for secret in BOTS[name]["secrets"]}
    assert set(BOTS[name]["secrets"]) <= COMPOSE["secrets"].keys()
    assert re.fullmatch(r"sqlite://.*|postgresql://\w+@.*", BOTS[name]["environment"]["DATABASE_URL"])


def test_the_token_is_the_credential_that_the_unit_loads() -> None:
    assert ("LoadCredential", "token:/etc/briefbot/token") in entries(UNIT)
    assert environment_of_the_unit()["DISCORD_TOKEN_FILE"] == "/run/credentials/briefbot.service/token"


# How they run it


def test_the_image_is_pinned_and_small_and_runs_the_bot_as_nobody_in_particular() -> None:
    assert re.fullmatch(r"python:3\.\d+\.\d+-slim-[a-z]+@sha256:[0-9a-f]{64}", IMAGE["FROM"])
    assert re.fullmatch(r"postgres:\d+\.\d+-[a-z]+@sha256:[0-9a-f]{64}", COMPOSE["services"]["postgres"]["image"])
    assert IMAGE["USER"] == "10001:10001"
    assert IMAGE["STOPSIGNAL"] == "SIGTERM"
    assert json.loads(IMAGE["CMD"]) == ["python", "-m", "bot", "run"]
    assert all("--require-hashes" in line for name, line in instructions() if name == "RUN" and "pip install" in line)


def test_what_the_image_copies_is_what_may_leave_the_checkout() -> None:
    words = (word for name, line in instructions() if name == "COPY" for word in line.split()[:-1])
    copied = {word for word in words if not word.startswith("--")}
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert {line[1:] for line in ignored if line.startswith("!")} == copied
    assert "*" in ignored
    assert all((ROOT / source).exists() for source in copied)


@pytest.mark.parametrize("name", BOTS)
def test_every_service_can_do_no_more_than_it_must_and_has_time_to_end(name: str) -> None:
    service = BOTS[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert (service["restart"], service["command"]) == ("unless-stopped", ["python", "start.py"])
    assert service["mem_limit"] == "1g"
    assert int(service["stop_grace_period"].removesuffix("s")) > DRAIN
    assert "ports" not in service


def test_the_unit_starts_the_bot_and_has_time_to_end_it() -> None:
    unit = dict(entries(UNIT))
    assert unit["ExecStart"] == f"{unit['WorkingDirectory']}/.venv/bin/python -m bot run"
    assert int(unit["TimeoutStopSec"]) > DRAIN
    assert (unit["Restart"], unit["RestartPreventExitStatus"]) == ("on-failure", "2")
    assert unit["TimeoutStartSec"].isdigit()  # not for ever: `systemctl enable --now` waits for it
    assert unit["MemoryMax"] == "1G"


def test_the_sharded_services_have_each_shard_once_and_start_only_when_asked_for() -> None:
    sharded = [service["environment"] for service in BOTS.values() if service.get("profiles") == ["sharded"]]
    shards = sorted(int(number) for each in sharded for number in each["SHARD_IDS"].split(","))
    assert {each["SHARD_COUNT"] for each in sharded} == {str(len(shards))}
    assert shards == list(range(len(shards)))
    assert COMPOSE["services"]["postgres"]["profiles"] == ["sharded"]
    assert [name for name, service in COMPOSE["services"].items() if "profiles" not in service] == ["briefbot"]


def test_the_image_and_the_services_are_checked_alike() -> None:
    options, _, command = IMAGE["HEALTHCHECK"].partition(" CMD ")
    given = {key.replace("-", "_"): value for key, value in re.findall(r"--([a-z-]+)=(\w+)", options)}
    check = BOTS["briefbot"]["healthcheck"]
    assert {key: str(value) for key, value in check.items() if key != "test"} == given
    assert check["test"] == ["CMD", *json.loads(command)]


# The guide


def steps() -> str:
    """Return what the guide has an operator type, a command a line."""
    return "".join(re.findall(r"```sh\n(.*?)```", GUIDE, re.DOTALL)).replace("\\\n", " ")


def test_a_shell_understands_the_guide() -> None:
    assert subprocess.run(["bash", "-n"], input=steps(), capture_output=True, text=True, check=True).stderr == ""


@pytest.mark.parametrize("command", sorted(set(re.findall(r"(?:-m bot|^briefbot) ([a-z]+)", steps(), re.MULTILINE))))
def test_a_command_of_the_guide_is_one(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command, "--help"]) == 0
    assert capsys.readouterr().err == ""


def test_the_guide_names_files_and_services_that_there_are() -> None:
    files = set(re.findall(r"(?<![\w.])(?:deploy/[\w.@/-]+|requirements[\w-]*\.txt|compose\.yaml)", GUIDE))
    assert [name for name in files if not (ROOT / name).exists()] == []
    assert set(re.findall(r"shards-\d-\d", GUIDE)) <= COMPOSE["services"].keys()
    assert set(re.findall(r"exec (?:-T )?([\w-]+)", GUIDE)) <= COMPOSE["services"].keys()


@pytest.mark.parametrize(
    "path", ["/opt/briefbot", "/var/lib/briefbot", "/etc/briefbot/token", "/etc/briefbot/environment"]
)
def test_the_guide_and_the_unit_name_the_same_places(path: str) -> None:
    assert path in GUIDE
    assert path in UNIT.read_text(encoding="utf-8").replace("%S", "/var/lib")


@pytest.mark.parametrize("secret", COMPOSE["secrets"])
def test_the_guide_makes_every_secret_of_the_compose_file(secret: str) -> None:
    assert re.search(rf"(?:> |nano ){COMPOSE['secrets'][secret]['file']}$", GUIDE, re.MULTILINE)


def test_the_guide_and_the_compose_file_keep_the_briefs_in_one_place() -> None:
    assert "./data/briefs:/app/briefs" in BOTS["briefbot"]["volumes"]
    assert "cp -r briefs data/briefs" in steps()
