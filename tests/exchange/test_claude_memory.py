"""The auto memory of Claude Code: an index, and topic files with a name, a kind and links."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from memorybank.exchange.formats import import_from
from memorybank.exchange.safe_read import ForeignError
from memorybank.records.find import find_record, scan
from tests.exchange.making import make_tree

if TYPE_CHECKING:
    from pathlib import Path

    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way

FILES = {
    "MEMORY.md": (
        "# Memory\n\n- [Tests first](tests-first.md) \u2014 write the failing test before the mend\n"
        "- [Gone](gone.md) - was deleted\n\n## Build\n\n- `make all`\n"
    ),
    "tests-first.md": (
        "---\nname: tests-first\ndescription: Always a failing test\nmetadata:\n  type: feedback\n  weight: 3\n---\n"
        "Write it first. See [[ci-setup]] and [[nowhere]].\n"
    ),
    "ci-setup.md": "---\nname: ci-setup\ntype: reference\n---\n# How CI runs\n\nOn push.\n",
    "debugging.md": "# Debugging\n\nRead the log.\n",
    "broken.md": "---\nname: a\nname: b\n---\nwords\n",
}


def test_index_and_topics_become_memories(bank: BankFolder, tmp_path: Path, way: Way) -> None:
    done = import_from(bank, "claude-memory", make_tree(tmp_path / "memory", FILES), way)
    found = {each.title: find_record(bank, each.id) for each in scan(bank).records}
    assert set(found) == {"Tests first", "How CI runs", "Debugging", "broken", "Memory", "Build"}
    first = found["Tests first"]
    assert (first.type, first.summary, first.tags, first.metadata["weight"]) == (
        "user",
        "Always a failing test",
        ("feedback",),
        3,
    )
    assert first.linked("relates") == (found["How CI runs"].id,)
    assert found["Build"].content == "- `make all`"
    assert found["Memory"].content == "- [Gone](gone.md) - was deleted"
    assert {each.session for each in found.values()} == {""}
    assert [each.where for each in done.misfits] == ["broken.md"]
    again = import_from(bank, "claude-memory", tmp_path / "memory", way)
    assert (again.records, again.already) == ((), 6)


def test_a_folder_without_memory_is_refused(bank: BankFolder, tmp_path: Path, way: Way) -> None:
    with pytest.raises(ForeignError, match=r"no MEMORY\.md"):
        import_from(bank, "claude-memory", make_tree(tmp_path / "memory", {"a.txt": "x"}), way)
