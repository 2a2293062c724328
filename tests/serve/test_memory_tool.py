"""The memory tool's files in a bank: what `bank` knows of them, and paths that lead nowhere else."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from memorybank import Bank
from memorybank.errors import BankError, OutsideError, SecretError
from memorybank.serve.memory_tool import wording
from tests.running import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from memorybank.facade.agents.memory_folder import MemoryFolder

# no real one: the form of a provider's token
TOKEN = "ghp_" + "a1B2c3D4e5" * 3 + "f6G7h8"
WRITERS = 4
NOTES = 8
OUT = [
    "/memories/../activeContext.md",
    "/memories/../../../etc/passwd",
    "/memories/a/../../x",
    "/memories/%2e%2e/progress.md",
    "/memories/%2e%2e%2fprogress.md",
    "/memories/%252e%252e%252fprogress.md",
    "/memories/..\\..\\progress.md",
    "/memories/\\\\server\\share",
    "/memories/%00.md",
    "/memories/...",
]
NAMES = [
    "/memories/C:/x.md",
    "/memories/nul",
    "/memories/COM1.txt",
    "/memories/x.md:stream",
    "/memories/ends with dot.",
    "/memories/a\0b",
    "/memories/a\nb",
    "/memories/a\x1b[31mb",
    "/memories/\u202egpj.md",
    "/memories/.git/config",
    "/memories/" + "n" * 300,
    "/memories/" + "d/" * 40 + "x",
    "/memories/\ud800",
]
ELSEWHERE = ["/etc/passwd", "memories/x", "/memoriesx", "", "/", "C:\\memories\\x", "/memory-tool/memories/x"]


@pytest.fixture
def bank(tmp_path: Path) -> Bank:
    return Bank.init(tmp_path / "project")


@pytest.fixture
def folder(bank: Bank) -> MemoryFolder:
    folder = bank.memory_folder()
    folder.make()
    return folder


def command(**given: Any) -> Any:
    return SimpleNamespace(**given)


def files_of(project: Path) -> dict[str, bytes]:
    return {str(each): each.read_bytes() for each in sorted(project.rglob("*")) if each.is_file()}


@pytest.mark.parametrize("path", [*OUT, *NAMES, *ELSEWHERE])
def test_no_path_leads_out_or_to_a_name_that_other_systems_read_otherwise(
    folder: MemoryFolder, bank: Bank, path: str
) -> None:
    folder.create("/memories/kept.md", "kept\n")
    before = files_of(bank.project)
    for call in (
        lambda: folder.view(path),
        lambda: folder.create(path, "x"),
        lambda: folder.str_replace(path, "a", "b"),
        lambda: folder.insert(path, 0, "x"),
        lambda: folder.delete(path),
        lambda: folder.rename(path, "/memories/new.md"),
        lambda: folder.rename("/memories/kept.md", path),
    ):
        with pytest.raises(OutsideError):
            call()
    assert files_of(bank.project) == before


def test_refusals_of_paths_are_worded_as_the_sdk_words_them(folder: MemoryFolder) -> None:
    for path in OUT:
        with pytest.raises(wording.RefusedError, match="would escape /memories directory"):
            wording.locate(folder, path)
    for path in ELSEWHERE:
        with pytest.raises(wording.RefusedError, match="Path must start with /memories, got: "):
            wording.locate(folder, path)
    for value in (None, 7, ["/memories"]):
        with pytest.raises(wording.RefusedError, match="Path must start with /memories"):
            wording.locate(folder, value)


def test_links_that_lead_out_are_refused_even_to_another_file_of_the_bank(folder: MemoryFolder, bank: Bank) -> None:
    (folder.root / "link.md").symlink_to(bank.path / "progress.md")
    (folder.root / "dir").symlink_to(bank.path)
    before = (bank.path / "progress.md").read_bytes()
    for path in ("/memories/link.md", "/memories/dir/progress.md", "/memories/dir"):
        for call in (
            lambda path=path: folder.view(path),
            lambda path=path: folder.str_replace(path, "#", "x"),
            lambda path=path: folder.delete(path),
        ):
            with pytest.raises(OutsideError):
                call()
    assert (bank.path / "progress.md").read_bytes() == before


def test_a_link_put_there_after_the_check_is_not_followed(folder: MemoryFolder, bank: Bank) -> None:
    place = folder.locate("/memories/late.md")
    place.symlink_to(bank.path / "progress.md")
    before = (bank.path / "progress.md").read_bytes()
    for call in (
        lambda: folder.view(place),
        lambda: folder.str_replace(place, "#", "x"),
        lambda: folder.insert(place, 0, "x"),
        lambda: folder.create(place, "x"),
        lambda: folder.delete(place),
        lambda: folder.rename(place, "/memories/other.md"),
    ):
        with pytest.raises(BankError):
            call()
    assert (bank.path / "progress.md").read_bytes() == before


def test_search_history_check_and_undo_know_the_files(folder: MemoryFolder, bank: Bank) -> None:
    folder.create("/memories/team/deploy.txt", "Deploys go through the blue gateway\n")
    folder.create("/memories/prefs.md", "# Preferences\n\nThe user likes zebra striping\n")
    assert [hit.address for hit in bank.search("blue gateway", scopes=["memory-tool"])] == [
        "memory-tool/memories/team/deploy.txt"
    ]
    assert bank.search("zebra striping")[0].address.startswith("memory-tool/memories/prefs.md")
    assert "blue gateway" in bank.show("memory-tool/memories/team/deploy.txt").text
    assert not [each for each in bank.check().findings if "memory-tool" in each.file]
    folder.delete("/memories/team")
    assert not (folder.root / "team").exists()
    bank.undo()
    assert (folder.root / "team/deploy.txt").read_bytes() == b"Deploys go through the blue gateway\n"
    verbs = [operation.verb for operation in bank.history("memory-tool/memories/team/deploy.txt")]
    assert verbs[-1] == "memory create"
    assert "memory delete" in verbs


def test_a_memory_file_with_front_matter_is_no_record(folder: MemoryFolder, bank: Bank) -> None:
    folder.create("/memories/x.md", "---\ntype: decision\ntitle: No\n---\n\nQuokka enclosure\n")
    assert not bank.list()
    assert [hit.address for hit in bank.search("quokka")] == ["memory-tool/memories/x.md"]


def test_a_secret_and_hidden_characters_are_refused_and_nothing_is_written(folder: MemoryFolder, bank: Bank) -> None:
    folder.create("/memories/a.md", "one\n")
    before = files_of(bank.path / "memory-tool")
    with pytest.raises(SecretError):
        folder.create("/memories/new/token.md", f"key: {TOKEN}\n")
    with pytest.raises(SecretError):
        folder.str_replace("/memories/a.md", "one", TOKEN)
    with pytest.raises(SecretError):
        folder.insert("/memories/a.md", 1, TOKEN)
    with pytest.raises(BankError, match=r"U\+001B"):
        folder.create("/memories/new/b.md", "\x1b[2J")
    with pytest.raises(wording.RefusedError) as refused:
        wording.create(folder, folder.locate("/memories/t.md"), command(path="/memories/t.md", file_text=TOKEN))
    assert TOKEN not in str(refused.value)
    assert files_of(bank.path / "memory-tool") == before
    assert not (folder.root / "new").exists()


def test_a_folder_moves_with_all_its_bytes_and_back(folder: MemoryFolder, bank: Bank) -> None:
    folder.create("/memories/old/deep/a.md", "a\r\nb\r\n")
    (folder.root / "old/raw.bin").write_bytes(b"\xff\xfe\x00")
    folder.rename("/memories/old", "/memories/new/place")
    assert (folder.root / "new/place/deep/a.md").read_bytes() == b"a\r\nb\r\n"
    assert (folder.root / "new/place/raw.bin").read_bytes() == b"\xff\xfe\x00"
    assert not (folder.root / "old").exists()
    with pytest.raises(BankError, match="into itself"):
        folder.rename("/memories/new", "/memories/new/inner")
    bank.undo()
    assert (folder.root / "old/raw.bin").read_bytes() == b"\xff\xfe\x00"
    folder.clear()
    assert list(folder.root.iterdir()) == [each for each in folder.root.iterdir() if each.is_dir()]
    bank.undo()
    assert (folder.root / "old/deep/a.md").read_bytes() == b"a\r\nb\r\n"


def test_parameters_that_the_sdk_did_not_check_are_refused(folder: MemoryFolder) -> None:
    folder.create("/memories/a.md", "one\n")
    place = folder.locate("/memories/a.md")
    for answer, given in (
        (wording.insert, {"insert_line": "1", "insert_text": "x"}),
        (wording.insert, {"insert_line": True, "insert_text": "x"}),
        (wording.insert, {"insert_line": 0, "insert_text": None}),
        (wording.str_replace, {"old_str": None, "new_str": "x"}),
        (wording.str_replace, {"old_str": "", "new_str": "x"}),
        (wording.create, {"file_text": 7}),
    ):
        with pytest.raises(wording.RefusedError):
            answer(folder, place, command(path="/memories/a.md", **given))
    assert place.read_text() == "one\n"


def test_each_name_is_a_memory_of_its_own(bank: Bank) -> None:
    bank.memory_folder("alice").create("/memories/a.md", "Alice\n")
    assert bank.memory_folder("bob").root != bank.memory_folder("alice").root
    for name in ("..", "a/b", "", "nul", ".git", "a\\b"):
        with pytest.raises(BankError):
            bank.memory_folder(name)


def test_a_dry_run_and_a_moved_bank_write_nothing(tmp_path: Path, bank: Bank) -> None:
    trial = Bank.open(bank.project, dry_run=True).memory_folder()
    trial.make()
    assert trial.create("/memories/x/a.md", "x\n").dry_run
    assert not (bank.path / "memory-tool").exists()
    folder, project = bank.memory_folder(), bank.project
    project.rename(tmp_path / "moved")
    with pytest.raises(BankError):
        folder.create("/memories/a.md", "x\n")
    assert not project.exists()


def test_threads_and_processes_that_insert_at_once_lose_no_line(folder: MemoryFolder, bank: Bank) -> None:
    folder.create("/memories/log.md", "log\n")
    code = f"""
