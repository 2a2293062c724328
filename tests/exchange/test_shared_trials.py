"""Inputs that once lost words: after an import each word is written, reported or left out by a counted kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from memorybank.exchange.formats import import_from
from memorybank.records.find import scan

if TYPE_CHECKING:
    from pathlib import Path

    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way

SOURCES = {
    "adr": ("F0", "F1", "F2", "F3/adr", "F14", "F15", "F16"),
    "claude-memory": ("F12", "F21/cmem_same2", "I3/claude_memory", "I3/claude_memory_a"),
    "contextfs": ("F20/context.db", "F20/tz1.db"),
    "conversation": (
        *("F6/cl_regen.json", "F7/split.zip", "F9/nocur_null.json", "F10/noid_v1.json", "F10/noid_v2.json"),
        *("F11/tool_python.json", "F17/branch_code.json", "I1/branch.json", "I1/cl_branch.json", "I1/nocur.json"),
        *("I1/nocur3_iso.json", "I1/noparentkeys.json", "I1/orphan.json"),
    ),
}


@pytest.mark.parametrize(("name", "source"), [(name, each) for name, every in SOURCES.items() for each in every])
def test_no_word_is_lost_and_a_second_import_has_nothing_new(
    bank: BankFolder, way: Way, shared_data: Path, name: str, source: str
) -> None:
    path = shared_data / "trials" / source
    done = import_from(bank, name, path, way)
    assert (bool(done.records), done.unaccounted) == (True, ())
    assert len(scan(bank).records) + len(scan(bank, kinds=("session",)).records) == len(done.records)
    again = import_from(bank, name, path, way)
    assert (again.records, again.grown, again.already) == ((), (), len(done.records))
    assert not any("changed since" in each.why for each in again.misfits)
