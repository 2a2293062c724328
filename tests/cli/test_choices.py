"""An invalid word: the error names the valid ones, or the command that lists them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from memorybank.contracts.contract import NONE
from memorybank.records.record import RELATIONS
from memorybank.workflow.lines.placement import kinds_of
from tests.running import folder_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., Any]

CHOICES = [
    ("note x --as nope", "verification", "bank note -h"),
    ("link a b c", "evidence-for", "bank link -h"),
    ("save x --link nope:x", "evidence-for", "bank link -h"),
    ("save x --type nope", "decision", "bank types"),
    ("types show nope", "decision", "bank types"),
    ("load --stage nope", "decompose", "bank load --table"),
    ("load --mode nope", "rigorous", "bank load --table"),
    ("load --for nope", "session-start", ""),
    ("gate nope", "decompose", "bank gate understand"),
    ("note x --role nope", "write-agent", "MEMORYBANK_ROLE"),
    ("workflow start nope goal", "REVIEW", "bank workflow start -h"),
    ("bug list --status nope", "wontfix", "bank bug list --status open"),
    ("paf list --status nope", "proposed", "bank paf list --status active"),
    ("import nope x", "contextfs", ""),
]


@pytest.mark.parametrize(("line", "choice", "hint"), CHOICES, ids=[each[0] for each in CHOICES])
def test_an_error_names_the_valid_words(here: Run, line: str, choice: str, hint: str) -> None:
    ended = here(*line.split())
    told, _, following = ended.err.partition("\n  next: ")
    assert ended.status
    assert choice in told
    assert hint in following


def test_a_relation_that_is_nearly_one_is_offered(here: Run) -> None:
    assert "did you mean 'caused-by'?" in here("link", "a", "cause-by", "b").err


def test_the_help_names_every_kind_of_note_and_every_relation(here: Run, project: Path) -> None:
    told = here("note", "-h").out.replace(",", " ").replace(".", " ").split()
    assert set(kinds_of(folder_of(project))) <= set(told)
    told = here("link", "-h").out.replace(",", " ").replace(";", " ").split()
    assert set(RELATIONS) <= set(told)
    assert NONE not in told


def test_a_file_called_decision_is_not_hidden(here: Run, project: Path) -> None:
    """The word is a question only where a text follows it; what could be either is refused."""
    (project / ".memorybank" / "decision.md").write_text("# D\n\n## A\n\n```\nopen\n", encoding="utf-8")
    assert "decision.md" in here("check", "decision").out
    assert "decision.md" in here("check", "./decision", "progress.md").out
    assert here("check", "decision", "Cache: Redis").out == "nothing in the bank contradicts it\n"
    refused = here("check", "decision", "progress.md")
    assert (refused.status, "bank check ./decision progress.md" in refused.err) == (2, True)


def test_without_a_file_called_decision_the_word_is_a_question(here: Run) -> None:
    assert here("check", "decision").status == 2
    assert here("check", "decision", "Cache: Redis").status == 0


ANY_CASE = [
    "note x --as Decision",
    "save x --type DECISION --status Proposed",
    "save x --type Fact --link Relates:{id}",
    "update {id} --status Deprecated",
    "bug new x --severity High",
    "bug list --status In-Progress --severity LOW",
    "list --type Decision --status ACCEPTED",
    "search x --type Fact --scope Records",
    "types show Decision",
    "load --stage Implement --mode Augster-Rigorous",
    "load --for Session-Start",
    "gate Understand",
    "note x --role Write-Agent",
    "workflow start Build goal",
    "paf add AUTH x --status Active",
    "paf list --status Active",
    "session list --status Ended",
    "checkpoint --reason PreCompact",
    "check --format GitHub",
    "link {id} See activeContext.md",
]


@pytest.mark.parametrize("line", ANY_CASE)
def test_a_choice_is_known_in_any_case(here: Run, line: str) -> None:
    ident = json.loads(here("save", "first", "--json").out)["record"]["id"]
    ended = here(*line.replace("{id}", ident).split())
    assert ended.status in {0, 1}, ended.err
    assert "invalid" not in ended.err
