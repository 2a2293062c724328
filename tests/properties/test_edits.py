"""The laws of editing, over hostile documents."""

from __future__ import annotations

import os
import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hypothesis import event, example, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from memorybank.contracts.load import load_contract
from memorybank.contracts.migrate import migrate_document
from memorybank.contracts.preview import preview
from memorybank.document.addresses import address_of, resolve_section
from memorybank.document.editing.apply import apply
from memorybank.document.editing.verify import outline_of
from memorybank.document.edits import (
    Append,
    Edit,
    InsertSection,
    ItemRef,
    RemoveItem,
    RemoveSection,
    Replace,
    ReplaceItem,
    SetField,
    Tick,
)
from memorybank.document.items import body_end, entries_of, read_body
from memorybank.document.sections import Document, outline
from memorybank.document.source import Source, lines_of, without_eol
from memorybank.document.trail import changes_between, reverse
from memorybank.errors import BankError, StaleEditError
from memorybank.store.actor import Actor
from memorybank.store.journal.commit import FileChange, commit
from memorybank.store.journal.undo import undo
from memorybank.store.manage.init import init
from memorybank.store.manage.items import list_items
from memorybank.store.way import Author, Way
from memorybank.workflow.lines.note import note
from tests.properties.strategies import documents, edits, names, texts


def read(data: bytes, *, contract: bool = False) -> Document:
    return outline(Source(data), "activeContext.md" if contract else "notes.md", contract=contract)


@given(documents())
def test_bytes_come_back_as_they_were(data: bytes) -> None:
    source = Source(data)
    assert source.to_bytes(source.text) == data
    assert len(source.shadow) == len(source.text)
    assert "".join(lines_of(source.text)) == source.text


@given(documents(), st.booleans())
def test_sections_tile_the_file(data: bytes, contract: bool) -> None:
    """Own texts follow each other without gap or overlap; a section ends where one of its level begins."""
    document = read(data, contract=contract)
    at = 0
    for section in document.sections:
        assert section.start == at
        assert section.start <= section.body <= section.own_end <= section.end
        at = section.own_end
    assert at == len(document.source.text)


@given(documents(), st.booleans())
def test_items_lie_within_their_section_on_whole_lines(data: bytes, contract: bool) -> None:
    document = read(data, contract=contract)
    shadow = document.source.shadow
    for section in document.sections:
        body = read_body(document, section)
        end = body_end(document, section)
        for item in body.items:
            assert section.body <= item.start < item.end <= end
            assert item.start == 0 or shadow[item.start - 1] == "\n"
            assert item.end == len(shadow) or shadow[item.end - 1] == "\n"
            assert item.parent < 0 or body.items[item.parent].start <= item.start
        assert len(entries_of(document, section)) == len(body.items)


def aimed(edit: Edit, document: Document) -> Edit:
    """Aim an edit of a section that is not there at one that is; one in three keeps its name, to be refused."""
    if isinstance(edit, SetField) or len(document.sections) == 1 or len(document.source.data) % 3 == 0:
        return edit
    name = address_of(document, document.sections[1 + len(document.source.text) % (len(document.sections) - 1)]).section
    return edit._replace(anchor=name) if isinstance(edit, InsertSection) else edit._replace(section=name)


def span_of(document: Document, edit: Edit) -> tuple[int, int]:
    """Say which part of the old text an edit may touch."""
    if isinstance(edit, SetField):
        return 0, document.content_start
    name = edit.anchor if isinstance(edit, InsertSection) else edit.section
    section = resolve_section(document, name)
    if isinstance(edit, InsertSection):
        at = section.start if edit.before else section.end
        return at, at
    if isinstance(edit, RemoveSection):
        return section.start, section.end
    return section.body, body_end(document, section)


