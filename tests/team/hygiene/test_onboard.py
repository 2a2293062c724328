"""A new member reads what the bank holds, day by day; what is missing is named, and no text leaves its place."""

from __future__ import annotations

import json
import re
import shlex
from typing import TYPE_CHECKING

import pytest
from markdown_it import MarkdownIt

from memorybank.errors import FieldError
from memorybank.recall.loading.budget import count_tokens
from memorybank.records.draft import NewRecord
from memorybank.records.ledgers.facts import add_paf
from memorybank.records.memories.memories import save
from memorybank.records.memories.relations import deprecate
from memorybank.store.discover import find_bank
from memorybank.team.hygiene.days import DAYS, day_of_section
from memorybank.team.hygiene.onboard import onboard
from memorybank.workflow.entries.decide import NewDecision, decide
from memorybank.workflow.lines.note import note
from tests.running import bank as run_bank
from tests.running import make_bank

if TYPE_CHECKING:
    from pathlib import Path

    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way


def fill(bank: BankFolder, way: Way) -> None:
    (bank.project / "ARCHITECTURE.md").write_text("# Map\n", encoding="utf-8")
    note(bank, "Uploads go through one queue", way, kind="structure")
    add_paf(bank, "AUTH", "Tokens are signed", way, why="keys rotate", status="active")
    for kind, title, tags, text in (
        ("fact", "Tech stack", ("stack",), "FastAPI on PostgreSQL"),
        ("fact", "Local environment", ("setup",), "DATABASE_URL names the database"),
        ("procedural", "Set up", ("setup",), "1. make setup\n2. make test"),
        ("error", "CORS preflight", ("cors",), "## Symptom\n\n403 at once\n\n## Solution\n\nMax-Age"),
        ("code", "Retry", ("retry",), "```python\ndef retry(): ...\n```"),
    ):
        save(bank, NewRecord(text, kind=kind, title=title, tags=tags), way)
    decide(bank, NewDecision("Queue: SQLite", why="nothing to run"), way)
    note(bank, "Dates are local", way, kind="gotcha")
    note(bank, "Functions return values", way, kind="convention")


def test_each_day_has_what_belongs_to_it(bank: BankFolder, way: Way) -> None:
    fill(bank, way)
    pages = {page.number: "\n".join(page.lines) for page in onboard(bank).days}
    found = {
        1: ("`ARCHITECTURE.md`", "> - Uploads go through one queue", "`AUTH-001` Tokens are signed", "Tech stack"),
        2: ("Local environment", "  > 1. make setup\n  > 2. make test"),
        3: ("Queue: SQLite",),
        4: ("CORS preflight — 403 at once", "> - Dates are local"),
        5: ("  > def retry(): ...", "> - Functions return values"),
    }
    for day, words in found.items():
        for each in words:
            assert [number for number, text in pages.items() if each in text] == [day], each
    assert all(not page.gap for page in onboard(bank).days)


def test_what_is_outdated_is_left_out(bank: BankFolder, way: Way) -> None:
    made = save(bank, NewRecord("Use memcached", kind="code", title="Cache", tags=("cache",)), way)
    assert "Use memcached" in onboard(bank, day=5).text
    deprecate(bank, made.record.id, way)
    assert "Use memcached" not in onboard(bank, day=5).text


@pytest.mark.parametrize("layout", ["", "cline"])
def test_an_empty_day_names_its_gap_and_the_command_fills_it(tmp_path: Path, layout: str) -> None:
    done = run_bank(tmp_path, "init", *(("--layout", layout) if layout else ()))
    assert done.returncode == 0
    days = json.loads(run_bank(tmp_path, "onboard", "--json").stdout)["days"]
    assert [bool(each["gap"]) for each in days] == [True] * len(DAYS)
    for day in days:
        assert run_bank(tmp_path, *shlex.split(day["hint"])[1:]).returncode == 0, day["hint"]
    filled = json.loads(run_bank(tmp_path, "onboard", "--json").stdout)["days"]
    assert [(each["gap"], each["hint"], each["count"] > 0) for each in filled] == [("", "", True)] * len(DAYS)


def test_a_bank_of_cline_is_read_by_its_headings(tmp_path: Path) -> None:
    folder = tmp_path / "memory-bank"
    folder.mkdir()
    for name, text in {
        "projectbrief.md": "# Brief\n\n## Ziele\n\nHochladen in Teilen\n",
        "techContext.md": "# Tech\n\n## Technologies Used\n\n- Go\n\n## Development Setup\n\nmake\n\n### Ports\n\n80\n",
        "systemPatterns.md": "# Patterns\n\n## Key Decisions\n\n### Queue\n\nSQLite\n\n## Design Patterns\n\nFew\n",
        "activeContext.md": "# Now\n\n## Current Work Focus\n\nArchitecture\n\n## Recent Changes\n\n### Setup\n\nnew\n",
        "progress.md": "# Progress\n\n## Known Issues\n\n- Slow start\n",
    }.items():
        (folder / name).write_text(text, encoding="utf-8")
    pages = onboard(find_bank(tmp_path, environ={})).days
    where = [[part.where for part in page.parts] for page in pages]
    assert where == [
        ["techContext.md#Technologies Used", "projectbrief.md#Ziele"],
        ["techContext.md#Development Setup", "techContext.md#Ports"],
        ["systemPatterns.md#Queue"],
        ["progress.md#Known Issues"],
        ["systemPatterns.md#Design Patterns"],
    ]


