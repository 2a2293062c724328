"""Completion as a shell asks for it: the words of the line come in variables, and nothing but candidates comes back."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.running import ROOT, environment, make_bank
from tests.running import bank as run_bank

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., Any]


def ask(bank: Run, line: str, shell: str = "bash") -> list[str]:
    """Return what a shell is offered at the end of a line; a blank at the end begins a new word."""
    words = line.split(" ")
    if shell == "bash":
        ended = bank(_BANK_COMPLETE="bash_complete", COMP_WORDS="\n".join(words), COMP_CWORD=str(len(words) - 1))
    elif shell == "zsh":
        ended = bank(_BANK_COMPLETE="zsh_complete", COMP_WORDS=line, COMP_CWORD=str(len(words) - 1))
    else:
        ended = bank(_BANK_COMPLETE="fish_complete", COMP_WORDS=" ".join(words[:-1]), COMP_CWORD=words[-1])
    assert ended.err == ""
    if shell == "zsh":
        return [each for each in ended.out.split("\n")[1::3] if each]
    return [each.partition(",")[2].partition("\t")[0] for each in ended.out.split("\n") if each]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """Make a project with something of each kind, and give the ids in it."""
    names = {}
    project = tmp_path_factory.mktemp("made") / "project"
    make_bank(project)

    def bank(*words: str) -> Any:
        done = run_bank(project, *words, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    for name, words in {
        "fact": ("save", "The API answers 429", "--type", "fact", "--tags", "api,auth"),
        "bug": ("bug", "new", "Names are cut"),
        "decision": ("decide", "Cache: SQLite"),
    }.items():
        names[name] = bank(*words)["record"]["id"]
    names["session"] = bank("session", "start", "--label", "uploads")["record"]["id"]
    for words in (("task", "add", "Ship the docs"), ("plan", "new", "Search over sessions")):
        bank(*words)
    bank("paf", "add", "AUTH", "Tokens expire")
    bank("workflow", "start", "BUILD", "Uploads survive", "--id", "wf-up")
    return project, names


@pytest.fixture
def full(made: tuple[Path, dict[str, str]], bank: Run, project: Path) -> tuple[Run, dict[str, str]]:
    shutil.copytree(made[0], project, dirs_exist_ok=True)
    return bank, made[1]


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("bank no", {"note", "notes"}),
        ("bank task re", {"remove", "reopen"}),
        ("bank note x --as got", {"gotcha"}),
        ("bank save x --type fa", {"fact"}),
        ("bank list --tag a", {"api", "auth"}),
        ("bank save x --tags api,au", {"api,auth"}),
        ("bank update x --tags +au", {"+auth"}),
        ("bank load --stage impl", {"implement"}),
        ("bank gate ver", {"verify"}),
        ("bank load --for session-st", {"session-start"}),
        ("bank show activeContext.md#Rec", {r"activeContext.md#Recent\ Changes"}),
        ("bank edit patterns.md#Common", {r"patterns.md#Common\ Gotchas"}),
        ("bank outline prog", {"progress.md"}),
        ("bank plan show docs/plans/", {"docs/plans/{day}-search-over-sessions.md"}),
        ("bank recall fct", {"{fact}"}),
        ("bank delete dec", {"{decision}"}),
        ("bank decide x --link supersedes:dec", {"supersedes:{decision}"}),
        ("bank bug show bug", {"{bug}"}),
        ("bank session show up", {"uploads"}),
        ("bank session load ses", {"{session}"}),
        ("bank load --session ses", {"{session}"}),
        ("bank task done Sh", {r"Ship\ the\ docs"}),
        ("bank paf review PAF", {"PAF-AUTH-001"}),
        ("bank workflow show wf", {"wf-up"}),
        ("bank search x --scope rec", {"records"}),
        ("bank completion z", {"zsh"}),
        ("bank help task do", {"done"}),
        ("bank bug list --severity cr", {"critical"}),
        ("bank workflow start bu", {"BUILD"}),
        ("bank ls --type fa", {"fact"}),
    ],
)
def test_a_shell_is_offered_what_the_bank_has(
    full: tuple[Run, dict[str, str]], project: Path, line: str, offered: set[str]
) -> None:
    bank, names = full
    plan = next((project / "docs" / "plans").glob("*-search-over-sessions.md")).name
    day = plan.removesuffix("-search-over-sessions.md")
    assert set(ask(bank, line)) == {each.format(day=day, **names) for each in offered}


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_zsh_and_fish_quote_by_themselves(full: tuple[Run, dict[str, str]], shell: str) -> None:
    bank, names = full
    assert ask(bank, "bank recall fct", shell) == [names["fact"]]
    assert ask(bank, "bank show activeContext.md#Rec", shell) == ["activeContext.md#Recent Changes"]


@pytest.mark.parametrize("line", ["bank recall ", "bank nothing ", "bank --bank /nowhere recall f", "bank task done '"])
def test_an_error_offers_nothing_and_prints_nothing(bank: Run, project: Path, line: str) -> None:
    shutil.rmtree(project / ".memorybank")
    assert ask(bank, line) == []


def test_a_torn_bank_and_a_strange_question_are_quiet(bank: Run, project: Path) -> None:
    (project / ".memorybank" / "bank.toml").write_text("[[[", encoding="utf-8")
    assert ask(bank, "bank recall f") == []
    ended = bank(_BANK_COMPLETE="tcsh_complete")
    assert (ended.out, ended.err) == ("", "")
    ended = bank(_BANK_COMPLETE="bash_complete")
    assert (ended.out, ended.err) == ("", "")


def test_another_bank_on_the_line_is_the_one_that_is_read(bank: Run, tmp_path: Path) -> None:
    other = tmp_path / "other"
    make_bank(other)
    run_bank(other, "task", "add", "Elsewhere")
    assert ask(bank, f"bank task done --bank {other} El") == ["Elsewhere"]
    assert ask(bank, f"bank --bank {other} task done El") == ["Elsewhere"]


def test_reading_for_a_shell_writes_nothing(full: tuple[Run, dict[str, str]], project: Path) -> None:
    bank, _ = full
    before = {path: path.read_bytes() for path in project.rglob("*") if path.is_file() and ".state" not in path.parts}
    for line in ("bank recall ", "bank task done ", "bank show ", "bank undo "):
        assert ask(bank, line)
    after = {path: path.read_bytes() for path in project.rglob("*") if path.is_file() and ".state" not in path.parts}
    assert after == before


def test_a_large_bank_is_not_read_for_a_shell(bank: Run, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tags come from what the last list kept, operations from the end of the journal: no memory is looked at."""
    bank("save", "one", "--type", "fact", "--tags", "api")
    monkeypatch.setattr("memorybank.records.memories.tags._MANY", 0)
    # what changed within the last two seconds is not kept
    monkeypatch.setattr("memorybank.records.find._RACY_NS", -1)
    bank("list")
    for path in (project / ".memorybank" / "memories").rglob("*.md"):
        path.write_text("---\ntags: [other]\n---\n", encoding="utf-8")
    assert ask(bank, "bank list --tag ") == ["api"]
    ids = [each["operation"] for each in bank("history", "--json").data["operations"]]
    assert ask(bank, "bank diff ") == ids
    (project / ".memorybank" / ".state" / "records.cache").unlink()
    assert ask(bank, "bank list --tag ") == []