@given(documents(), edits(), st.booleans())
@example(b"# N\n\n## A\n\nwords", Append("A", "---"), False)
@example(b"## A\n```\n## B\n", Append("A", "x", item=True), False)
@example(b"## A\r\r\n## B", Append("A", "x"), False)
def test_an_edit_changes_its_section_or_raises(data: bytes, edit: Edit, contract: bool) -> None:
    """Bytes outside of its section stay; so does every heading that it is not about."""
    before = read(data, contract=contract)
    edit = aimed(edit, before)
    try:
        after = apply(before, edit).document
    except BankError as error:
        event(f"refused {error.code}")
        assert before.source.data == data
        return
    event(f"done {type(edit).__name__}")
    old, new = before.source.text, after.source.text
    start, end = span_of(before, edit)
    assert new.startswith(old[:start])
    assert new.endswith(old[end:])
    # a CR and an LF that come together are one ending: a blank line would be gone without a byte of it
    below = [without_eol(each) for each in lines_of(old[end:])]
    assert not below or [without_eol(each) for each in lines_of(new)][-len(below) :] == below
    fresh = read(after.source.data, contract=contract)
    assert fresh.headings == after.headings
    assert fresh.unterminated == after.unterminated
    assert fresh.sections == after.sections
    if isinstance(edit, (Append, ReplaceItem, RemoveItem, Tick, SetField)) and not getattr(edit, "nested", False):
        assert outline_of(fresh) == outline_of(before)


@given(documents(), edits())
def test_the_trail_of_an_edit_leads_back(data: bytes, edit: Edit) -> None:
    before = read(data)
    edit = aimed(edit, before)
    try:
        after = apply(before, edit).document
    except BankError:
        return
    text = reverse(after.source.text, after.trail)
    assert text is not None
    assert before.source.to_bytes(text) == data


@given(documents(), names, st.text(st.characters(min_codepoint=97, max_codepoint=122), min_size=1, max_size=12))
def test_an_item_is_one_line_more_and_nothing_less(data: bytes, name: str, word: str) -> None:
    """A bullet adds its own line and at most blank ones; every line that was there is there."""
    before = read(data)
    try:
        after = apply(before, Append(name, word, item=True)).document
    except BankError:
        return
    old, new = (
        [line.rstrip("\r\n") for line in lines_of(each.source.text) if line.strip(" \t\r\n")]
        for each in (before, after)
    )
    added = [line for line in new if line.endswith(word)]
    assert len(new) == len(old) + 1
    rest = list(new)
    for line in old:
        rest.remove(line)
    assert rest[0] in added
    assert sum(len(read_body(after, each).items) for each in after.sections) == 1 + sum(
        len(read_body(before, each).items) for each in before.sections
    )


@given(documents(), texts())
def test_changes_between_any_two_texts_lead_back(data: bytes, text: str) -> None:
    before = Source(data).text
    for after in (text, before + text, text + before, before.replace("A", text)):
        changes = changes_between(before, after)
        assert reverse(after, changes) == before


@given(documents(), edits(), st.sampled_from(["activeContext.md", "progress.md"]))
def test_a_contract_keeps_its_headings_in_every_plan(data: bytes, edit: Edit, file: str) -> None:
    """Under a contract an edit may put a section back; it takes none away, renames and reorders none."""
    contract = load_contract(file)
    assert contract is not None
    before = outline(Source(data), file, contract=True)
    try:
        result = preview(before, [edit], contract=contract, stamp="2026-11-21 05:30 UTC")
    except BankError:
        return
    # what an undo goes by tells all that was done, sections put back and placeholders taken included
    assert reverse(result.after.source.text, result.after.trail) == before.source.text
    if isinstance(edit, RemoveSection):
        assert contract.spec_of(edit.section) is None
        return
    if not before.source.text.strip():
        return  # it began anew, from the template
    if isinstance(edit, Replace):
        return
    kept = list(outline_of(result.after))
    for name in result.healed:
        spec = contract.spec_of(name)
        kept.remove((2, spec.heading) if spec else (1, contract.title))
    if not getattr(edit, "nested", False):
        assert kept == outline_of(before)


@given(documents())
def test_migrating_twice_is_migrating_once(data: bytes) -> None:
    contract = load_contract("activeContext.md")
    assert contract is not None
    try:
        once, _ = migrate_document(outline(Source(data), "activeContext.md", contract=True), contract)
    except BankError:
        return
    again, report = migrate_document(once, contract)
    assert report == []
    assert again.source.data == once.source.data


