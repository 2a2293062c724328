"""Rotation: what is over a cap goes to the archive as it was, nothing is lost on the way, and it comes back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from memorybank.check.lint import lint
from memorybank.contracts.load import template_bytes
from memorybank.document.edits import Append, ItemRef
from memorybank.document.order import date_of
from memorybank.errors import ConfigError, NoItemError
from memorybank.store.journal.commit import FileChange, commit
from memorybank.store.journal.undo import undo
from memorybank.store.way import Way, WriteOptions
from memorybank.workflow.lines.note import note
from memorybank.workflow.lines.rotate import rotate, unarchive
from memorybank.workflow.progress.tasks import finish_task
from tests.running import bank as run_bank

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from memorybank.document.edits import Edit
    from memorybank.store.folder import BankFolder

ARCHIVE = "archive/contracts/progress.md"


@pytest.fixture
def full(bank: BankFolder, way: Way) -> BankFolder:
    for number in range(1, 14):
        note(bank, f"Task {number}", way, kind="done")
    return bank


def archived(bank: BankFolder) -> list[str]:
    text = (bank.folder / ARCHIVE).read_text(encoding="utf-8")
    return [line for line in text.split("\n") if line.startswith("- ")]


def test_the_oldest_go_and_the_newest_stay(full: BankFolder, way: Way, section: Callable[[str], list[str]]) -> None:
    before = section("progress.md#Completed")
    done = rotate(full, way)
    assert [(each.address, each.moved_count, each.here_count, each.archived_count) for each in done.sections] == [
        ("progress.md#Completed", 3, 10, 3)
    ]
    assert archived(full) + section("progress.md#Completed") == before
    assert archived(full) == ["- [x] Task 1", "- [x] Task 2", "- [x] Task 3"]
    assert lint(full) == []
    assert rotate(full, way).receipt is None


def test_a_second_rotation_goes_behind_the_first(
    full: BankFolder, way: Way, section: Callable[[str], list[str]]
) -> None:
    rotate(full, way)
    for number in (14, 15):
        note(full, f"Task {number}", way, kind="done")
    for number in range(21):
        note(full, f"Learned {number}", way, kind="learning")
    rotate(full, way)
    assert archived(full) == [f"- [x] Task {number}" for number in range(1, 6)]
    assert len(section("activeContext.md#Learnings")) == 20
    assert "- Learned 0" in (full.folder / "archive/contracts/activeContext.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("eol", ["\n", "\r\n"])
def test_what_hangs_below_an_item_goes_with_it(full: BankFolder, way: Way, eol: str) -> None:
    path = full.folder / "progress.md"
    text = path.read_text(encoding="utf-8").replace("Task 1\n", "Task 1\n  - a part\n  more\n\n  - [ ] and so on\n")
    path.write_bytes(text.replace("\n", eol).encode())
    rotate(full, way)
    kept = (full.folder / ARCHIVE).read_bytes().decode()
    assert "- [x] Task 1\n  - a part\n  more\n\n  - [ ] and so on\n- [x] Task 2" in kept.replace("\r\n", "\n")
    assert "a part" not in path.read_bytes().decode()
    undo(full, "", way)
    assert path.read_bytes().decode() == text.replace("\n", eol)
    assert not (full.folder / ARCHIVE).exists()


def test_they_come_back_to_where_they_were(full: BankFolder, way: Way, section: Callable[[str], list[str]]) -> None:
    before = section("progress.md#Completed")
    rotate(full, way)
    unarchive(full, "progress.md#Completed", way)
    assert section("progress.md#Completed") == before[2:]
    unarchive(full, "progress.md#Completed", way, count=9)
    assert section("progress.md#Completed") == before
    assert archived(full) == []
    with pytest.raises(NoItemError):
        unarchive(full, "progress.md#Completed", way)
    with pytest.raises(NoItemError):
        unarchive(full, "activeContext.md#Learnings", way)


def test_archives_are_in_no_load_and_no_search(tmp_path: Path) -> None:
    run_bank(tmp_path, "init")
    for number in range(12):
        run_bank(tmp_path, "note", f"Zebra {number}", "--as", "done")
    done = run_bank(tmp_path, "rotate", "--json")
    assert json.loads(done.stdout)["sections"][0]["moved_count"] == 2
    assert "Zebra 0" not in run_bank(tmp_path, "load").stdout
    found = run_bank(tmp_path, "search", "zebra", "--limit", "50", "--json").stdout
    assert "Zebra 5" in found
    assert "archive/" not in found
    assert "Zebra 1" in run_bank(tmp_path, "unarchive", "progress.md#Completed").stdout
    assert "no section is over its limit" not in run_bank(tmp_path, "rotate", "--dry-run").stdout


def _write(bank: BankFolder, section: str, rows: list[str], *, file: str = "activeContext.md") -> None:
    """Put lines into a section by hand, as an agent's own edit does."""
    path = bank.folder / file
    text = path.read_text(encoding="utf-8")
    head, _, rest = text.partition(f"## {section}\n\n")
    path.write_text(f"{head}## {section}\n\n" + "\n".join(rows) + "\n\n" + rest.partition("\n\n")[2], encoding="utf-8")