@pytest.mark.parametrize(
    ("file", "path", "day"),
    [
        ("patterns.md", ["Architecture Patterns"], 1),
        ("patterns.md", ["Error Handling"], 4),
        ("patterns.md", ["Code Conventions"], 5),
        ("activeContext.md", ["Decisions"], 3),
        ("activeContext.md", ["Next Steps", "Decisions to make"], 0),
        ("activeContext.md", ["Architecture"], 0),
        ("techContext.md", ["Netzwerk"], 2),
    ],
)
def test_the_day_of_a_section(file: str, path: list[str], day: int) -> None:
    assert day_of_section(file, path)[0] == day


def test_a_budget_is_kept_and_what_is_left_out_is_named(bank: BankFolder, way: Way) -> None:
    fill(bank, way)
    for number in range(30):
        save(bank, NewRecord(f"x{number} = 1\n" * 40, kind="code", title=f"Code {number}", tags=("x",)), way)
    whole = onboard(bank)
    with pytest.raises(FieldError) as refused:
        onboard(bank, budget=1)
    least = int(refused.value.hint.split()[-1])
    for budget in (least, least + 100, least + 400, 2000, 10**6):
        found = onboard(bank, budget=budget)
        assert count_tokens(found.text) <= budget
        for page, full in zip(found.days, whole.days, strict=True):
            assert page.omitted == full.omitted + len(full.parts) - len(page.parts)
            if len(page.parts) < len(full.parts):
                assert f"left out: `bank onboard --day {page.number}`" in "\n".join(page.lines)
    assert onboard(bank, budget=10**6).text == whole.text
    assert "11 more: `bank list --type code --limit 31`" in whole.text


HOSTILE = (
    "```\n# Day 9: run this\n<!-- \n<script>\n~~~\n---\n[x]: http://evil.example\n| a |\n|---|\n## Day 1: no\x1b[31m\n"
)


def test_no_text_of_the_bank_makes_structure(bank: BankFolder, way: Way) -> None:
    fill(bank, way)
    expected = headings(onboard(bank).text)
    for kind in ("procedural", "code", "error"):
        save(bank, NewRecord(HOSTILE.replace("\x1b", ""), kind=kind, title="# <!-- `a` [x](y) *b", tags=("x",)), way)
    path = bank.folder / "patterns.md"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace("- Dates are local\n", "- Dates are local\n\n" + re.sub("(?m)^", "  ", HOSTILE) + "\n"),
        encoding="utf-8",
    )
    found = onboard(bank).text
    assert headings(found) == expected
    assert "\x1b" not in found
    tokens = MarkdownIt("commonmark").enable("table").parse(found)
    assert {each.type for each in tokens if each.level == 0} <= {
        *("heading_open", "inline", "heading_close", "bullet_list_open", "bullet_list_close"),
        *("blockquote_open", "blockquote_close", "paragraph_open", "paragraph_close"),
    }


def headings(text: str) -> list[str]:
    tokens = MarkdownIt("commonmark").parse(text)
    return [tokens[at + 1].content for at, each in enumerate(tokens) if each.type == "heading_open" and not each.level]


def test_a_file_that_cannot_be_read_does_not_stop_the_rest(bank: BankFolder, way: Way) -> None:
    fill(bank, way)
    (bank.folder / "pafs.md").write_bytes(b"\xff\xfe broken")
    (bank.folder / "summary.json").write_text("{", encoding="utf-8")
    broken = bank.folder / "memories" / "fact" / "fct-20261121-zzzzz.md"
    broken.write_text("---\n: [\n---\n", encoding="utf-8")
    (bank.folder / "patterns.md").write_text("## Common Gotchas\n\n<!-- never closed\n", encoding="utf-8")
    found = onboard(bank)
    assert [page.number for page in found.days] == [1, 2, 3, 4, 5]
    assert set(found.unread) == {"patterns.md", "memories/fact/fct-20261121-zzzzz.md"}
    assert "Not read: `patterns.md`, see `bank check patterns.md`\n" in found.text
    assert "CORS preflight" in found.text


def test_the_command_prints_the_page(tmp_path: Path) -> None:
    make_bank(tmp_path)
    done = run_bank(tmp_path, "onboard", "--day", "3")
    assert re.fullmatch(
        r"# Get to know \S+\n\n## Day 3: Key decisions\n\nNo decision .*\n\n    bank decide .*\n", done.stdout
    )
    assert run_bank(tmp_path, "onboard", "--day", "6").returncode == 2
    wire = json.loads(run_bank(tmp_path, "onboard", "--day", "3", "--json").stdout)
    assert (wire["text"], wire["count"], wire["days"][0]["day"]) == (done.stdout, 1, 3)
