"""Which files of a bank travel, and which names from elsewhere are refused."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from memorybank.errors import BankError
from memorybank.team.syncable import folded, read_sync_file, sync_files, sync_names, sync_path
from tests.faults.writing_commands import make_project
from tests.running import bank, folder_of, new_bank

if TYPE_CHECKING:
    from pathlib import Path

TYPE = """---
record: runbook
purpose: what to do
prefix: run
folder: runbooks
file: "{id}-{slug}"
statuses:
  open: [done]
  done: []
---
# {title}
"""


def test_all_that_commands_write_travels_but_not_local_state_and_settings(tmp_path: Path) -> None:
    make_project(tmp_path)
    folder = folder_of(tmp_path)
    for words in (("delete", "rate"), ("prove", "it works", "--", "true")):
        bank(tmp_path, *words)
    here = {
        path.relative_to(folder.folder).as_posix()
        for path in folder.folder.rglob("*")
        if path.is_file() and ".state" not in path.parts and path.name != "bank.toml"
    }
    docs = {path.relative_to(tmp_path).as_posix() for path in tmp_path.glob("docs/plans/**/*.md")}
    found = list(sync_files(folder))
    assert {each.name for each in found} == here | docs
    assert docs
    assert {each.name.partition("/")[0] for each in found} >= {"memories", "sessions", "groups", "workflows", "pafs.md"}
    assert not [each for each in found if each.why]
    assert all(each.data == sync_path(folder, each.name).read_bytes() for each in found)


@pytest.mark.parametrize(
    "name",
    [
        *("", ".", "..", "/etc/passwd", "../progress.md", "memories/../../x.md", "memories//x.md", "memories/./x.md"),
        *("memories/x.md/", "C:/x.md", "memories\\..\\x.md", "memories/nul.md", "memories/x .md. ", "memories/a\tb.md"),
        *(".state/journal.jsonl", ".git/config", "memories/.git/x.md", "bank.toml", "templates/records/fact.md"),
        *("memories/x.py", "notes.txt", "src/x.md", "docs/x.md", "docs/plans/x.py", "docs/plans/node_modules/x.md"),
        *("memories/\udcff.md", "memories/a\u202eb.md", f"memories/{'x' * 300}.md", f"memories/{'d/' * 40}x.md"),
        *("memories/x\0.md", "memory-tool/build/x", "runbooks/x.md", "artifacts/.hidden"),
    ],
)
def test_a_name_that_is_no_file_of_a_bank_is_refused(tmp_path: Path, name: str) -> None:
    folder = new_bank(tmp_path)
    with pytest.raises(BankError) as caught:
        sync_path(folder, name)
    assert caught.value.exit_status == 5
    assert str(caught.value).isprintable()


def test_a_folder_of_the_banks_own_type_travels(tmp_path: Path) -> None:
    folder = new_bank(tmp_path)
    (folder.folder / "templates" / "records").mkdir(parents=True)
    (folder.folder / "templates" / "records" / "runbook.md").write_text(TYPE, encoding="utf-8")
    (folder.folder / "runbooks").mkdir()
    (folder.folder / "runbooks" / "x.md").write_text("# x\n", encoding="utf-8")
    assert sync_path(folder, "runbooks/x.md") == folder.folder.resolve() / "runbooks" / "x.md"
    assert "runbooks/x.md" in sync_names(folder)
    assert not [each for each in sync_names(folder) if each.startswith("templates")]


def test_what_is_not_a_plain_text_file_stays_and_says_why(tmp_path: Path) -> None:
    folder = new_bank(tmp_path)
    facts = folder.folder / "memories" / "fact"
    facts.mkdir(parents=True)
    (facts / "latin.md").write_bytes("caf\xe9\n".encode("latin-1"))
    (facts / "zeros.md").write_bytes(b"\0\0\0")
    (tmp_path / "outside.md").write_text("out\n", encoding="utf-8")
    (facts / "link.md").symlink_to(tmp_path / "outside.md")
    os.mkfifo(facts / "pipe.md")
    (facts / "good.md").write_bytes("caf\xe9\r\n".encode())
    whys = {each.name.rpartition("/")[2]: each.why for each in sync_files(folder) if each.name.startswith("memories/")}
    assert whys["good.md"] == ""
    assert "UTF-8" in whys["latin.md"]
    assert "NUL" in whys["zeros.md"]
    assert "link" in whys["link.md"]
    assert "pipe" in whys["pipe.md"]


def test_nothing_is_read_or_written_through_a_link_to_a_folder(tmp_path: Path) -> None:
    folder = new_bank(tmp_path / "project")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "x.md").write_text("theirs\n", encoding="utf-8")
    (folder.folder / "memories").symlink_to(tmp_path / "elsewhere")
    (folder.project / "docs").symlink_to(tmp_path / "elsewhere")
    assert not [each for each in sync_names(folder) if "/" in each]
    for name in ("memories/x.md", "docs/plans/x.md"):
        with pytest.raises(BankError):
            sync_path(folder, name)


def test_of_two_names_that_differ_in_their_letters_only_one_travels(tmp_path: Path) -> None:
    folder = new_bank(tmp_path)
    facts = folder.folder / "memories" / "fact"
    facts.mkdir(parents=True)
    for name in ("Stra\u00dfe.md", "strasse.md", "u\u0308ber.md", "\u00fcber.md"):
        (facts / name).write_text("x\n", encoding="utf-8")
    found = [each for each in sync_files(folder) if each.name.startswith("memories/")]
    assert len({folded(each.name) for each in found if not each.why}) == 2
    assert [bool(each.why) for each in found] == [False, True, False, True]


@pytest.mark.parametrize("data", [b"", b"\0\0\0\0", b"# Pro", None])
def test_a_contract_that_lost_its_text_stays_and_is_not_taken_for_deleted(tmp_path: Path, data: bytes | None) -> None:
    folder = new_bank(tmp_path)
    bank(tmp_path, "note", "text that is worth keeping " * 60, "--as", "gotcha")
    path = folder.folder / "patterns.md"
    path.unlink() if data is None else path.write_bytes(data)
    found = read_sync_file(folder, "patterns.md")
    assert found is not None
    assert "bank restore patterns.md" in found.why
    assert not found.data
