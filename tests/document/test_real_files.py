"""One bullet into every section of every real file and of every example of the CommonMark specification."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

from memorybank.document.addresses import address_of
from memorybank.document.editing.apply import apply
from memorybank.document.edits import Append
from memorybank.document.sections import Document, Section, outline
from memorybank.document.source import Source, lines_of
from memorybank.errors import BankError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WORD = "zebra token"


def outcome(document: Document, section: Section) -> str:
    """Put a bullet into a section, and say what came of it: "ok", a refusal's code, or what is wrong."""
    name = address_of(document, section).section
    try:
        after = apply(document, Append(name, WORD, item=True)).document
    except BankError as error:
        return error.code
    old, new = lines_of(document.source.text), lines_of(after.source.text)
    if old and not old[-1].endswith(("\n", "\r")) and len(new) > len(old):
        # the last line lacked an ending and got one
        old[-1] = new[len(old) - 1] if new[len(old) - 1].startswith(old[-1]) else old[-1]
    head = next((i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), len(old))
    inserted = new[head : head + len(new) - len(old)]
    if old[head:] != new[head + len(inserted) :] or sum(bool(line.strip()) for line in inserted) != 1:
        return "changed more than one line"
    fresh = outline(Source(after.source.data), document.path)
    if [each.text for each in fresh.headings] != [each.text for each in document.headings]:
        return "changed the headings"
    at = after.source.text.index(WORD)
    holder = next(each for each in fresh.sections if each.start <= at < each.own_end)
    return "ok" if holder.number == section.number else "put it in the wrong section"


def outcomes(files: Iterator[tuple[str, bytes]], only: set[str]) -> Counter[str]:
    found: Counter[str] = Counter()
    for name, data in files:
        document = outline(Source(data), name)
        for section in document.sections[1:]:
            if not only or section.name in only:
                found[outcome(document, section)] += 1
    return found


def test_real_memory_banks_take_a_bullet_in_every_section(shared_data: Path) -> None:
    """What is refused is a heading that stands twice below the same parent, and nothing else."""
    paths = sorted((shared_data / "memory-banks").glob("*/*.md"))
    found = outcomes(((path.name, path.read_bytes()) for path in paths), set())
    assert set(found) <= {"ok", "dup-anchor"}, found
    assert found["ok"] >= 500
    assert found["dup-anchor"] <= found.total() / 100


def test_examples_of_the_specification_disturb_no_neighbour(shared_data: Path) -> None:
    """Each example between two ordinary sections; it may be open at its end, or close what is around it."""
    text = (shared_data / "commonmark" / "examples-commonmark.json").read_text(encoding="utf-8")
    files = (
        (
            f"example {each['example']}",
            f"# T\n\n## Alpha\n\ntext\n\n{each['markdown'].replace('→', chr(9))}\n\n## Omega\n\n- one\n".encode(),
        )
        for each in json.loads(text)
    )
    found = outcomes(files, {"Alpha", "Omega"})
    assert set(found) <= {"ok", "unterminated", "spill", "dup-anchor"}, found
    assert found["spill"] <= found.total() / 100
    assert found["ok"] >= found.total() * 0.97
