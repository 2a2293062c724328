"""Artifacts: any file is kept byte for byte, under a name that leads nowhere else, with a line that tells of it."""

from __future__ import annotations

import hashlib
import json
import os
from typing import TYPE_CHECKING

import pytest

from memorybank.errors import ArtifactError, BankError, LimitError, NoFileError, SecretError
from memorybank.store.journal.redo import redo
from memorybank.store.journal.undo import undo
from memorybank.workflow.progress.attachments import SIZE_LIMIT, attach, list_artifacts
from tests.running import bank as run
from tests.running import make_bank

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way

PICTURE = b"\x89PNG\r\n\x1a\n\0\0\r\n\xff\xfe\xed\xa0\x80\xef\xbb\xbf\x85" + bytes(range(256)) * 40


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "Login Page.PNG"
    path.write_bytes(PICTURE)
    return path


def test_a_picture_is_kept_byte_for_byte_with_its_line(
    bank: BankFolder, way: Way, picture: Path, section: Callable[[str], list[str]]
) -> None:
    made = attach(bank, picture, way, folder="screenshots", note="login, second draft")
    assert made.file == "artifacts/screenshots/login-page.png"
    assert (bank.folder / made.file).read_bytes() == PICTURE
    assert made.sha256 == hashlib.sha256(PICTURE).hexdigest()
    line = f"- Artifact: `{made.file}` → login, second draft (sha256 {made.sha256[:16]})"
    assert line in section("activeContext.md#References")


@pytest.mark.parametrize("data", [b"", b"\xef\xbb\xbfx", b"a\r\nb\rc\n", b"\0" * 5000, b"\xff" * 3, "日本".encode()])
def test_every_file_comes_out_as_it_went_in(bank: BankFolder, way: Way, tmp_path: Path, data: bytes) -> None:
    (tmp_path / "x.bin").write_bytes(data)
    made = attach(bank, tmp_path / "x.bin", way)
    assert (bank.folder / made.file).read_bytes() == data
    assert [each.state for each in list_artifacts(bank)] == ["as added"]


def test_it_is_taken_back_and_done_again_as_one(bank: BankFolder, way: Way, picture: Path) -> None:
    made = attach(bank, picture, way)
    undo(bank, "", way)
    assert list_artifacts(bank) == []
    redo(bank, way)
    assert (bank.folder / made.file).read_bytes() == PICTURE
    assert [each.state for each in list_artifacts(bank)] == ["as added"]


def test_the_same_again_changes_nothing_and_another_of_that_name_is_refused(
    bank: BankFolder, way: Way, picture: Path
) -> None:
    attach(bank, picture, way)
    assert attach(bank, picture, way).receipt.operation == ""
    picture.write_bytes(b"another")
    with pytest.raises(ArtifactError) as refused:
        attach(bank, picture, way)
    assert refused.value.hint.endswith("--as 2026-11-21")
    assert attach(bank, picture, way, folder="2026-11-21").file == "artifacts/2026-11-21/login-page.png"


@pytest.mark.parametrize(
    ("folder", "place"),
    [
        ("../../..", "artifacts"),
        ("/etc", "artifacts/etc"),
        ("a/../../b", "artifacts/a/b"),
        ("..\\..\\x", "artifacts/x"),
        ("Big Diagrams/UML", "artifacts/big-diagrams/uml"),
    ],
)
def test_no_folder_leads_out(bank: BankFolder, way: Way, picture: Path, folder: str, place: str) -> None:
    assert attach(bank, picture, way, folder=folder).file == f"{place}/login-page.png"


