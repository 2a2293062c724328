"""`bank corrections load`, `search` and `decay`: what they print, what they log, and what they never start."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from memorybank.records.corrections.correction import Correction, Origin, Premise
from memorybank.records.corrections.ledger import append_found
from memorybank.store.discover import find_bank
from memorybank.times import stamp_of
from tests.running import bank, environment

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
ENV = {"SOURCE_DATE_EPOCH": str(int(NOW.timestamp()))}
# what a program must not do that only reads files: open a connection, start a program, stay as a process
_GUARD = """
import sys
seen = []
def watch(event, given):
    if event.startswith(("socket.", "subprocess.", "os.fork", "os.posix_spawn", "os.exec", "os.system", "os.spawn",
                         "pty.", "ftplib.", "http.", "urllib.", "smtplib.", "_thread.start_new_thread")):
        seen.append(event)
sys.addaudithook(watch)
import runpy
sys.argv[0] = "bank"
try:
    runpy.run_module("memorybank", run_name="__main__")
finally:
    print("\\nSEEN", seen, file=sys.stderr)
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    bank(folder, "init")
    rows = [
        Correction(
            f"cor-20261130-{number:05}",
            "marker",
            text,
            Premise("I ran npm install."),
            Origin("claude-code", f"s{number}", at=stamp_of(NOW - timedelta(days=days))),
            values=values,
        )
        for number, (text, days, values) in enumerate(
            [
                ("use pnpm in this project, not npm", 0, ()),
                ("never pass --no-verify to git commit", 7, ("--no-verify",)),
                ("the staging host is db-3.example.org", 40, ("db-3.example.org",)),
                ("Use pnpm in this project, not npm!", 41, ()),
            ]
        )
    ]
    append_found(find_bank(folder, environ={}), rows)
    return folder


def test_the_best_come_first_and_what_was_left_out_is_told(project: Path) -> None:
    done = bank(project, "corrections", "load", env=ENV)
    assert [line.partition("{")[2][13:18] for line in done.stdout.splitlines()] == ["00000", "00001", "00002"]
    assert done.stderr == "3 of 4 in 336 of 4096 characters; 1 say the same; --explain lists them\n"
    one = bank(project, "corrections", "load", "--budget-chars", "130", env=ENV)
    assert len(one.stdout) <= 130
    assert f"1 of 4 in {len(one.stdout)} of 130 characters; 3 do not fit; --explain lists them\n" in one.stderr


def test_each_term_of_a_score_is_explained(project: Path) -> None:
    done = bank(project, "corrections", "load", "--strategy", "recency", "--explain", env=ENV).stdout
    assert "- cor-20261130-00001: (recency 0.750) x decay 0.500 = 0.375\n" in done
    assert "- cor-20261130-00003: it says the same as cor-20261130-00000\n" in done
    answer = json.loads(bank(project, "corrections", "load", "--json", env=ENV).stdout)
    for each in answer["included"]:
        assert each["score"] == pytest.approx(sum(each["terms"].values()) * each["decay"], abs=1e-3)
    assert answer["omitted"][0]["why"] == "it says the same as cor-20261130-00000"


def test_a_query_brings_what_is_old_and_exact_values_are_found_as_typed(project: Path) -> None:
    first = bank(project, "corrections", "load", "--query", "staging host", env=ENV).stdout.split("\n")[0]
    assert "db-3.example.org" in first
    found = json.loads(bank(project, "corrections", "search", "--json", "--", "--no-verify", env=ENV).stdout)
    assert found["corrections"][0]["id"] == "cor-20261130-00001"
    slip = json.loads(bank(project, "corrections", "search", "stagign", "--json", env=ENV).stdout)
    assert slip["assumed"] == {"stagign": ["staging"]}
    assert slip["corrections"][0]["id"] == "cor-20261130-00002"


def test_what_was_dropped_is_never_given(project: Path) -> None:
    bank(project, "corrections", "drop", "cor-20261130-00002", env=ENV)
    assert "db-3" not in bank(project, "corrections", "load", "--query", "staging", env=ENV).stdout
    assert "db-3" not in bank(project, "corrections", "search", "staging", env=ENV).stdout


def test_a_large_part_of_the_window_is_warned_of(project: Path) -> None:
    done = bank(project, "corrections", "load", "--window", "100", env=ENV)
    assert " % of the window of 100: more than 70 %" in done.stderr
    assert "window" not in bank(project, "corrections", "load", "--window", "200000", env=ENV).stderr


def test_each_call_is_a_line_of_the_log_with_ids_and_sizes_and_no_text(project: Path) -> None:
    bank(project, "corrections", "load", "--window", "1000", "--query", "pnpm", env=ENV)
    bank(project, "corrections", "search", "verify", env=ENV)
    bank(project, "corrections", "decay", env=ENV)
    bank(project, "corrections", "decay", "--log", env=ENV)
    log = (project / ".memorybank" / ".state" / "audit.jsonl").read_text()
    rows = [json.loads(line) for line in log.splitlines()]
    assert [row["tool"] for row in rows] == ["corrections load", "corrections search", "corrections decay"]
    assert rows[0]["addresses"][0] == "cor-20261130-00000"
    assert rows[0]["tokens"] > 50
    assert rows[0]["window"] == 1000
    assert rows[2]["addresses"] == ["2 of 4 below 0.1"]
    assert "pnpm" not in log
    assert "verify" not in log
    shown = bank(project, "audit", env=ENV).stdout
    assert f"{rows[0]['tokens']} tokens, {rows[0]['tokens'] / 10:.1f} % of the window" in shown
    bank(project, "config", "set", "corrections.audit_log", "false")
    bank(project, "corrections", "load", env=ENV)
    assert (project / ".memorybank" / ".state" / "audit.jsonl").read_text() == log


def test_decay_shows_the_weight_that_each_has_kept(project: Path) -> None:
    done = bank(project, "corrections", "decay", "--below", "0.6", env=ENV)
    assert done.stdout.split("\n")[:2] == [
        "1.000  cor-20261130-00000  medium    0.0 days",
        "0.500  cor-20261130-00001  medium    7.0 days",
    ]
    assert "3 of 4 below 0.6; decay half-life\n" in done.stdout


@pytest.mark.parametrize("words", [("load",), ("load", "--query", "pnpm"), ("search", "pnpm"), ("decay", "--log")])
def test_no_socket_is_opened_and_no_process_is_started(project: Path, words: tuple[str, ...]) -> None:
    line = (sys.executable, "-c", _GUARD, "corrections", *words)
    env = {**environment(), **ENV, "MEMORYBANK_HOME": str(project / "home")}
    done = subprocess.run(line, cwd=project, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout
    assert done.stderr.endswith("\nSEEN []\n"), done.stderr


def test_the_guard_sees_what_it_looks_for() -> None:
    guard = _GUARD.partition("import runpy")[0]
    code = f"{guard}import os, socket\nsocket.socket()\nos.system('true')\nprint(seen)"
    done = subprocess.run((sys.executable, "-c", code), capture_output=True, text=True, check=True)
    assert "socket.__new__" in done.stdout
    assert "os.system" in done.stdout
