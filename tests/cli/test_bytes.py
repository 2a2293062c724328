"""What `show` and `--json` give to another program is what stands in the file, byte for byte."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.running import MODULE, bank, environment, make_bank

if TYPE_CHECKING:
    from pathlib import Path

ODD = [
    b"- caf\xe9\n",
    b"- a \x1b[31mred\x1b[0m\n",
    "- right \u202eleft, \u200bnothing, \U000e0041tag\n".encode(),
    b"- one\r\n- two\r\n",
    "- an em dash \u2014 and \U0001f600\n".encode(),
    b"- \\xe9 and \\udce9 as they are typed\n",
    b"no line ending",
]


def notes(project: Path, body: bytes) -> Path:
    make_bank(project)
    path = project / "notes.md"
    path.write_bytes(b"# N\n\n## A\n" + body)
    return path


def shown(project: Path, *words: str) -> bytes:
    done = subprocess.run([*MODULE, *words], cwd=project, env=environment(), capture_output=True, check=True)
    return done.stdout


@pytest.mark.parametrize("body", ODD)
def test_a_program_that_reads_gets_the_bytes(tmp_path: Path, body: bytes) -> None:
    notes(tmp_path, body)
    assert shown(tmp_path, "show", "notes.md#A") == body


@pytest.mark.parametrize("body", ODD)
def test_json_gives_the_bytes_back(tmp_path: Path, body: bytes) -> None:
    notes(tmp_path, body)
    out = shown(tmp_path, "show", "notes.md#A", "--json")
    assert not [each for each in out if each < 0x20 and each != 0x0A]
    text = json.loads(out.decode("utf-8"))["text"]
    assert text.encode("utf-8", "surrogateescape") == body


@pytest.mark.parametrize("body", [ODD[4], b"\r\n- one\r\n  goes on\r\n"])
def test_what_is_shown_can_be_put_back(tmp_path: Path, body: bytes) -> None:
    path = notes(tmp_path, body)
    if b"\r" in body:
        path.write_bytes(b"# N\r\n\r\n## A\r\n" + body)
    before = path.read_bytes()
    text = shown(tmp_path, "show", "notes.md#A").decode("utf-8")
    assert bank(tmp_path, "edit", "notes.md#A", "--replace", "-", text=text).returncode == 0
    assert path.read_bytes() == before


def test_a_terminal_gets_escapes(tmp_path: Path) -> None:
    notes(tmp_path, b"- caf\xe9 \x1b[31mred \x1b]0;title\x07\x0b " + "\x85\u2028\u202e\n".encode())
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [*MODULE, "show", "notes.md#A"], cwd=tmp_path, env=environment(NO_COLOR="1"), stdout=theirs, stderr=theirs
    ) as child:
        child.wait(timeout=60)
        os.close(theirs)
        said = os.read(ours, 65536).decode("utf-8")
        os.close(ours)
    assert "- caf\\xe9 \\x1b[31mred \\x1b]0;title\\x07\\x0b \\x85\\u2028\\u202e" in said
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u202e]", said)
