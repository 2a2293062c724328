"""The golden edits: every file in `cases/edits` is one edit, with what must come of it.

A case is a title and three blocks between lines of eight tildes: `before`, `edit` (TOML) and `after`, or in place
of the last one an `error` in the edit. With `escapes = true` the texts may hold `\\r`, `\\t`, `\\xe9` (a byte),
`\\ufeff`, and a backslash at a line's end that takes the line ending away.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from memorybank.contracts.load import load_contract
from memorybank.contracts.preview import Preview, preview
from memorybank.document.edits import (
    Append,
    Edit,
    InsertSection,
    ItemRef,
    RemoveItem,
    RemoveSection,
    RenameSection,
    Replace,
    ReplaceItem,
    SetField,
    Tick,
)
from memorybank.document.sections import Document, outline
from memorybank.document.source import Source
from memorybank.document.trail import reverse
from memorybank.errors import BankError

FOLDER = Path(__file__).parents[1] / "cases" / "edits"
FENCE = "~" * 8
BLOCK = re.compile(rf"^{FENCE} (\w+)\n(.*?)^{FENCE}$", re.MULTILINE | re.DOTALL)
ESCAPE = re.compile(r"\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|(r|n|t|\\)|(\n))")
PLAIN = {"r": "\r", "n": "\n", "t": "\t", "\\": "\\"}
EDITS: dict[str, type] = {
    "replace": Replace,
    "append": Append,
    "insert-section": InsertSection,
    "remove-section": RemoveSection,
    "rename-section": RenameSection,
    "replace-item": ReplaceItem,
    "remove-item": RemoveItem,
    "tick": Tick,
    "set-field": SetField,
}


class Case(NamedTuple):
    """One golden edit as it is written down."""

    title: str
    before: bytes
    after: bytes
    settings: dict[str, Any]

    @property
    def error(self) -> str:
        return str(self.settings.get("error", ""))


def read_case(path: Path) -> Case:
    text = path.read_bytes().decode("utf-8")
    blocks = dict(BLOCK.findall(text))
    settings = tomllib.loads(blocks["edit"])
    escaped = bool(settings.get("escapes"))
    before, after = (bytes_of(blocks.get(name, ""), escaped=escaped) for name in ("before", "after"))
    return Case(text.partition("\n")[0].removeprefix("# "), before, after, settings)


def bytes_of(text: str, *, escaped: bool) -> bytes:
    if escaped:
        text = ESCAPE.sub(_unescape, text)
    return text.encode("utf-8", "surrogateescape")


def _unescape(match: re.Match[str]) -> str:
    byte, code, letter, _ = match.groups()
    if byte:
        return chr(int(byte, 16) + (0xDC00 if int(byte, 16) >= 0x80 else 0))
    if code:
        return chr(int(code, 16))
    return PLAIN[letter] if letter else ""


def edits_of(case: Case, document: Document) -> list[Edit]:
    rows = case.settings["edits"]
    return [_edit(dict(row), document) for row in rows]


def _edit(row: dict[str, Any], document: Document) -> Edit:
    kind = EDITS[row.pop("do")]
    if "item" in row and not isinstance(row["item"], bool):
        row["item"] = ItemRef(**row["item"])
    if "placeholders" in row:
        row["placeholders"] = tuple(row["placeholders"])
    seen = row.get("expect")
    if seen == "the file":
        row["expect"] = document.source.digest
    elif seen and seen.startswith("the section "):
        wanted = seen.removeprefix("the section ")
        row["expect"] = next(document.digest_of(each) for each in document.sections if each.name == wanted)
    edit: Edit = kind(**row)
    return edit


def run(case: Case) -> Preview:
    settings = case.settings
    name = str(settings.get("contract", ""))
    contract = load_contract(name) if name else None
    document = outline(Source(case.before), name or "notes.md", contract=contract is not None)
    return preview(
        document,
        edits_of(case, document),
        contract=contract,
        stamp=str(settings.get("stamp", "")),
        force=bool(settings.get("force")),
    )


CASES = sorted(FOLDER.glob("*.md"))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_golden_edit(path: Path) -> None:
    """Before and edit give after, byte for byte, or the error that is named."""
    case = read_case(path)
    if case.error:
        with pytest.raises(BankError) as caught:
            run(case)
        assert caught.value.code == case.error
        assert case.settings.get("says", "") in caught.value.message
        assert caught.value.hint
        return
    result = run(case)
    assert result.after.source.data == case.after
    assert list(result.healed) == case.settings.get("healed", [])


@pytest.mark.parametrize(
    "path", [each for each in CASES if "error = " not in each.read_text("utf-8")], ids=lambda p: p.stem
)
def test_a_golden_edit_can_be_taken_back_from_its_trail(path: Path) -> None:
    """The changes that the journal keeps lead back to the bytes that were there."""
    result = run(read_case(path))
    before = result.before.source
    back = reverse(result.after.source.text, result.after.trail)
    assert back is not None
    assert before.to_bytes(back) == before.data


@pytest.mark.parametrize(
    "path", [each for each in CASES if "error = " not in each.read_text("utf-8")], ids=lambda p: p.stem
)
def test_the_result_of_a_golden_edit_is_what_a_fresh_reading_finds(path: Path) -> None:
    """An edit reads on around its change only; that must not differ from reading the whole file."""
    after = run(read_case(path)).after
    fresh = outline(Source(after.source.data), after.path, contract=after.contract)
    assert fresh.headings == after.headings
    assert fresh.unterminated == after.unterminated
    assert fresh.sections == after.sections


def test_there_are_enough_cases_and_each_has_its_own_title() -> None:
    titles = [read_case(path).title for path in CASES]
    assert len(titles) >= 70
    assert len(set(titles)) == len(titles)
