"""What a migration may change: blocks stay whole, tables are read by their header row, every word comes through."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from memorybank.contracts.evidence_table import cells_of
from memorybank.contracts.load import load_contract
from memorybank.contracts.migrate import migrate_document
from memorybank.document.sections import outline
from memorybank.document.source import Source
from memorybank.errors import BankError

if TYPE_CHECKING:
    from memorybank.document.sections import Document


def read(file: str, text: str) -> Document:
    return outline(Source(text.encode("utf-8", "surrogateescape")), file, contract=True)


def migrated(file: str, text: str) -> tuple[Document, list[str], list[str]]:
    contract = load_contract(file)
    assert contract is not None
    kept: list[str] = []
    after, report = migrate_document(read(file, text), contract, kept)
    return after, report, kept


def section(file: str, old: str, body: str, new: str) -> tuple[str, list[str]]:
    """Migrate a file with one old section; returns the text of the section it becomes, and what was kept."""
    after, _, kept = migrated(file, f"# Title\n\n## {old}\n\n{body}\n## Last Updated\n\n2026\n")
    found = next(each for each in after.sections if each.name == new)
    return after.text_of(found).strip("\n"), kept


def evidence(body: str) -> tuple[str, list[str]]:
    return section("progress.md", "Verification Evidence", body, "Verification")


TABLES = {
    "check first": ("| Tests | `npm test` | exit 0 |", "Check | Command | Result"),
    "command first": ("| `npm test` | exit 0 | Tests |", "Command | Result | Test"),
    "result first": ("| exit 0 | Tests | `npm test` |", "Status | What | How"),
    "two names": ("| Tests | `npm test` | exit 0 |", "Check | Command/Method | Result"),
    "no ticks": ("| Tests | npm test | exit 0 |", "Kind | Run | Outcome"),
    "an exit code": ("| Tests | npm test | 0 |", "Check | Command | Exit code"),
    "marks in names": ("| Tests | npm test | exit 0 |", "**Check** | `Command` | _Result_:"),
    "evidence": ("| Tests | `npm test` | exit 0 |", "Item | Command | Evidence"),
    "test command": ("| Tests | `npm test` | exit 0 |", "Test name | Test command | Test result"),
}


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("edge", ["|", ""])
def test_a_table_is_read_by_its_header(name: str, edge: str) -> None:
    row, header = TABLES[name]
    rule = "|".join("---" for _ in header.split("|"))
    row = row if edge else row.strip("| ")
    body = f"{edge} {header} {edge}\n{edge}{rule}{edge}\n{row}\n"
    assert evidence(body.replace("\n ", "\n")) == ("- `npm test` → exit 0 - Tests", [])


@pytest.mark.parametrize(
    ("table", "lines"),
    [
        ("| Command | Result | Date |\n|---|---|---|\n| `make` | ok | 2024-01-01 |", "- `make` → ok - 2024-01-01"),
        ("| Date | Command | Result |\n|---|---|---|\n| | `make` | ok |", "- `make` → ok"),
        ("| Command | Result | Notes |\n|---|---|---|\n| make | ok | |\n| a | b | c |", "- `make` → ok\n- `a` → b - c"),
        ("| Command | Result | Owner |\n|---|---|---|\n| make | ok | Ann |", "- `make` → ok - Owner: Ann"),
        (
            "| Check | Expected result | Result |\n|-|-|-|\n| login | 200 | 500 |",
            "- login → 500 - Expected result: 200",
        ),
        ("| Check | Result |\n|---|---|\n| Build | exit 0 |", "- Build → exit 0"),
        ("| Check | Method | Result |\n|---|---|---|\n| Login | by hand | ok |", "- by hand → ok - Login"),
        ("| Item | Evidence |\n|---|---|\n| Tests | `pytest` → exit 0 (3/3) |", "- `pytest` → exit 0 (3/3) - Tests"),
        ("| Command | Result |\n|---|---|\n| `a|b` | ok |", "- `a|b` → ok"),
        ("| Command | Result |\n|---|---|\n| `a \\| b` | ok |", "- `a | b` → ok"),
        ("| Command | Result |\n|---|---|\n| a \\| b | ok |", "- `a | b` → ok"),
        ("| Command | Result |\n|---|---|\n| ``a ` | b`` | ok |", "- ``a ` | b`` → ok"),
        # what is marked up is no code, and a code span would show its marks
        ("| Command | Result |\n|---|---|\n| [CI](http://ci/1) | ok |", "- [CI](http://ci/1) → ok"),
        ("| Command | Result |\n|---|---|\n| pytest a\\_b.py | ok |", "- pytest a\\_b.py → ok"),
        ("| Command | Result |\n|---|---|\n| a &lt; b | ok |", "- a &lt; b → ok"),
        (
            "| Command | Result |\n|---|---|\n| cd x && curl https://a.b/c?d=1&e | ok |",
            "- `cd x && curl https://a.b/c?d=1&e` → ok",
        ),
        ("| Command | Result |\n|---|---|\n| [ -f *.py ] | ok |", "- `[ -f *.py ]` → ok"),
        ("| Check | Command | Result |\n|---|---|---|\n| Looked at it | - | fine |", "- Looked at it → fine"),
        ("| Check | Command | Result |\n|---|---|---|\n| n/a | `make` | ok |", "- `make` → ok"),
        ("| Command | Result |\n|---|---|\n| `make` | 3 of ` left |", "- `make` → 3 of ` left"),
        ("| Command | Result |\n|---|---|\n|---|---|\n| make | ok |", "- `make` → ok"),
        ("| Command | Result |\n|:--|--:|\n| | |\n| make | ok |", "- `make` → ok"),
        ("Ran today:\n| Command | Result |\n|---|---|\n| make | ok |", "Ran today:\n\n- `make` → ok"),
        ("| Command | Status | Exit |\n|---|---|---|\n| make | fine | 0 |", "- `make` → exit 0 - fine"),
    ],
)
def test_cells_go_where_their_column_says(table: str, lines: str) -> None:
    text, kept = evidence(f"{table}\n")
    assert (text, kept) == (lines, [])


@pytest.mark.parametrize(
    "table",
    [
        "| Command | Result |\n|---|---|\n|  | exit 1 |",
        "| Command | Result | Date |\n|---|---|---|\n| `make` | | 2024-01-01 |",
        "| Command | Result |\n|---|---|\n| make | ok | and more |",
        "| Command | Result |\n|---|---|\n| make | ok |\nwords right below",
        "| Prüfung | Ergebnis |\n|---|---|\n| bauen | gut |",
        "| Command | Expected |\n|---|---|\n| make | ok |",
        "| | |\n|---|---|\n| make | ok |",
        "| `make` | ok |\n| `make test` | ok |",
        "| Check | Result |\n|---|---|\n| # Build | ok |",
        "| Check | Result |\n|---|---|\n| [x] Build | ok |",
        "| Check | Result |\n|---|---|\n| 1. Build | ok |",
        "| Check | Result |\n|---|---|\n| Build | ok |\n| Types | |",
        "| Command | Result |\n|---|---|\n| - | exit 1 |",
        "| Command | Result |\n|---|---|\n| `make` | N/A |",
        "| Command | Result |\n|---|---|\n| `make` | \u2014 |",
    ],
)
def test_a_table_that_cannot_be_read_stays_as_it_was(table: str) -> None:
    text, kept = evidence(f"{table}\n")
    assert text == table
    assert len(kept) == 1


def test_a_row_with_too_many_bars_in_code_is_read_where_it_fits() -> None:
    assert cells_of("| `a | b` | c |") == ["`a | b`", "c"]
    assert cells_of("| `a | b` | c |", 3) == ["`a", "b`", "c"]
    assert cells_of("| a | ` |") == ["a", "`"]
    assert cells_of("|  | x |") == ["", "x"]
    assert cells_of("a | b") == ["a", "b"]


def plan(body: str) -> tuple[str, list[str]]:
    return section("activeContext.md", "Plan Reference", body, "References")


@pytest.mark.parametrize(
    ("body", "lines"),
    [
        ("docs/a.md\n", "- Plan: docs/a.md"),
        ("- docs/a.md\n", "- Plan: docs/a.md"),
        ("- [x] docs/a.md\n- [ ] docs/b.md\n", "- [x] Plan: docs/a.md\n- [ ] Plan: docs/b.md"),
        ("* docs/a.md\n  - phase 1\n    more\n* plan: b\n", "* Plan: docs/a.md\n  - phase 1\n    more\n* plan: b"),
        ("1. docs/a.md\n2. docs/b.md\n", "1. Plan: docs/a.md\n2. Plan: docs/b.md"),
        ("- docs/a.md\n  goes on\n", "- Plan: docs/a.md\n  goes on"),
        ("docs/a.md\n\ndocs/b.md\n", "- Plan: docs/a.md\n\n- Plan: docs/b.md"),
        ("<!-- the plan -->\n- docs/a.md\n", "<!-- the plan -->\n- Plan: docs/a.md"),
    ],
)
def test_references_say_their_kind_and_stay_whole(body: str, lines: str) -> None:
    assert plan(body) == (lines, [])


@pytest.mark.parametrize(
    "body",
    [
        "| Plan | State |\n|---|---|\n| a.md | done |",
        "The plan is long and\nwraps here: docs/plans/a.md",
        "```\ndocs/a.md\n```",
        "> docs/a.md",
        "    docs/a.md",
        "Plans:\n- docs/a.md\n- docs/b.md",
        "- docs/a.md\n\n---\n\n- docs/b.md",
        "- docs/a.md\n\n- - -\n\n- docs/b.md",
        "- # docs/a.md",
        "- - docs/a.md",
        "docs/a.md\n\n    code below",
    ],
)
def test_blocks_that_are_no_entry_stay_as_they_were(body: str) -> None:
    text, kept = plan(f"{body}\n")
    assert text == f"Plan:\n\n{body}"
    assert len(kept) == 1


def tasks(body: str) -> str:
    text, kept = section("progress.md", "Remaining", body, "Tasks")
    assert kept == []
    return text


@pytest.mark.parametrize(
    ("body", "lines"),
    [
        ("- a\n\n- - -\n\n- b\n", "- [ ] a\n\n- - -\n\n- [ ] b"),
        ("- a\n***\n- b\n", "- [ ] a\n***\n- [ ] b"),
        ("- [-] dropped\n- [/] half\n- [>] moved\n- [ ] open\n- [x] done\n", None),
        ("- \\[x] shipped\n- \\[ ] open\n", None),
        ("- ~~dropped~~\n- ✅ shipped\n- ❌ failed\n- [done] shipped\n", None),
        ("- [WIP] parse\n- [a](b.md)\n", "- [ ] [WIP] parse\n- [ ] [a](b.md)"),
        ("- a\n  - below\n  goes on\n\n  and on\n", "- [ ] a\n  - below\n  goes on\n\n  and on"),
        ("- # words\n- - nested\n- > said\n-\n", None),
        ("| a | b |\n|---|---|\n| c | d |\n\nA paragraph\ngoes on.\n", None),
        ("-\twith a tab\n", "-\t[ ] with a tab"),
        ("- [None]\n- real\n", "- [ ] real"),
        ("- [x] Task 1\n", None),
    ],
)
def test_tasks_get_boxes_and_other_marks_stay(body: str, lines: str | None) -> None:
    assert tasks(body) == (body.strip("\n") if lines is None else lines)


def test_a_heading_holds_up_its_own_section_only() -> None:
    text = (
        "# Active Context\n\n## Current Focus\n\nx\n\n## Plan Reference\n\n### Phase 1\n\ndocs/plans/a.md\n\n"
        "## Design Reference\n\ndocs/design.md\n\n## Active Decisions\n\n- a: b\n\n## Last Updated\n\n2026\n"
    )
    after, report, kept = migrated("activeContext.md", text)
    assert "## Plan Reference\n\n### Phase 1\n\ndocs/plans/a.md\n" in after.source.text
    assert "## References\n\n- Design: docs/design.md\n" in after.source.text
    assert "## Decisions\n\n- a: b\n" in after.source.text
    assert len(kept) == 1
    assert "'## Plan Reference' was not merged: it has subheadings" in kept[0]
    assert migrated("activeContext.md", after.source.text)[:2] != (after, report)
    again, nothing, still = migrated("activeContext.md", after.source.text)
    assert (again.source.text, nothing, still) == (after.source.text, [], kept)


def test_a_list_goes_on_without_a_gap_and_other_blocks_stay_apart() -> None:
    old = "## In Progress\n\n- b\n\n## Remaining\n\n3. c\n\n## Last Updated\n"
    text = f"# Progress\n\n## Tasks\n\n- [ ] a\n  goes on\n\n{old}"
    after, _, _ = migrated("progress.md", text)
    assert "- [ ] a\n  goes on\n- [ ] b\n\n3. [ ] c\n" in after.source.text


PIECES = (
    *("- {}", "- [x] {}", "- [-] {}", "* {}", "1. {}", "3) {}", "- {}\n  - {}", "- {}\n  goes on {}", "- {}\n\n  {}"),
    *(
        "{} words",
        "{}\nwrapped {}",
        "    code {}",
        "```\n- {}\n# {}\n```",
        "> quote {}",
        "- - -",
        "***",
        "---",
        "- - {}",
    ),
    *("| Check | Command | Result |\n|---|---|---|\n| {} | `{}` | {} |", "| {} | x |\n|--|--|\n| {} | |", "| {} |"),
    *("| Result | Check |\n|:-:|--|\n| {} | {} |\n| | {} |", "- # {}", "- > {}", "-", "- [ ]", "[None]", "- [None]"),
    *(
        "<!-- {} -->",
        "### {}",
        "[{}]: http://x",
        "<div>{}</div>",
        "\t- {}",
        "   - {}",
        "- ~~{}~~",
        "- ✅ {}",
        "{}:\n- {}",
    ),
    *("- `{}|{}`", "\\| {}", "{}  \n{}", "- \\[x] {}", "+ {}", "- {}\r\n- {}", "{}\n===", "- {}\n***\n- {}", "10. {}"),
    *("| Command | Result |\n|---|---|\n| # {} | [x] {} |", "- {}\n  ```\n  {}\n  ```", "- {}\nlazy {}", "Plan: {}"),
)
OLD = {
    "activeContext.md": (
        *("Plan Reference", "Design Reference", "Research References", "References", "Active Decisions", "Decisions"),
        *("Learnings This Session", "Learnings", "User Preferences Discovered", "Plan/Design/Research References"),
        *("My own", "Last Updated"),
    ),
    "progress.md": (
        *("Tasks", "In Progress", "Remaining", "Active Workflow Tasks", "Verification Evidence", "Verification"),
        *("Completed", "Last Updated", "Known Issues"),
    ),
}


@st.composite
def banks(draw: st.DrawFn) -> tuple[str, str]:
    file = draw(st.sampled_from(sorted(OLD)))
    count = 0
    text = "# Title\n"
    for name in draw(st.lists(st.sampled_from(OLD[file]), min_size=1, max_size=6)):
        text += f"\n## {name}\n"
        for piece in draw(st.lists(st.sampled_from(PIECES), max_size=4)):
            text += draw(st.sampled_from(["\n", "\n", ""]))
            for _ in range(piece.count("{}")):
                piece = piece.replace("{}", f"zz{count}zz", 1)  # noqa: PLW2901
                count += 1
            text += f"{piece}\n"
    return file, text


@given(banks(), st.booleans())
@example(("progress.md", "# T\n\n## Verification Evidence\n\n| Check | Result |\n|--|--|\n| zz0zz | zz1zz |\n"), False)
@example(("activeContext.md", "# T\n\n## Plan Reference\n\nzz0zz words\n    code zz1zz\n"), True)
def test_every_word_comes_through_once(bank: tuple[str, str], crlf: bool) -> None:
    file, text = bank
    if crlf:
        text = text.replace("\r\n", "\n").replace("\n", "\r\n")
    try:
        after, report, kept = migrated(file, text)
    except BankError:
        return
    words = re.findall(r"zz\d+zz", text)
    assert sorted(re.findall(r"zz\d+zz", after.source.text)) == sorted(words)
    assert bool(report) == (after.source.text != text)
    # what is read afresh is what was made, and doing it again changes nothing
    assert read(file, after.source.text).sections == after.sections
    again, nothing, still = migrated(file, after.source.text)
    assert (again.source.text, nothing) == (after.source.text, [])
    assert len(still) <= len(kept)
    # headings of one's own stay, and stay in their order
    own = [each.text for each in read(file, text).headings if each.level != 2]
    assert sorted(own) == sorted(each.text for each in after.headings if each.level != 2)
