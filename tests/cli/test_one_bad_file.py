"""One file that cannot be read hides nothing of the others, and is told; what nobody sees is shown on a terminal."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from memorybank.facade.terminal.visible import visible
from tests.running import FILES, bank, make_bank

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def to_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def to_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def to_link_out(path: Path) -> None:
    path.unlink()
    path.symlink_to("/etc/hostname")


BAD = pytest.mark.parametrize("spoil", [to_folder, to_pipe, to_link_out])
FIRST, SECOND, THIRD = "activeContext.md", "patterns.md", "progress.md"


@BAD
@pytest.mark.parametrize("command", ["load", "outline"])
def test_the_others_are_printed(tmp_path: Path, command: str, spoil: Callable[[Path], None]) -> None:
    folder = make_bank(tmp_path)
    spoil(folder / FIRST)
    done = bank(tmp_path, command)
    assert done.returncode in {5, 7}
    assert SECOND in done.stdout
    assert THIRD in done.stdout
    assert f"{FIRST}" in done.stderr
    assert "next: " in done.stderr
    as_json = bank(tmp_path, command, "--json")
    assert as_json.returncode == done.returncode
    first, *others = json.loads(as_json.stdout)["files"]
    assert first["file"] == FIRST
    assert first["error"]["code"] in {"permission", "outside"}
    assert all(each["digest"] for each in others)
    assert len(others) == 2


def test_a_file_that_was_asked_for_alone_is_the_answer_or_an_error(tmp_path: Path) -> None:
    to_folder(make_bank(tmp_path) / FIRST)
    for command in ("load", "outline"):
        done = bank(tmp_path, command, FIRST, "--json")
        assert done.returncode == 7
        assert json.loads(done.stdout)["error"]["code"] == "permission"


def test_two_files_that_are_both_missing_are_one_error_in_json(tmp_path: Path) -> None:
    make_bank(tmp_path)
    done = bank(tmp_path, "load", "one.md", "two.md", "--json")
    answer = json.loads(done.stdout)
    assert (done.returncode, set(answer)) == (3, {"schema_version", "error"})
    assert (answer["error"]["code"], answer["error"]["where"]) == ("no-file", "one.md")
    assert [each["where"] for each in answer["error"]["also"]] == ["two.md"]


def test_memory_files_that_are_all_missing_are_one_error_in_json(tmp_path: Path) -> None:
    folder = make_bank(tmp_path)
    for file in FILES:
        (folder / file).unlink()
    done = bank(tmp_path, "load", "--json")
    assert (done.returncode, json.loads(done.stdout)["error"]["code"]) == (3, "no-file")


def test_without_a_bank_that_is_said_once(tmp_path: Path) -> None:
    done = bank(tmp_path, "load", FIRST, SECOND)
    assert done.returncode == 3
    assert done.stderr.count("no bank found") == 1


@BAD
def test_a_status_says_what_stands_there(tmp_path: Path, spoil: Callable[[Path], None]) -> None:
    folder = make_bank(tmp_path)
    spoil(folder / FIRST)
    (folder / SECOND).unlink()
    rows = json.loads(bank(tmp_path, "status", "--json").stdout)["files"]
    assert rows[0]["fault"] not in {"", "missing"}
    assert [each["fault"] for each in rows[1:]] == ["missing", ""]
    lines = bank(tmp_path, "status").stdout
    assert rows[0]["fault"] in lines
    assert lines.count("missing") == 1


@pytest.mark.parametrize("before", ["", "\ufeff", "---\nx: 1\n---\n", "words\n\n"])
@pytest.mark.parametrize("eol", ["\n", "\r\n"])
def test_a_title_that_is_missing_is_put_back(tmp_path: Path, before: str, eol: str) -> None:
    folder = make_bank(tmp_path)
    path = folder / SECOND
    text = path.read_text(encoding="utf-8").removeprefix("# Project Patterns\n")
    path.write_bytes((before + text.lstrip("\n")).replace("\n", eol).encode())
    rules = [each["rule"] for each in json.loads(bank(tmp_path, "check", "--json").stdout)["findings"]]
    assert rules == ["title"]
    assert bank(tmp_path, "check", "--fix").returncode == 0
    fixed = path.read_bytes().decode()
    assert f"# Project Patterns{eol}{eol}" in fixed
    assert (
        fixed.replace(f"# Project Patterns{eol}{eol}", "").partition("## Last")[0]
        == ((before + text.lstrip("\n")).replace("\n", eol).partition("## Last")[0])
    )


@pytest.mark.parametrize(
    "character",
    ["\u200b", "\u2060", "\u2064", "\ufeff", "\u00ad", "\u061c", "\u180e", "\u202e", "\u2066", "\ufff9", "\U000e0041"],
)
def test_what_nobody_sees_is_made_visible(character: str) -> None:
    assert visible(f"a{character}b") == f"a\\u{ord(character):04x}b".replace("\\u00ad", "\\xad")


@pytest.mark.parametrize("text", ["👩\u200d💻", "\u0645\u06cc\u200c\u062e", "❤\ufe0f", "e\u0301"])
def test_what_joins_letters_stays(text: str) -> None:
    assert visible(text) == text
