"""What is told when a command cannot be done: the choices there are, and a next command that runs as it is printed."""

from __future__ import annotations

import json
import shlex
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.running import MODULE, bank, environment, make_bank

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(("rule", "said"), [("github-tokn", "Did you mean github-token"), ("zzz", "anthropic-key")])
def test_a_rule_that_does_not_exist_is_told(tmp_path: Path, rule: str, said: str) -> None:
    folder = make_bank(tmp_path)
    before = (folder / "activeContext.md").read_bytes()
    done = bank(tmp_path, "note", "a plain note", "--allow-secret", rule)
    assert done.returncode == 2
    assert f"There is no rule {rule!r}" in done.stderr
    assert said in done.stderr
    assert (folder / "activeContext.md").read_bytes() == before


@pytest.mark.parametrize("rule", ["github-token", "password", "token", "secret"])
def test_every_rule_that_can_find_something_can_be_allowed(tmp_path: Path, rule: str) -> None:
    make_bank(tmp_path)
    assert bank(tmp_path, "note", "a plain note", "--allow-secret", rule).returncode == 0


RUNNABLE = [
    (["export", "--to", ".memorybank/out"], "bank export --to memory-export"),
    (["show", "nope.md"], ""),
    (["show", "my notes.md#Lernings"], "bank show './my notes.md#Learnings'"),
    (["show", "it's.md#Zebra"], ""),
    (["note", "x", "--to", "my notes.md"], "bank outline './my notes.md'"),
    (["note", "it's so", "--as", "gotha"], """bank note 'it'"'"'s so' --as gotcha"""),
    (["item", "tick", "my notes.md#Learnings", "nope"], "bank item list './my notes.md#Learnings'"),
    (["undo", "op-nope"], "bank history"),
    (["edit", "activeContext.md#Learnings", "--remove"], "bank item list 'activeContext.md#Learnings'"),
    (["edit", "activeContext.md#Learnings", "--append", "x", "--expect", "0" * 16], ""),
    (["edit", "activeContext.md#Learnings", "--insert-after", "x"], "bank outline activeContext.md"),
    (["plan", "new", "# x"], ""),
    (["note", " "], ""),
    (["note", "many words " * 400], "bank research new 'many words many words many words many words'"),
    (["note"], "bank note -h"),
    (["frobnicate"], "bank -h"),
    (["task", "add", "x", "--nope"], "bank task add -h"),
]


@pytest.mark.parametrize(("words", "hint"), RUNNABLE, ids=lambda each: " ".join(each)[:40] if each else None)
def test_a_hint_is_a_command_that_runs_as_it_is_printed(tmp_path: Path, words: list[str], hint: str) -> None:
    make_bank(tmp_path)
    for name in ("my notes.md", "it's.md"):
        (tmp_path / name).write_text("# Notes\n\n## Learnings\n\n- one\n", encoding="utf-8")
    error = json.loads(bank(tmp_path, *words, "--json").stdout)["error"]
    assert error["hint"].startswith(hint or "bank ")
    command = shlex.split(error["hint"])
    assert command[0] == "bank"
    done = bank(tmp_path, *command[1:])
    assert done.returncode == 0, done.stderr


def test_a_folder_for_a_bank_is_made_first(tmp_path: Path) -> None:
    error = json.loads(bank(tmp_path, "init", "new/project", "--json").stdout)["error"]
    subprocess.run(shlex.split(error["hint"]), check=True)
    assert bank(tmp_path, "init", "new/project").returncode == 0


@pytest.mark.parametrize("file", ["activeContext.md", "./my notes.md"])
def test_an_address_without_a_section_is_told_as_such(tmp_path: Path, file: str) -> None:
    make_bank(tmp_path)
    (tmp_path / "my notes.md").write_text("# Notes\n\n## A\n", encoding="utf-8")
    done = bank(tmp_path, "note", "x", "--to", file)
    assert done.returncode == 3
    assert f"name a section of {file}" in done.stderr
    assert "''" not in done.stderr


@pytest.mark.parametrize("by", ["option", "environment"])
@pytest.mark.parametrize("name", ["there is none", "plain"])
def test_what_is_named_and_holds_no_bank_is_made_by_the_next_command(tmp_path: Path, name: str, by: str) -> None:
    make_bank(tmp_path / "here")
    place = tmp_path / name
    if name == "plain":
        place.mkdir()
    named = ["--bank", str(place)] if by == "option" else []
    env = {} if named else {"MEMORYBANK_DIR": str(place)}
    error = json.loads(bank(tmp_path / "here", "status", *named, "--json", env=env).stdout)["error"]
    assert error["message"] == f"no bank in {place}"
    done = subprocess.run(
        ["/bin/sh", "-c", f'bank() {{ {shlex.join(MODULE)} "$@"; }}; {error["hint"]}'],
        cwd=tmp_path,
        env=environment(),
        check=False,
        capture_output=True,
    )
    assert done.returncode == 0, done.stderr
    assert (place / ".memorybank" / "progress.md").is_file()


def test_a_memory_file_that_is_missing_is_made_where_its_bank_stands(tmp_path: Path) -> None:
    """From a folder below, a bare `bank init` would make a second bank there."""
    folder = make_bank(tmp_path / "a project")
    below = tmp_path / "a project" / "src"
    below.mkdir()
    (folder / "progress.md").unlink()
    assert f"bank init '{tmp_path / 'a project'}' creates it" in bank(below, "load", "progress.md").stderr
    for words in (["show", "progress.md"], ["task", "list"]):
        error = json.loads(bank(below, *words, "--json").stdout)["error"]
        assert error["hint"] == f"bank init '{tmp_path / 'a project'}'"
    found = json.loads(bank(below, "check", "--json").stdout)["findings"]
    assert [each["hint"] for each in found if each["rule"] == "missing-file"] == [error["hint"]]
    assert bank(below, *shlex.split(error["hint"])[1:]).returncode == 0
    assert (folder / "progress.md").is_file()
