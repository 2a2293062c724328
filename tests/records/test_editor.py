"""A record edited by a person: what was saved is checked, what cannot be written is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from memorybank.errors import FieldError, FrontMatterError, SecretError, StaleEditError
from memorybank.records.draft import NewRecord
from memorybank.records.find import scan
from memorybank.records.memories.editor import EditCopy, let_go, open_copy, put_back
from memorybank.records.memories.memories import recall, save, update

if TYPE_CHECKING:
    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way

TOKEN = "ghp_" + "Ab3dEf6hIj9lMn2pQr5tUv8xYz1BcD4eFgH7"


@pytest.fixture
def ident(bank: BankFolder, way: Way) -> str:
    return save(bank, NewRecord("First.", kind="decision", title="Cache", tags=["cache"]), way).record.id


def edited(opened: EditCopy, old: str, new: str) -> None:
    """Save the copy as an editor would, with one text for another."""
    text = opened.path.read_bytes().decode()
    assert old in text
    opened.path.write_bytes(text.replace(old, new).encode())


def test_what_was_saved_in_the_editor_is_written_with_its_date(bank: BankFolder, way: Way, ident: str) -> None:
    opened = open_copy(bank, ident, way)
    assert opened.path.stat().st_mode & 0o777 == 0o600
    edited(opened, "First.", "Second.")
    saved = put_back(bank, opened, way)
    assert saved is not None
    assert (recall(bank, ident).content, recall(bank, ident).updated) == ("Second.", "2026-11-21T05:30:00Z")
    let_go(opened)
    assert not opened.path.exists()


def test_nothing_saved_is_nothing_changed(bank: BankFolder, way: Way, ident: str) -> None:
    before = recall(bank, ident)
    assert put_back(bank, open_copy(bank, ident, way), way) is None
    assert recall(bank, ident) == before


@pytest.mark.parametrize(
    ("old", "new", "error"),
    [
        ("tags: [cache]", "tags: [cache", FrontMatterError),
        ("---\nid:", "---\n\nid:", FrontMatterError),
        ("type: decision", "type: decisions", FieldError),
        ("status: accepted", "status: done", FieldError),
        ("id: dec", "id: fct", FieldError),
        ("First.", f"The token is {TOKEN}", SecretError),
    ],
)
def test_what_is_no_record_is_refused_and_kept(
    bank: BankFolder, way: Way, ident: str, old: str, new: str, error: type[Exception]
) -> None:
    before = recall(bank, ident)
    opened = open_copy(bank, ident, way)
    edited(opened, old, new)
    with pytest.raises(error):
        put_back(bank, opened, way)
    assert recall(bank, ident) == before
    assert new in opened.path.read_text()


def test_another_writer_is_not_overwritten(bank: BankFolder, way: Way, ident: str) -> None:
    opened = open_copy(bank, ident, way)
    update(bank, ident, way, title="Cache of all")
    edited(opened, "First.", "Second.")
    with pytest.raises(StaleEditError) as caught:
        put_back(bank, opened, way)
    assert "+# Cache of all" in str(caught.value.details["diff"])
    assert recall(bank, ident).title == "Cache of all"


def test_a_record_with_broken_front_matter_is_mended_so(bank: BankFolder, way: Way, ident: str) -> None:
    path = bank.folder / recall(bank, ident).file
    path.write_bytes(path.read_bytes().replace(b"[cache]", b"[cache"))
    opened = open_copy(bank, ident, way)
    edited(opened, "[cache", "[cache]")
    assert put_back(bank, opened, way) is not None
    assert recall(bank, ident).tags == ("cache",)


def test_line_endings_and_the_byte_order_mark_survive(bank: BankFolder, way: Way, ident: str) -> None:
    path = bank.folder / recall(bank, ident).file
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    opened = open_copy(bank, ident, way)
    edited(opened, "First.", "Second.")
    put_back(bank, opened, way)
    data = path.read_bytes()
    assert data.startswith(b"\xef\xbb\xbf---\r\n")
    assert data.count(b"\n") == data.count(b"\r\n")


def test_fields_set_apart_by_a_blank_line_are_no_text(bank: BankFolder, way: Way, ident: str) -> None:
    """Read as a rule and words they would be lost with the next change of the text."""
    path = bank.folder / recall(bank, ident).file
    path.write_text(path.read_text(encoding="utf-8").replace("---\n", "---\n\n# mine\n", 1), encoding="utf-8")
    before = path.read_bytes()
    with pytest.raises(FrontMatterError, match="remove the blank line"):
        update(bank, ident, way, content="Second.")
    assert path.read_bytes() == before
    found = [(each.file, each.line) for each in scan(bank).broken]
    assert found == [(f"memories/decision/{path.name}", 2)]


def test_a_title_does_not_take_the_place_of_the_contents_heading(bank: BankFolder, way: Way) -> None:
    path = bank.folder / "memories" / "fact" / "fct-20261121-aaaaa.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("---\nid: fct-20261121-aaaaa\n---\nwords\n", encoding="utf-8")
    update(bank, "fct-20261121-aaaaa", way, title="Pools", content="# Sizes\n\nTen.")
    assert path.read_text(encoding="utf-8").endswith("---\n# Pools\n\n# Sizes\n\nTen.\n")


def test_a_heading_below_a_title_of_the_front_matter_is_text(bank: BankFolder, way: Way) -> None:
    path = bank.folder / "memories" / "fact" / "fct-20261121-aaaaa.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("---\nid: fct-20261121-aaaaa\ntitle: Pools\n---\n# Sizes\n\nTen.\n", encoding="utf-8")
    found = recall(bank, "fct-20261121-aaaaa")
    assert (found.title, found.content) == ("Pools", "# Sizes\n\nTen.")
    update(bank, "fct-20261121-aaaaa", way, content="# Sizes\n\nEleven.")
    assert path.read_text(encoding="utf-8").partition("Z\n---\n")[2] == "# Sizes\n\nEleven.\n"