import sys
from memorybank import Bank
folder = Bank.open({str(bank.project)!r}, timeout=60).memory_folder()
for number in range({NOTES}):
    folder.insert("/memories/log.md", 1, f"process {{sys.argv[1]}} {{number}}")
"""
    started = [
        subprocess.Popen([sys.executable, "-c", code, str(number)], env={**os.environ, "PYTHONPATH": str(ROOT)})
        for number in range(2)
    ]

    def write(writer: int) -> None:
        own = Bank.open(bank.project, timeout=60).memory_folder()
        for number in range(NOTES):
            own.insert("/memories/log.md", 0, f"thread {writer} {number}")
            own.str_replace("/memories/log.md", f"thread {writer} {number}\n", f"Thread {writer} {number}\n")

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(write, range(WRITERS)))
    assert [each.wait(60) for each in started] == [0, 0]
    wanted = [f"Thread {writer} {number}" for writer in range(WRITERS) for number in range(NOTES)]
    wanted += [f"process {writer} {number}" for writer in range(2) for number in range(NOTES)]
    assert sorted((folder.root / "log.md").read_text().split("\n")) == sorted([*wanted, "log", ""])


def test_the_classes_are_imported_without_the_sdk() -> None:
    code = "import sys, memorybank.serve.memory_tool; print('anthropic' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