def test_an_operation_that_changed_nothing_is_not_offered(bank: Run, project: Path) -> None:
    bank("note", "one")
    (kept,) = ask(bank, "bank diff ")[:1]
    journal = project / ".memorybank" / ".state" / "journal.jsonl"
    with journal.open("a", encoding="utf-8") as file:
        file.write('{"op":"op-20260101-aaaaa","state":"begun","at":"2026-01-01T00:00:00Z","verb":"note"}\n')
        file.write('{"op":"op-20260101-aaaaa","state":"aborted"}\n')
    assert ask(bank, "bank diff ")[:1] == [kept]


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash")
def test_a_real_bash_puts_the_words_in(tmp_path: Path) -> None:
    """The script that is printed, in the shell it is for, with `bank` as a program."""
    make_bank(tmp_path)
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / "bank"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m memorybank "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    script = (
        'eval "$(bank completion bash)"\n'
        r"COMP_WORDS=(bank show 'activeContext.md#Re'); COMP_CWORD=2; _bank_completion bank; "
        r'printf "<%s>" "${COMPREPLY[@]}"; COMPREPLY=(); '
        r"COMP_WORDS=(bank nothing ''); COMP_CWORD=2; _bank_completion bank; "
        r'printf "[%s]" "${#COMPREPLY[@]}"'
    )
    env = environment(PATH=f"{folder}{os.pathsep}{os.environ['PATH']}", PYTHONPATH=str(ROOT))
    done = subprocess.run(
        ["bash", "--norc", "-c", script], cwd=tmp_path, env=env, capture_output=True, text=True, check=True
    )
    assert done.stdout == r"<activeContext.md#Recent\ Changes><activeContext.md#References>[0]"
    assert done.stderr == ""


@pytest.mark.parametrize(
    "line",
    [
        "bank no",
        "bank note x --as ",
        "bank load --for ",
        "bank load --stage ",
        "bank outline ",
        "bank show activeContext.md#",
        "bank recall fct",
        "bank list --tag ",
        "bank diff ",
        "bank session show ",
    ],
)
def test_nothing_heavy_is_imported(tmp_path: Path, line: str) -> None:
    """What a shell waits for is measured by tests/benchmarks/completion.py; this is what would make it slow."""
    make_bank(tmp_path)
    run_bank(tmp_path, "save", "The API answers 429", "--type", "fact", "--tags", "api")
    words = line.split(" ")
    env = environment(_BANK_COMPLETE="bash_complete", COMP_WORDS="\n".join(words), COMP_CWORD=str(len(words) - 1))
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "memorybank"],
        cwd=tmp_path,
        env=env,
        capture_output=True,
        text=True,
        check=True,
    )
    imported = {row.rpartition("|")[2].strip() for row in done.stderr.split("\n")}
    assert "memorybank.cli.completion" in imported
    assert imported & {"yaml", "markdown_it", "rapidfuzz", "sqlite3", "frontmatter", "difflib", "numpy"} == set()
    assert done.stdout or line == "bank session show "