class Memory(RuleBasedStateMachine):
    """A real bank, written to by us, by an editor that knows nothing of us, and by second thoughts."""

    def __init__(self) -> None:
        super().__init__()
        self.root = Path(tempfile.mkdtemp(prefix="bank-machine-"))
        self.count = 0
        self.lines: dict[str, int] = {}
        self.made: list[tuple[str, str]] = []

    def teardown(self) -> None:
        shutil.rmtree(self.root, ignore_errors=True)

    def way(self) -> Way:
        return Way(Author(Actor("machine", ""), lambda: datetime(2026, 11, 21, 5, 30, tzinfo=UTC), os.urandom))

    @initialize()
    def start(self) -> None:
        self.bank = init(self.root, self.way()).bank

    @property
    def path(self) -> Path:
        return self.bank.folder / "activeContext.md"

    def word(self) -> str:
        self.count += 1
        return f"zebra{self.count:04}"

    @rule(kind=st.sampled_from(["learning", "decision", "blocker", "next", "change"]))
    def noted(self, kind: str) -> None:
        word = self.word()
        receipt = note(self.bank, word, self.way(), kind=kind)
        self.lines[word] = 1
        self.made.append((receipt.operation, word))

    @rule(place=st.sampled_from(["top", "end", "learnings"]), eol=st.sampled_from([b"\n", b"\r\n"]))
    def saved_by_an_editor(self, place: str, eol: bytes) -> None:
        word = self.word()
        data = self.path.read_bytes()
        line = word.encode() + eol
        if place == "top":
            data = data.replace(b"# Active Context\n", b"# Active Context\n\n" + line, 1)
        elif place == "learnings":
            data = data.replace(b"## Learnings\n", b"## Learnings\n\n" + line + eol, 1)
        else:
            data = data.rstrip(b"\r\n") + eol + eol + line
        if word.encode() in data:
            self.lines[word] = 1
        self.path.write_bytes(data)

    @rule()
    def a_section_lost_in_an_editor(self) -> None:
        """A person deletes a whole section: what was in it is gone by their will."""
        document = outline(Source(self.path.read_bytes()), "activeContext.md", contract=True)
        section = next((each for each in document.sections if each.name == "Blockers"), None)
        if section is None:
            return
        gone = document.source.text[section.start : section.end]
        for word in [each for each in self.lines if each in gone]:
            del self.lines[word]
        text = document.source.text
        self.path.write_bytes((text[: section.start] + text[section.end :]).encode("utf-8"))

    @rule(text=texts())
    def text_appended(self, text: str) -> None:
        word = self.word()
        edit = Append("Learnings", f"{word}\n{text}")
        try:
            commit(self.bank, [FileChange(self.path, (edit,))], "edit", self.way())
        except BankError:
            return
        self.lines[word] = 1

    @rule(number=st.integers(0, 9))
    def item_removed(self, number: int) -> None:
        items = [each for each in list_items(self.bank, "activeContext.md#Learnings") if each.text in self.lines]
        if not items:
            return
        row = items[number % len(items)]
        edit = RemoveItem("Learnings", ItemRef(number=row.number, text=row.text))
        try:
            commit(self.bank, [FileChange(self.path, (edit,))], "item remove", self.way())
        except BankError:
            return
        left = self.path.read_text(encoding="utf-8")
        assert row.text not in left
        gone = [each for each in self.lines if each not in left]
        # what hung under it goes with it, and nothing else
        assert row.text in gone
        for each in gone:
            del self.lines[each]

    @rule(text=st.sampled_from(["- all new", "- a\n- b"]))
    def snapshot_replaced(self, text: str) -> None:
        document = outline(Source(self.path.read_bytes()), "activeContext.md", contract=True)
        section = next(each for each in document.sections if each.name == "Recent Changes")
        gone = document.text_of(section)
        edit = Replace("Recent Changes", text)
        try:
            commit(self.bank, [FileChange(self.path, (edit,))], "edit", self.way())
        except BankError:
            return
        for word in [each for each in self.lines if each in gone]:
            del self.lines[word]

    @rule(number=st.integers(0, 99))
    def undone(self, number: int) -> None:
        if not self.made:
            return
        ident, word = self.made.pop(number % len(self.made))
        before = self.path.read_bytes()
        try:
            undo(self.bank, ident, self.way())
        except StaleEditError:
            assert self.path.read_bytes() == before
            return
        self.lines.pop(word, None)
        assert word not in self.path.read_text(encoding="utf-8")

    @invariant()
    def no_line_is_lost(self) -> None:
        if not hasattr(self, "bank"):
            return
        text = self.path.read_text(encoding="utf-8")
        for word in self.lines:
            assert text.count(word) == 1, word

    @invariant()
    def no_temporary_file_stays(self) -> None:
        if hasattr(self, "bank"):
            names = {path.name for path in self.bank.folder.iterdir()}
            assert names == {".state", "activeContext.md", "patterns.md", "progress.md", "bank.toml"}


TestMemory: Any = Memory.TestCase
TestMemory.settings = settings(max_examples=settings().max_examples // 6, stateful_step_count=20)
