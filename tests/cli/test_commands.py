"""Every command on its main road, as a process of its own, for people and for programs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from memorybank import __version__
from memorybank.cli.main import COMMANDS

if TYPE_CHECKING:
    from collections.abc import Callable

    Bank = Callable[..., Any]


def read(project: Path, file: str = "activeContext.md") -> str:
    return (project / ".memorybank" / file).read_text(encoding="utf-8")


def test_init_says_where_and_what_next(bank: Bank, tmp_path: Path) -> None:
    fresh = tmp_path / "fresh"
    fresh.mkdir()
    ended = bank("init", cwd=fresh)
    assert ended.status == 0
    assert str(fresh / ".memorybank") in ended.out
    assert "progress.md (new)" in ended.out
    assert "next: bank load" in ended.err
    again = bank("init", "--json", cwd=fresh)
    assert again.data["kept_files"] == ["activeContext.md", "patterns.md", "progress.md", "bank.toml"]


def test_init_in_a_named_folder(bank: Bank, tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    assert bank("init", str(tmp_path / "x")).status == 0
    assert (tmp_path / "x" / ".memorybank" / "bank.toml").is_file()
    assert bank("init", str(tmp_path / "none")).status == 3


def test_init_adopts(bank: Bank, tmp_path: Path) -> None:
    cc10x = tmp_path / "old" / ".cc10x"
    cc10x.mkdir(parents=True)
    (cc10x / "activeContext.md").write_text("# Active Context\n\n## Learnings\n\n- one\n", encoding="utf-8")
    refused = bank("init", cwd=cc10x.parent)
    assert (refused.status, "--adopt" in refused.err) == (5, True)
    assert bank("init", "--adopt", cwd=cc10x.parent).status == 0
    assert bank("note", "two", cwd=cc10x.parent).status == 0
    assert "- one\n- two\n" in (cc10x / "activeContext.md").read_text(encoding="utf-8")


def test_load_prints_all_or_what_is_named(bank: Bank) -> None:
    ended = bank("load")
    assert [line for line in ended.out.split("\n") if line.startswith("# ")] == [
        "# Active Context",
        "# Project Patterns",
        "# Progress Tracking",
    ]
    assert bank("load", "--for", "decision").out.split("\n")[0].startswith("=== activeContext.md#Decisions @")
    assert "always" in bank("load", "--for", "list").out
    data = bank("load", "progress.md", "--json").data
    assert data["schema_version"] == 2
    assert data["files"][0]["text"].startswith("# Progress Tracking")
    assert {"address", "digest"} == set(data["files"][0]["sections"][0])


def test_note_focus_and_task(bank: Bank, project: Path) -> None:
    ended = bank("note", "cache: SQLite", "--as", "decision", "--why", "no server", "--file", "src/x.py:3")
    assert ended.status == 0
    assert ended.out.startswith("noted: activeContext.md#Decisions @")
    assert "- cache: SQLite - no server - src/x.py:3\n" in read(project)
    assert bank("focus", "Parser").status == 0
    assert "## Current Focus\n\nParser\n" in read(project)
    assert bank("task", "add", "Fuzz it", "--json").data["receipt"]["files"][0]["file"] == "progress.md"
    assert bank("task", "done", "1", "--evidence", "exit 0").status == 0
    # with its evidence it is filed under Completed
    assert bank("task", "list", "--json").data["tasks"] == []
    assert "- [x] Fuzz it - exit 0\n" in read(project, "progress.md")


def test_the_clock_can_be_set(bank: Bank, project: Path) -> None:
    bank("note", "x", "--as", "change", SOURCE_DATE_EPOCH="0")
    assert "- [1970-01-01] x\n" in read(project)
    assert "1970-01-01 00:00 UTC" in read(project)


def test_show_gives_the_text_alone_and_the_digest_beside_it(bank: Bank) -> None:
    ended = bank("show", "activeContext.md#Learnings")
    assert ended.out == "\n- [None]\n\n"
    assert ended.err.startswith("activeContext.md#Learnings @")
    data = bank("show", "activeContext.md#Learnings", "--json").data
    assert data["digest"] in ended.err
    assert data["text"] == ended.out


def test_outline_and_status(bank: Bank) -> None:
    ended = bank("outline", "progress.md")
    assert [line.split()[-1] for line in ended.out.rstrip("\n").split("\n")[1:]] == [
        "Tracking",
        "Workflow",
        "Tasks",
        "Completed",
        "Verification",
        "Updated",
    ]
    assert len(bank("outline", "--json").data["files"]) == 3
    status = bank("status", "--json").data
    assert (status["layout"], status["operation_count"]) == ("memorybank", 1)
    assert "1 operations" in bank("status").out


def test_edit_in_every_way(bank: Bank, project: Path) -> None:
    (project / "docs").mkdir()
    file = project / "docs" / "api.md"
    file.write_bytes(b"# API\n\n## Errors\n\n- 404\n\n## Limits\n\nnone\n")
    digest = bank("show", "docs/api.md#Errors", "--json").data["digest"]
    assert bank("edit", "docs/api.md#Errors", "--append", "- 409", "--expect", digest).status == 0
    assert bank("edit", "docs/api.md#Errors", "--prepend", "400").status == 0
    assert bank("edit", "docs/api.md#Limits", "--replace", "-", stdin=b"ten\na second\n").status == 0
    assert bank("edit", "docs/api.md#Limits", "--insert-after", "## More\n\nwords").status == 0
    assert file.read_bytes() == (
        b"# API\n\n## Errors\n\n- 400\n- 404\n- 409\n\n## Limits\n\nten\na second\n\n## More\n\nwords\n"
    )
    assert bank("edit", "docs/api.md#More", "--remove").status == 0
    stale = bank("edit", "docs/api.md#Errors", "--replace", "x", "--expect", digest)
    assert stale.status == 4
    assert "++- 409" not in stale.err
    assert "+- 409" in stale.err
    assert "next: bank show 'docs/api.md#Errors'" in stale.err


def test_edit_with_an_editor(bank: Bank, project: Path, tmp_path: Path) -> None:
    editor = tmp_path / "editor.py"
    editor.write_text(
        "import pathlib, sys\np = pathlib.Path(sys.argv[1])\n"
        "p.write_text(p.read_text(encoding='utf-8').replace('[Active work]', 'Parser'), encoding='utf-8')\n"
        "import os, time\nos.utime(p, (time.time() + 9,) * 2)\n"
    )
    ended = bank("edit", "activeContext.md#Current Focus", EDITOR=f"{sys.executable} {editor}", VISUAL="")
    assert ended.status == 0, ended.err
    assert "## Current Focus\n\nParser\n\n" in read(project)
    assert read(project).count("## Current Focus") == 1
    before = read(project)
    same = bank("edit", "activeContext.md#Current Focus", EDITOR="true", VISUAL="")
    assert (same.status, same.err) == (0, "nothing was changed\n")
    assert read(project) == before


def test_items(bank: Bank, project: Path) -> None:
    for text in ("one", "two", "three"):
        bank("note", text)
    address = "activeContext.md#Learnings"
    assert bank("item", "list", address).out == "  1 one\n  2 two\n  3 three\n"
    assert bank("item", "replace", address, "2", "zwei").status == 0
    assert bank("item", "tick", address, "one").status == 3
    assert bank("item", "replace", address, "one", "[ ] one").status == 0
    assert bank("item", "tick", address, "one").status == 0
    assert bank("item", "untick", address, "one").status == 0
    assert bank("item", "remove", address, "three").status == 0
    assert bank("item", "move", address, "zwei", "--to", "patterns.md#Common Gotchas").status == 0
    assert [each["text"] for each in bank("item", "list", address, "--json").data["items"]] == ["one"]
    assert "- zwei\n" in read(project, "patterns.md")


def test_documents_and_fields(bank: Bank, project: Path) -> None:
    data = bank("plan", "new", "Search over sessions", "--json").data
    path = project / data["file"]
    assert path.is_file()
    assert f"`{data['file']}`" in read(project)
    assert bank("research", "new", "SQLite on network disks").status == 0
    assert bank("set", data["file"], "status", "accepted").status == 0
    assert "status: accepted" in path.read_text(encoding="utf-8")


def test_check_and_its_forms(bank: Bank, project: Path) -> None:
    clean = bank("check")
    assert (clean.status, clean.out) == (0, "no findings\n")
    path = project / ".memorybank" / "patterns.md"
    path.write_text(path.read_text(encoding="utf-8").replace("## User Standards\n\n- [None]\n\n", ""), encoding="utf-8")
    found = bank("check")
    assert found.status == 1
    assert "patterns.md:1: error: the section '## User Standards' is missing [missing-section]" in found.out
    assert bank("check", "--json").data["findings"][0]["rule"] == "missing-section"
    said = bank("check", "--format", "github").out
    assert said.startswith("::error file=.memorybank/patterns.md,line=1,title=missing-section::")
    (project / ".memorybank" / "memories" / "fact").mkdir(parents=True)
    strange = project / ".memorybank" / "memories" / "fact" / "x\n::error::y.md"
    strange.write_text("no front matter\n", encoding="utf-8")
    for form in ("github", "text"):
        lines = bank("check", "--format", form).out.rstrip("\n").split("\n")
        assert all("patterns.md" in line or "memories/fact" in line for line in lines)
    strange.unlink()
    assert bank("check", "--fix", "--dry-run").status == 1
    assert bank("check", "--fix").status == 0
    assert bank("check", "patterns.md").status == 0
    assert bank("check", "nope.md").status == 3


def test_migrate(bank: Bank, project: Path) -> None:
    assert bank("migrate").out == "nothing to migrate\n"
    path = project / ".memorybank" / "progress.md"
    path.write_text(path.read_text(encoding="utf-8").replace("## Completed", "## Remaining\n\n- a\n\n## Completed"))
    before = path.read_bytes()
    dry = bank("migrate", "--dry-run")
    assert dry.status == 0
    assert "-## Remaining" in dry.out
    assert path.read_bytes() == before
    assert bank("migrate", "--json").data["report"] == ["progress.md: '## Remaining' merged into '## Tasks'"]
    assert bank("undo").status == 0
    assert path.read_bytes() == before


def test_history_undo_and_blame(bank: Bank, project: Path) -> None:
    before = read(project)
    ident = bank("note", "one", "--json", MEMORYBANK_SOURCE_TOOL="mine", MEMORYBANK_SESSION="s1").data["receipt"][
        "operation"
    ]
    assert "mine/s1" in bank("history").out.split("\n")[0]
    assert "+- one" in bank("history", "--diff", "--limit", "1").out
    assert bank("history", "--json").data["operations"][0]["operation"] == ident
    assert ident in bank("blame", "activeContext.md#Learnings").out
    lines = bank("blame", "activeContext.md#Learnings", "--json").data["lines"]
    assert next(each for each in lines if each["text"] == "- one")["origin"] == ident
    undone = bank("undo", ident[-5:])
    assert undone.out.startswith(f"undid {ident}: activeContext.md")
    assert read(project) == before


def test_completion_for_every_shell(bank: Bank) -> None:
    for shell in ("bash", "zsh", "fish"):
        assert "_BANK_COMPLETE" in bank("completion", shell).out
    assert bank("completion", "tcsh").status == 2


def test_completion_completes(bank: Bank) -> None:
    ended = bank(_BANK_COMPLETE="bash_complete", COMP_WORDS="bank mig", COMP_CWORD="1")
    assert "plain,migrate" in ended.out


@pytest.mark.parametrize("words", [["-V"], ["--version"]])
def test_the_version(bank: Bank, words: list[str]) -> None:
    assert bank(*words).out == f"bank {__version__}\n"


def test_a_bank_may_be_named_before_or_behind_the_command(bank: Bank, project: Path, tmp_path: Path) -> None:
    for words in (["--bank", str(project), "status", "--json"], ["status", "--json", "--bank", str(project)]):
        assert bank(*words, cwd=tmp_path).data["project_folder"] == str(project)
    assert bank("--json", "status", MEMORYBANK_DIR=str(project), cwd=tmp_path).data["project_folder"] == str(project)


def test_the_console_script_is_the_same_program() -> None:
    table = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))
    module, _, name = table["project"]["scripts"]["bank"].partition(":")
    assert callable(getattr(import_module(module), name))


def test_every_writing_command_has_a_dry_run_with_a_diff(here: Bank, project: Path) -> None:
    here("note", "one")
    here("note", "one", "--as", "task")
    before = {path: path.read_bytes() for path in sorted(project.rglob("*")) if path.is_file()}
    for words in (
        ["note", "x"],
        ["focus", "x"],
        ["task", "add", "x"],
        ["task", "done", "1"],
        ["edit", "activeContext.md#Blockers", "--append", "x"],
        ["item", "replace", "activeContext.md#Learnings", "1", "x"],
        ["item", "tick", "progress.md#Tasks", "1"],
        ["item", "remove", "activeContext.md#Learnings", "1"],
        ["item", "move", "activeContext.md#Learnings", "1", "--to", "activeContext.md#Blockers"],
        ["set", "activeContext.md", "owner", "me"],
        ["plan", "new", "X"],
        ["research", "new", "X"],
        ["undo"],
    ):
        ended = here(*words, "--dry-run")
        assert ended.status == 0, words
        assert "\n@@ " in ended.out, words
        assert ended.err.endswith("nothing was written (dry run)\n")
    assert {path: path.read_bytes() for path in sorted(project.rglob("*")) if path.is_file()} == before


def test_json_is_the_same_for_every_writing_command(here: Bank) -> None:
    fields = {
        "operation",
        "verb",
        "at",
        "tool",
        "session",
        "dry_run",
        "waited",
        "files",
        "lost_links",
        "already",
        "superseded",
    }
    for words in (["note", "x"], ["focus", "x"], ["task", "add", "x"], ["set", "patterns.md", "a", "1"]):
        data = here(*words, "--json").data
        assert set(data) == {"schema_version", "receipt"}
        assert set(data["receipt"]) == fields


def test_every_command_is_listed_with_a_line_of_help(bank: Bank) -> None:
    out = bank("-h").out
    for name, (_, text) in COMMANDS.items():
        assert f"  {name} " in out
        assert text in out


def test_main_is_importable_as_a_library(tmp_path: Path) -> None:
    code = (
        "import memorybank as mb; b = mb.Bank.init('.'); b.note('one');"
        "print([n for n in mb.__all__ if getattr(mb, n) is None]); print(len(b.check().findings))"
    )
    environ = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environ, capture_output=True, check=True, timeout=60
    )
    assert done.stdout == b"[]\n0\n"
    assert json.loads((tmp_path / ".memorybank/.state/journal.jsonl").read_bytes().split(b"\n")[0])["verb"] == "init"