@pytest.mark.skipif(os.name == "nt", reason="such names cannot be there")
@pytest.mark.parametrize("name", [".env", "...", "a\nb.txt", "-rf", "`x` (sha256 0).md", "ünï.tar.gz", b"\xff.txt"])
def test_every_name_becomes_a_plain_one(bank: BankFolder, way: Way, tmp_path: Path, name: str | bytes) -> None:
    path = tmp_path / os.fsdecode(name)
    path.write_bytes(b"x")
    made = attach(bank, path, way)
    assert made.file.removeprefix("artifacts/").replace(".", "").replace("-", "").isalnum()
    assert made.file.isascii()
    assert [each.state for each in list_artifacts(bank)] == ["as added"]


@pytest.mark.skipif(os.name == "nt", reason="links need a right there")
def test_a_link_in_the_place_of_the_folder_is_not_followed_out(
    bank: BankFolder, way: Way, tmp_path: Path, picture: Path
) -> None:
    (tmp_path / "out").mkdir()
    (bank.folder / "artifacts").symlink_to(tmp_path / "out")
    with pytest.raises(BankError):
        attach(bank, picture, way)
    assert list((tmp_path / "out").iterdir()) == []
    (tmp_path / "out" / "mine.txt").write_text("x", encoding="utf-8")
    assert [each.state for each in list_artifacts(bank)] == ["unreadable"]


def test_what_cannot_be_kept_is_told(bank: BankFolder, way: Way, tmp_path: Path) -> None:
    with pytest.raises(NoFileError):
        attach(bank, tmp_path / "nothing.png", way)
    with pytest.raises(BankError):
        attach(bank, tmp_path, way)
    (tmp_path / "large.bin").write_bytes(bytes(SIZE_LIMIT + 1))
    with pytest.raises(LimitError):
        attach(bank, tmp_path / "large.bin", way)
    (tmp_path / "settings.txt").write_text("token = ghp_Zk3Qw9XvT7bNm2LpR8sDf4GhJ6cYx1aEu5oV\n", encoding="utf-8")
    with pytest.raises(SecretError):
        attach(bank, tmp_path / "settings.txt", way)
    assert not (bank.folder / "artifacts").exists()


@pytest.mark.parametrize("code", ["utf-16", "utf-16-le", "utf-16-be"])
def test_a_secret_in_text_of_windows_is_refused(bank: BankFolder, way: Way, tmp_path: Path, code: str) -> None:
    text = "Grüße\r\ntoken = ghp_Zk3Qw9XvT7bNm2LpR8sDf4GhJ6cYx1aEu5oV\r\n"
    (tmp_path / "settings.txt").write_bytes(text.encode(code))
    with pytest.raises(SecretError):
        attach(bank, tmp_path / "settings.txt", way)
    assert not (bank.folder / "artifacts").exists()


def test_the_list_tells_what_became_of_each(bank: BankFolder, way: Way, picture: Path, tmp_path: Path) -> None:
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text(name, encoding="utf-8")
        attach(bank, tmp_path / name, way)
    attach(bank, picture, way)
    (bank.folder / "artifacts" / "a.txt").write_text("edited", encoding="utf-8")
    (bank.folder / "artifacts" / "b.txt").unlink()
    (bank.folder / "artifacts" / "c.txt").write_text("by hand", encoding="utf-8")
    assert {each.file.removeprefix("artifacts/"): each.state for each in list_artifacts(bank)} == {
        "a.txt": "changed",
        "b.txt": "missing",
        "c.txt": "no reference",
        "login-page.png": "as added",
    }


def test_the_commands(tmp_path: Path) -> None:
    make_bank(tmp_path)
    (tmp_path / "x.png").write_bytes(PICTURE)
    assert "nothing was written" in run(tmp_path, "artifact", "add", "x.png", "--dry-run").stderr
    done = json.loads(run(tmp_path, "artifact", "add", "x.png", "--as", "screenshots", "--json").stdout)
    assert done["sha256"] == hashlib.sha256(PICTURE).hexdigest()
    assert "as added" in run(tmp_path, "artifact", "list").stdout
    assert run(tmp_path, "check").returncode == 0
    assert run(tmp_path, "undo").returncode == 0
