"""AUTO_PROCEED is set by a command, stands where the source keeps it, and lets gates pass that take nothing back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from memorybank.store.actor import Actor
from memorybank.store.discover import find_bank
from memorybank.store.journal.undo import undo
from memorybank.store.roles import WRITE_AGENT, RoleError
from memorybank.workflow import steps as flows
from memorybank.workflow.auto_proceed import is_auto, set_auto
from memorybank.workflow.finish import finish
from memorybank.workflow.notes.submit import hand_in
from memorybank.workflow.resume import resume
from memorybank.workflow.workflow_errors import GateError
from tests.running import bank as run_bank

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way


def test_it_is_set_and_taken_back(bank: BankFolder, way: Way, section: Callable[[str], list[str]]) -> None:
    before = (bank.folder / "activeContext.md").read_bytes()
    assert not is_auto(bank)
    set_auto(bank, way, on=True)
    assert (is_auto(bank), section("activeContext.md#Session Settings")) == (True, ["- AUTO_PROCEED: true"])
    assert set_auto(bank, way, on=True).operation == ""
    undo(bank, "", way)
    assert (bank.folder / "activeContext.md").read_bytes() == before


@pytest.mark.parametrize(
    ("line", "on"),
    [
        ("# AUTO_PROCEED: false (set to true to enable JUST_GO mode — auto-defaults all non-REVERT gates)", False),
        ("* **AUTO_PROCEED**: yes", True),
        ("+ `AUTO_PROCEED` = off <!-- mine -->", False),
    ],
)
def test_only_the_word_changes_whatever_the_form(bank: BankFolder, way: Way, line: str, on: bool) -> None:
    path = bank.folder / "activeContext.md"
    text = path.read_text(encoding="utf-8").replace(
        "- AUTO_PROCEED: false", f"{line}\n- other: false\n<!-- AUTO_PROCEED: true -->"
    )
    path.write_text(text, encoding="utf-8")
    assert is_auto(bank) is on
    set_auto(bank, way, on=not on)
    assert is_auto(bank) is not on
    old = {"false": "true", "yes": "false", "off": "true"}
    word = next(each for each in old if each in line)
    assert f"{line.replace(word, old[word], 1)}\n- other: false\n" in path.read_text(encoding="utf-8")


def test_a_missing_section_is_made(bank: BankFolder, way: Way, tmp_path: Path) -> None:
    path = bank.folder / "activeContext.md"
    path.write_text(path.read_text(encoding="utf-8").replace("## Session Settings\n\n- AUTO_PROCEED: false\n\n", ""))
    assert not is_auto(bank)
    set_auto(bank, way, on=True)
    assert is_auto(bank)
    folder = tmp_path / "other" / "memory-bank"
    folder.mkdir(parents=True)
    (folder / "projectbrief.md").write_text("# Brief\n", encoding="utf-8")
    other = find_bank(tmp_path / "other", environ={})
    set_auto(other, way, on=True)
    assert is_auto(other)


def test_gates_pass_but_those_that_take_something_back(bank: BankFolder, way: Way) -> None:
    flows.start(bank, "BUILD", "Uploads", way)
    flows.set_gate(bank, "", "early", way, question="Windows too?")
    set_auto(bank, way, on=True)
    flows.set_gate(bank, "", "scope", way, question="Linux too?")
    flows.set_gate(bank, "", "Revert the parser", way)
    assert [each["name"] for each in resume(bank).gates] == ["early", "Revert the parser"]
    with pytest.raises(GateError) as refused:
        finish(bank, way)
    assert refused.value.details["missing"] == ["Revert the parser"]
    flows.set_gate(bank, "", "Revert the parser", way, status="passed")
    rows = finish(bank, way).flow.value["gates"]
    assert [each.get("why") for each in rows] == ["AUTO_PROCEED is on", "AUTO_PROCEED is on", None]


def test_only_the_router_sets_it(bank: BankFolder, way: Way) -> None:
    with pytest.raises(RoleError):
        set_auto(bank, way.with_actor(Actor("tests", "s1", WRITE_AGENT)), on=True)


def test_a_line_for_the_settings_sets_it_and_never_stands_beside_the_old_one(
    bank: BankFolder, way: Way, section: Callable[[str], list[str]]
) -> None:
    place = "activeContext.md#Session Settings"
    for text, is_on in (("AUTO_PROCEED: true", True), ("- **AUTO_PROCEED**: off", False), ("AUTO_PROCEED: true", True)):
        hand_in(bank, text, way, to=place)
        assert (is_auto(bank), len(section(place))) == (is_on, 1)
    hand_in(bank, "AUTO_PROCEED needs a person", way, to=place)
    assert section(place) == ["- AUTO_PROCEED: true", "- AUTO_PROCEED needs a person"]
    hand_in(bank, "AUTO_PROCEED: off", way)
    assert is_auto(bank)


def test_the_command_sets_and_tells(tmp_path: Path) -> None:
    run_bank(tmp_path, "init")
    assert run_bank(tmp_path, "workflow", "auto").stdout == "AUTO_PROCEED is off\n"
    assert run_bank(tmp_path, "workflow", "auto", "on").returncode == 0
    assert run_bank(tmp_path, "workflow", "auto").stdout == "AUTO_PROCEED is on\n"
    run_bank(tmp_path, "workflow", "start", "BUILD", "Uploads")
    assert "passed: AUTO_PROCEED is on" in run_bank(tmp_path, "workflow", "gate", "scope", "--ask", "Windows?").stderr
    assert run_bank(tmp_path, "workflow", "finish").returncode == 0