def edit_bank(bank: BankFolder, file: str, edits: tuple[Edit, ...], way: Way) -> None:
    path, _ = bank.existing(file)
    commit(bank, [FileChange(path, edits)], "edit", way)


def _archive_of(bank: BankFolder, file: str = "activeContext.md") -> list[str]:
    text = (bank.folder / "archive/contracts" / file).read_text(encoding="utf-8")
    return [line for line in text.split("\n") if line.startswith(("- ", "* "))]


@pytest.mark.parametrize(
    "form",
    [
        "[2026-11-{:02}] Insight {}",
        "2026-11-{:02}: Insight {}",
        "**2026/11/{:02}** - Insight {}",
        "{:02}.11.2026 Insight {}",
        "Nov {:02}, 2026: Insight {}",
        "{0} Nov 2026 - Insight {1}",
    ],
)
def test_of_a_list_kept_newest_first_the_last_ones_go(
    bank: BankFolder, way: Way, section: Callable[[str], list[str]], form: str
) -> None:
    """The sources' own edits put a new line right below the heading."""
    rows = [f"- {form.format(day, day)}" for day in range(24, 0, -1)]
    _write(bank, "Learnings", rows)
    (done,) = rotate(bank, way).sections
    assert (done.moved_count, done.here_count) == (4, 20)
    assert done.order == "newest first, by the dates of its items"
    assert section("activeContext.md#Learnings") == rows[:20]
    assert _archive_of(bank) == rows[:19:-1]
    unarchive(bank, "activeContext.md#Learnings", way, count=2)
    assert section("activeContext.md#Learnings") == rows[:22]
    undo(bank, "", way)
    unarchive(bank, "activeContext.md#Learnings", way, count=9)
    assert section("activeContext.md#Learnings") == rows


def test_the_oldest_by_date_go_wherever_they_stand(
    bank: BankFolder, way: Way, section: Callable[[str], list[str]]
) -> None:
    days = [11, 12, 3, 10, 4, 9, 8, 5, 7, 6, 2, 1]
    rows = [f"- [x] Part {day} (2026-10-{day:02})\n  - below {day}" for day in days]
    _write(bank, "Completed", rows, file="progress.md")
    rotate(bank, way)
    here = section("progress.md#Completed")
    assert [each.split()[3] for each in here if each.startswith("- ")] == [str(day) for day in days if day > 2]
    assert _archive_of(bank, "progress.md") == ["- [x] Part 1 (2026-10-01)", "- [x] Part 2 (2026-10-02)"]
    assert "  - below 2" in (bank.folder / ARCHIVE).read_text(encoding="utf-8")
    assert "  - below 2" not in here


def test_paragraphs_and_comments_between_the_items_stay(bank: BankFolder, way: Way) -> None:
    rows = [f"- [2026-11-{day:02}] Insight {day}" for day in range(22, 0, -1)]
    _write(bank, "Learnings", [*rows[:10], "", "Some words of mine.", "", *rows[10:], "", "<!-- the end -->"])
    rotate(bank, way)
    text = (bank.folder / "activeContext.md").read_text(encoding="utf-8")
    assert "Some words of mine.\n\n- [2026-11-12]" in text
    assert "- [2026-11-03] Insight 3\n\n<!-- the end -->" in text
    assert "Insight 2\n" not in text.replace("Insight 12\n", "").replace("Insight 22\n", "")


def test_without_dates_the_last_writes_tell_which_end_is_the_newest(
    bank: BankFolder, way: Way, section: Callable[[str], list[str]]
) -> None:
    for number in range(22):
        edit = Append("Learnings", f"Insight {number}", item=True, at_top=True)
        edit_bank(bank, "activeContext.md", (edit,), way)
    (done,) = rotate(bank, way).sections
    assert done.order == "newest first, by where the last lines were written"
    assert section("activeContext.md#Learnings")[0] == "- Insight 21"
    assert _archive_of(bank) == ["- Insight 0", "- Insight 1"]
    note(bank, "The newest", way)
    assert section("activeContext.md#Learnings")[0] == "- The newest"


def test_a_contract_can_say_which_end_is_the_newest(
    bank: BankFolder, way: Way, section: Callable[[str], list[str]]
) -> None:
    rows = [f"- Insight {number}" for number in range(22, 0, -1)]
    _write(bank, "Learnings", rows)
    (planned,) = rotate(bank, Way(way.author, WriteOptions(dry_run=True))).sections
    assert planned.order.startswith("oldest first, unknown")
    _declare(bank, "Learnings", "order: newest-first")
    (done,) = rotate(bank, way).sections
    assert done.order == "newest first, by its contract"
    assert _archive_of(bank) == ["- Insight 1", "- Insight 2"]
    note(bank, "The newest", way)
    assert section("activeContext.md#Learnings")[0] == "- The newest"


