"""How the program starts and ends: in any locale, interrupted at any moment, with nowhere to print, in no folder."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from tests.running import MODULE, bank_process, environment, make_bank

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(os.name == "nt", reason="locales, signals and devices of Unix")

PLAIN = [
    {"LC_ALL": "C", "PYTHONUTF8": "0"},
    {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    {"LC_ALL": "C"},
]


def learnings(project: Path) -> str:
    return (project / ".memorybank" / "activeContext.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("locale", PLAIN)
def test_words_files_and_answers_are_utf8_in_every_locale(tmp_path: Path, locale: dict[str, str]) -> None:
    project = tmp_path / "größe 日本"
    make_bank(project)
    assert bank_process(project, "note", "größer als 日本 👍", env=locale).returncode == 0
    assert bank_process(project, "note", "-", text="aus der Röhre\n", env=locale).returncode == 0
    (project / "über.md").write_text("# Ü\n\n## Ä\n\nx\n", encoding="utf-8")
    done = bank_process(project, "edit", "über.md#Ä", env={**locale, "EDITOR": "sed -i s/x/ö/"})
    assert done.returncode == 0, done.stderr
    assert "ö" in bank_process(project, "show", "über.md#Ä", env=locale).stdout
    assert (
        "größer als 日本 👍"
        in json.loads(bank_process(project, "show", "activeContext.md#Learnings", "--json", env=locale).stdout)["text"]
    )
    named = bank_process(project, "save", "Ü", "--title", "Öl", env={**locale, "MEMORYBANK_TOOL": "über"})
    assert named.returncode == 0, named.stderr
    assert "- größer als 日本 👍\n- aus der Röhre\n" in learnings(project)


def test_words_in_the_bytes_of_the_locale_are_read_so(tmp_path: Path) -> None:
    if shutil.which("localedef") is None:
        pytest.skip("no locale can be made")
    made = subprocess.run(
        ["localedef", "-i", "en_US", "-f", "ISO-8859-1", str(tmp_path / "en_US.ISO-8859-1")],
        capture_output=True,
        check=False,
    )
    if not (tmp_path / "en_US.ISO-8859-1").is_dir():
        pytest.skip(made.stderr.decode())
    project = tmp_path / "project"
    make_bank(project)
    env = environment(LOCPATH=str(tmp_path), LC_ALL="en_US.ISO-8859-1", PYTHONUTF8="0")
    for word in (b"gr\xf6\xdfer", "größte".encode()):
        subprocess.run([*MODULE, "note", word], cwd=project, env=env, check=True, capture_output=True)
    assert "- größer\n- größte\n" in learnings(project)


def test_words_that_are_no_text_are_refused_everywhere(tmp_path: Path) -> None:
    make_bank(tmp_path)
    for locale in ({}, *PLAIN):
        done = subprocess.run(
            [*MODULE, "note", b"caf\xe9"], cwd=tmp_path, env=environment(**locale), capture_output=True, check=False
        )
        assert done.returncode == 5


@pytest.mark.parametrize("pause", [0.04, 0.08, 0.15, 0.3])
def test_an_interrupt_at_any_moment_is_one_word(tmp_path: Path, pause: float) -> None:
    make_bank(tmp_path)
    ready = tmp_path / "ready"
    # what a child does before it comes to us is Python's own; the child says when it is there
    begin = (
        "import pathlib, runpy, sys\n"
        f"pathlib.Path({str(ready)!r}).touch()\n"
        "sys.argv = ['bank', 'note', 'x']\n"
        "from memorybank.__main__ import main\n"
        "main()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", begin], cwd=tmp_path, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as child:
        while not ready.exists():
            time.sleep(0.001)
        time.sleep(pause)
        child.send_signal(signal.SIGINT)
        out, err = child.communicate(timeout=60)
    assert child.returncode in {0, 130}
    assert b"Traceback" not in err
    if child.returncode:
        assert err.split() in ([b"interrupted"], [b"interrupted", *err.split()[1:]])
        assert err.split()[0] == b"interrupted"
    else:
        assert b"noted" in out


def test_an_interrupt_in_a_callback_is_not_lost(tmp_path: Path) -> None:
    begin = (
        "import os, signal, time, weakref\n"
        "import memorybank.cli.main\n"
        "from memorybank.__main__ import main\n"
        "def run(words):\n"
        "    class Thing: pass\n"
        "    thing = Thing()\n"
        "    seen = weakref.ref(thing, lambda _: (os.kill(os.getpid(), signal.SIGINT), len([1])))\n"
        "    del thing\n"
        "    time.sleep(20)\n"
        "    return 0\n"
        "memorybank.cli.main.run = run\n"
        "main()\n"
    )
    done = subprocess.run([sys.executable, "-c", begin], env=environment(), capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (130, b"interrupted\n")


def test_interrupts_in_the_background_stay_ignored(tmp_path: Path) -> None:
    make_bank(tmp_path)
    done = subprocess.run(
        ["sh", "-c", 'trap "" INT; "$@" & kill -INT $!; wait $!', "sh", *MODULE, "note", "x"],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0
    assert "- x\n" in learnings(tmp_path)


full = pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no device that is full")  # noqa: PTH110  a device


@full
@pytest.mark.parametrize("more", [[], ["--json"]])
def test_what_is_written_is_said_to_be_written_when_it_cannot_be_printed(tmp_path: Path, more: list[str]) -> None:
    make_bank(tmp_path)
    for words in (["note", "x"], ["task", "add", "y"], ["save", "z"], ["undo"]):
        with open("/dev/full", "wb") as out:  # noqa: PTH123  a device
            done = subprocess.run(
                [*MODULE, *words, *more],
                cwd=tmp_path,
                env=environment(),
                stdout=out,
                stderr=subprocess.PIPE,
                check=False,
            )
        said = done.stderr.decode()
        assert done.returncode == 0, said
        assert re.search(r"the change is written, do not repeat it: op-\d{8}-\w{5}", said)


@full
def test_what_is_only_read_and_cannot_be_printed_fails(tmp_path: Path) -> None:
    make_bank(tmp_path)
    with open("/dev/full", "wb") as out:  # noqa: PTH123  a device
        done = subprocess.run([*MODULE, "load"], cwd=tmp_path, env=environment(), stdout=out, stderr=-1, check=False)
    assert done.returncode == 7
    assert b"written" not in done.stderr


@full
def test_a_warning_that_cannot_be_printed_stops_nothing(tmp_path: Path) -> None:
    make_bank(tmp_path)
    with open("/dev/full", "wb") as out:  # noqa: PTH123  a device
        ended = [
            subprocess.run([*MODULE, *words], cwd=tmp_path, env=environment(), stdout=out, stderr=out, check=False)
            for words in (["note", "x"], ["show", "Nothing"])
        ]
    assert [each.returncode for each in ended] == [0, 3]
    assert "- x\n" in learnings(tmp_path)


@pytest.mark.parametrize("words", [["note", "x"], ["load"], ["status"], ["init"], ["session", "start"]])
def test_a_folder_that_was_deleted_is_told(tmp_path: Path, words: list[str]) -> None:
    make_bank(tmp_path / "project")
    done = in_deleted_folder(tmp_path, *words)
    assert done.returncode == 3, done.stderr
    assert "[no-bank]" in done.stderr
    assert "current folder" in done.stderr


@pytest.mark.parametrize("words", [["note", "x"], ["load"], ["status"], ["session", "start"], ["search", "x"]])
def test_a_named_bank_works_from_a_folder_that_was_deleted(tmp_path: Path, words: list[str]) -> None:
    make_bank(tmp_path / "project")
    assert in_deleted_folder(tmp_path, *words, "--bank", str(tmp_path / "project")).returncode == 0
    done = in_deleted_folder(tmp_path, *words, MEMORYBANK_DIR=str(tmp_path / "project"))
    assert done.returncode == 0, done.stderr


def in_deleted_folder(folder: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    (folder / "gone").mkdir(exist_ok=True)
    script = 'cd "$0" && rmdir "$0" && exec "$@"'
    return subprocess.run(
        ["sh", "-c", script, str(folder / "gone"), *MODULE, *words],
        cwd=folder,
        env=environment(**more),
        capture_output=True,
        text=True,
        check=False,
    )
