"""`bank install timer`: lines for cron and systemd that a person enters; nothing is installed."""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from memorybank import Bank
from memorybank.corrections.timer import timer_lines
from memorybank.errors import FieldError
from tests.running import bank

PROGRAM = ("/opt/bank",)


def lines(schedule: str = "0 4 * * *", project: str = "/srv/shop", **environ: str) -> tuple[str, ...]:
    made = timer_lines(schedule, Path(project), "shop", PROGRAM, environ)
    return (made.cron, made.service, made.timer)


def times(schedule: str) -> list[str]:
    return [each.partition("=")[2] for each in lines(schedule)[2].split("\n") if each.startswith("OnCalendar")]


def test_both_commands_run_each_night_and_name_the_project() -> None:
    cron, service, timer = lines()

    assert cron == (
        "0 4 * * * /opt/bank corrections mine --bank /srv/shop; /opt/bank corrections decay --log --bank /srv/shop"
    )
    assert 'ExecStart=-"/opt/bank" "corrections" "mine" "--bank" "/srv/shop"' in service
    assert "OnCalendar=*-*-* 04:00:00\nPersistent=true" in timer


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        ("*/15 * * * *", ["*-*-* *:00,15,30,45:00"]),
        ("30 8-10 * * 1-5", ["Mon,Tue,Wed,Thu,Fri *-*-* 08,09,10:30:00"]),
        ("0 0 1,15 * *", ["*-*-01,15 00:00:00"]),
        ("0 0 1 jan sun", ["*-01-01 00:00:00", "Sun *-01-* 00:00:00"]),
        ("5 4 * * 7", ["Sun *-*-* 04:05:00"]),
        ("0 4-23/6 * * 0-7", ["*-*-* 04,10,16,22:00:00"]),
    ],
)
def test_a_schedule_of_cron_is_the_same_for_systemd(schedule: str, expected: list[str]) -> None:
    assert times(schedule) == expected
    program = shutil.which("systemd-analyze")
    if program:
        subprocess.run([program, "calendar", *expected], check=True, capture_output=True)


@pytest.mark.parametrize(
    "schedule", ["", "0 4 * *", "@daily", "60 4 * * *", "0 4 * * mo", "5-1 * * * *", "*/0 * * * *", "0 4/6 * * *"]
)
def test_what_is_no_schedule_is_refused(schedule: str) -> None:
    with pytest.raises(FieldError, match="no schedule of cron"):
        lines(schedule)


def test_no_path_breaks_out_of_its_line() -> None:
    project = '/srv/it\'s 100% $HOME; rm -rf "x"\\'
    cron, service, _ = lines(project=project, CLAUDE_CONFIG_DIR="/home/a b/.claude")

    # as cron gives it to the shell
    command = cron.removeprefix("0 4 * * * ").replace("\\%", "%")
    assert "%" not in cron.replace("\\%", "")
    words = shlex.split(command)
    assert words[0] == "CLAUDE_CONFIG_DIR=/home/a b/.claude"
    assert words[words.index("--bank") + 1].rstrip(";") == project
    assert '"--bank" "/srv/it\'s 100%% $$HOME; rm -rf \\"x\\"\\\\"' in service
    assert 'Environment="CLAUDE_CONFIG_DIR=/home/a b/.claude"' in service
    with pytest.raises(FieldError, match="line break"):
        lines(project="/srv/a\nb")


def test_the_command_prints_them_with_the_schedule_of_the_settings_and_installs_nothing(tmp_path: Path) -> None:
    project = tmp_path / "my shop"
    Bank.init(project)
    Bank.open(project).settings.set("corrections.schedule", "15 3 * * 1")
    before = sorted(tmp_path.rglob("*"))

    ran = bank(project, "install", "timer")

    assert ran.returncode == 0, ran.stderr
    assert "\n15 3 * * 1 " in ran.stdout
    assert f"--bank {shlex.quote(str(project))}" in ran.stdout
    assert "OnCalendar=Mon *-*-* 03:15:00" in ran.stdout
    assert json.loads(bank(project, "install", "timer", "--json").stdout)["schedule"] == "15 3 * * 1"
    assert [each for each in sorted(tmp_path.rglob("*")) if each not in before and ".state" not in str(each)] == []


def test_without_a_bank_there_is_nothing_to_mine(tmp_path: Path) -> None:
    assert bank(tmp_path, "install", "timer").returncode == 3


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(1, "*/1 * * * *"), (300, "*/5 * * * *"), (3600, "0 */1 * * *"), (9000, "0 */2 * * *"), (10**6, "0 */23 * * *")],
)
def test_a_bank_that_syncs_has_a_line_for_it(seconds: int, expected: str) -> None:
    made = timer_lines("0 4 * * *", Path("/srv/a b"), "shop", PROGRAM, {}, sync_seconds=seconds)
    assert made.sync == f"{expected} /opt/bank sync --bank '/srv/a b'"


def test_the_line_for_a_sync_is_there_only_when_sync_is_on(tmp_path: Path) -> None:
    project = tmp_path / "shop"
    Bank.init(project)
    assert json.loads(bank(project, "install", "timer", "--json").stdout)["sync"] == ""
    for key, value in (("sync.enabled", "true"), ("sync.interval", "600")):
        assert bank(project, "config", "set", key, value).returncode == 0
    assert "\n*/10 * * * * " in bank(project, "install", "timer").stdout
    assert json.loads(bank(project, "install", "timer", "--json").stdout)["sync"].endswith(f" sync --bank {project}")