def test_an_order_that_no_contract_can_mean_is_refused(bank: BankFolder, way: Way) -> None:
    _declare(bank, "Learnings", "order: sideways")
    with pytest.raises(ConfigError, match="order must be one of newest-first, oldest-first"):
        rotate(bank, way)


def _declare(bank: BankFolder, section: str, what: str) -> None:
    own = bank.folder / "templates" / "contracts"
    own.mkdir(parents=True, exist_ok=True)
    text = template_bytes("contracts/activeContext.md").decode()
    text = text.replace(f"  - name: {section}\n", f"  - name: {section}\n    {what}\n")
    (own / "activeContext.md").write_text(text, encoding="utf-8")


def test_a_note_keeps_the_order_that_it_finds(bank: BankFolder, way: Way, section: Callable[[str], list[str]]) -> None:
    heading = "Recent Changes <!-- SNAPSHOT: replaced at workflow end -->"
    _write(bank, heading, ["- [2026-11-20] Second", "- [2026-11-19] First"])
    note(bank, "Third", way, kind="change")
    note(bank, "Fourth", way, to="activeContext.md#Recent Changes")
    words = [each.split()[-1] for each in section("activeContext.md#Recent Changes")]
    assert words == ["Fourth", "Third", "Second", "First"]
    _write(bank, "Decisions", ["- 2026-11-01: one", "- 2026-11-02: two"])
    note(bank, "Three: yes - why not", way, kind="decision")
    assert section("activeContext.md#Decisions")[-1].startswith("- Three")


def test_a_tick_and_an_undone_line_tell_nothing_about_the_order(
    bank: BankFolder, way: Way, section: Callable[[str], list[str]]
) -> None:
    for number in range(3):
        note(bank, f"Part {number}", way, kind="task")
    finish_task(bank, ItemRef(text="Part 0"), way)
    edit_bank(bank, "progress.md", (Append("Tasks", "[ ] on top", item=True, at_top=True),), way)
    undo(bank, "", way)
    note(bank, "Part 3", way, kind="task")
    assert section("progress.md#Tasks")[-1] == "- [ ] Part 3"


def test_a_date_in_a_sentence_is_not_the_date_of_its_line() -> None:
    told = [
        "Python 3.8 is dropped since 2024-10-07 at the latest",
        "see CVE-2024-1234",
        "release 2025.1.2 broke it",
        "",
    ]
    assert [date_of(each) for each in told] == [None] * 4
    assert date_of("Built (2026-11-02) - `pytest` → exit 0") == (2026, 11, 2, 0, 0)
    assert date_of("Keep it (dec-20261121-k3f9x)") == (2026, 11, 21, 0, 0)
    assert date_of("[2026-11-21 14:30 UTC] x") == (2026, 11, 21, 14, 30)


@pytest.mark.parametrize(
    "text",
    [
        "12. November 2026: x",
        "12 Nov 2026 - x",
        "Nov 12th, 2026: x",
        "2026年11月12日 x",
        "2026년 11월 12일: x",
        "x (12.11.2026)",
    ],
)
def test_a_date_is_read_as_people_write_it(text: str) -> None:
    assert date_of(text) == (2026, 11, 12, 0, 0)


def test_where_nothing_tells_the_other_lists_of_the_bank_do(
    bank: BankFolder, way: Way, section: Callable[[str], list[str]]
) -> None:
    _write(bank, "Completed", [f"- [x] Part {number}" for number in range(12, 0, -1)], file="progress.md")
    _write(bank, "Decisions", ["- [2026-11-20] Second", "- [2026-11-19] First"])
    note(bank, "The thirteenth", way, kind="done")
    assert section("progress.md#Completed")[:2] == ["- [x] The thirteenth", "- [x] Part 12"]
    undo(bank, "", way)
    (done,) = rotate(bank, way).sections
    assert done.order == "newest first, like the other lists of the bank"
    assert _archive_of(bank, "progress.md") == ["- [x] Part 1", "- [x] Part 2"]
    undo(bank, "", way)
    _write(bank, "Learnings", ["- [2026-11-19] First", "- [2026-11-20] Second"])
    assert rotate(bank, way).sections[0].order.startswith("oldest first, unknown")


def test_who_knows_the_order_says_it(tmp_path: Path) -> None:
    run_bank(tmp_path, "init")
    path = tmp_path / ".memorybank" / "progress.md"
    rows = "".join(f"- [x] Part {number}\n" for number in range(12, 0, -1))
    path.write_text(path.read_text(encoding="utf-8").replace("## Completed\n\n- [None]\n", f"## Completed\n\n{rows}"))
    assert "use --newest-first" in run_bank(tmp_path, "rotate", "--json").stdout
    run_bank(tmp_path, "undo")
    assert "newest first, by the given option" in run_bank(tmp_path, "rotate", "--newest-first").stdout
    assert "Part 3\n" in path.read_text(encoding="utf-8")
    assert "Part 2\n" not in path.read_text(encoding="utf-8").replace("Part 12\n", "")
