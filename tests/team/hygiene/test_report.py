"""The report of a sprint: what it counts is in the files, and no text of the bank makes structure of the page."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from markdown_it import MarkdownIt

from memorybank.facade.bank import Bank
from memorybank.records.draft import NewRecord
from memorybank.records.memories.memories import delete, save
from memorybank.records.memories.relations import deprecate
from memorybank.store.journal.undo import undo
from memorybank.team.hygiene.as_markdown import code, inline, quote
from memorybank.team.hygiene.confirm import confirm
from memorybank.team.hygiene.report import OpenQuestions, report
from memorybank.workflow.lines.note import note
from tests.running import START, git, make_bank
from tests.running import bank as run_bank

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way

SINCE = "2026-11-20"


def test_it_counts_what_is_new_by_type_tool_and_author(bank: BankFolder, way: Way) -> None:
    git(bank.project, "init", "-q")
    for name, title, kind in (("Ann", "Host", "fact"), ("Bob", 'Größe "x"', "fact"), ("", "Retry", "code")):
        save(bank, NewRecord(f"{title} is db-1 of 3", kind=kind, title=title, tags=("a", "b", "c")), way)
        if name:
            git(bank.project, "add", "-A")
            git(bank.project, "-c", f"user.name={name}", "commit", "-q", "-m", title)
    made = report(bank, START, since=SINCE, found=OpenQuestions())
    assert {each.record.title: each.author for each in made.new} == {"Host": "Ann", 'Größe "x"': "Bob", "Retry": ""}
    assert made.to_wire()["by_type"] == [{"name": "fact", "count": 2}, {"name": "code", "count": 1}]
    for row in ("| fact | 2 |", "| tests | 3 |", "| Ann | 1 |", "| not committed | 1 |"):
        assert row in made.text
    assert report(bank, START, since="2026-11-22", found=OpenQuestions()).new == ()


def test_it_says_what_to_improve(bank: BankFolder, way: Way) -> None:
    save(bank, NewRecord("Fixed it", kind="error", title="Fixed the bug", tags=("postgress",)), way)
    for _ in range(2):
        save(bank, NewRecord("Runs PostgreSQL 16", title="Database", tags=("postgres", "database", "rds")), way)
    made = report(bank, START, since=SINCE, found=OpenQuestions())
    assert [bool(each.advice) for each in made.new] == [True, True, True]
    assert "'Fixed the bug' has 1 tag, three to seven are best" in made.tag_advice[0]
    assert made.tag_advice[-1] == "#postgress may mean #postgres; bank tags rename postgress postgres"
    assert ": `bank tags rename postgress postgres`\n" in made.text


def test_it_says_what_was_tidied_up(bank: BankFolder, way: Way, later: Callable[..., Way]) -> None:
    ids = [
        save(bank, NewRecord(f"Host {n} is db-{n}", title=f"Host {n}", tags=("a",)), way).record.id for n in range(4)
    ]
    note(bank, "Dates are local", way, kind="gotcha")
    after = later(days=20)
    deprecate(bank, ids[0], after)
    delete(bank, ids[1], after)
    undo(bank, delete(bank, ids[2], after).receipt.operation, after)
    confirm(bank, [ids[3], "Dates are local"], after)
    made = report(bank, after.author.now(), since="2026-12-01", found=OpenQuestions())
    assert ([each.id for each in made.outdated], made.archived, made.confirmed) == ([ids[0]], 1, 2)
    assert made.new == ()
    for line in (
        "- confirmed as still true: 2",
        "- moved to the archive on this machine: 1",
        "- marked as outdated: 1",
    ):
        assert line in made.text


def test_it_says_what_is_open(tmp_path: Path) -> None:
    folder = make_bank(tmp_path)
    run_bank(tmp_path, "note", "Agents saw it", "--role", "read-only")
    run_bank(tmp_path, "note", "No staging database", "--as", "blocker")
    path = folder / "patterns.md"
    text = path.read_text(encoding="utf-8")
    markers = "<<<<<<< ours\n- a\n=======\n- b\n>>>>>>> theirs\n"
    path.write_text(text.replace("## API Patterns\n", f"{markers}\n## API Patterns\n"), encoding="utf-8")
    wire = json.loads(run_bank(tmp_path, "report", "--json").stdout)
    assert wire["queued_count"] == 1
    assert len(wire["merges"]) == 1
    assert wire["merges"][0].startswith("patterns.md:")
    assert {"name": "blockers", "count": 1} in wire["open_questions"]
    assert "- notes of agents that wait: 1, `bank notes list`" in wire["text"]


HOSTILE = (
    "# Open",
    "1. a",
    "- [x] done | a | b",
    "<!-- <script>alert(1)</script>",
    "```sh `",
    "[link](http://evil.example) ![x](y) https://evil.example www.evil.example",
    "*a* __b__ ~~c~~ &lt; \\",
    "--- === +++",
    "a\u2028# b\u202e",
)


@pytest.mark.parametrize("title", HOSTILE)
def test_a_title_stays_the_words_of_its_line(bank: BankFolder, title: str) -> None:
    folder = bank.folder / "memories" / "fact"
    folder.mkdir(parents=True)
    head = f"id: fct-20261121-aaaaa\ntype: fact\ncreated: 2026-11-21T05:30:00Z\ntitle: {json.dumps(title)}\n"
    odd = f"source_tool: {json.dumps(title)}\ntags: [{json.dumps(title)}]\n"
    (folder / "fct-20261121-aaaaa.md").write_text(f"---\n{head}{odd}---\n\nx\n", encoding="utf-8")
    made = report(bank, START, since=SINCE, found=OpenQuestions((title,), {title: 1}, (title,)))
    assert len(made.new) == 1
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    tokens = parser.parse(made.text)
    headings = [tokens[at + 1].content for at, each in enumerate(tokens) if each.type == "heading_open"]
    assert headings[1:] == ["New memories", "Quality", "Tags", "Gaps", "Tidied up", "Open"]
    kinds = {child.type for each in tokens for child in each.children or ()} | {each.type for each in tokens}
    assert not kinds & {"html_block", "html_inline", "link_open", "image", "em_open", "s_open", "fence", "hr"}
    assert all(len(row) == 2 for row in cells_of(made.text))


def cells_of(text: str) -> list[list[str]]:
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    rows: list[list[str]] = []
    for at, each in enumerate(tokens):
        if each.type == "tr_open":
            rows.append([])
        if each.type in {"td_open", "th_open"}:
            rows[-1].append(tokens[at + 1].content)
    assert rows
    return rows


@pytest.mark.parametrize("text", [*HOSTILE, "snake_case", "_x_", "a_", "é_x", "1) x", "+1", "=", "a" * 400])
def test_inline_text_reads_as_it_was_written(text: str) -> None:
    tokens = MarkdownIt("commonmark").enable("strikethrough").parse(f"- {inline(text, 1000)}\n")
    (line,) = [each for each in tokens if each.type == "inline"]
    shown = "".join(child.content for child in line.children or ())
    assert {child.type for child in line.children or ()} <= {"text", "text_special"}
    assert shown == text.replace("\u2028", "").replace("\u202e", "")


@pytest.mark.parametrize("text", ["bank list", "a`b", "`", "``x``", "a ` b `` c"])
def test_code_reads_as_it_was_written(text: str) -> None:
    (line,) = [each for each in MarkdownIt("commonmark").parse(code(text)) if each.type == "inline"]
    assert [child.content for child in line.children or ()] == [text]


def test_a_quotation_ends_what_it_opened() -> None:
    page = "\n".join([*quote("```\n<!--\n\x1b[31m\r\nb"), "", "## after"])
    tokens = MarkdownIt("commonmark").parse(page)
    assert [each.content for each in tokens if each.type == "inline"] == ["after"]


def test_the_same_bank_gives_the_same_page(bank: BankFolder, way: Way) -> None:
    save(bank, NewRecord("Runs PostgreSQL 16", title="Database", tags=("a", "b", "c")), way)
    one, two = (report(bank, START, since=SINCE, found=OpenQuestions()).text for _ in range(2))
    assert one == two


def test_the_page_goes_into_a_file_and_never_into_the_bank(tmp_path: Path) -> None:
    folder = make_bank(tmp_path)
    to = tmp_path / "docs" / "report.md"
    assert run_bank(tmp_path, "report", "--out", "docs/report.md").stdout == "written: docs/report.md\n"
    assert to.read_text(encoding="utf-8") == run_bank(tmp_path, "report").stdout
    to.write_text("mine\n", encoding="utf-8")
    refused = run_bank(tmp_path, "report", "--out", "docs/report.md")
    assert (refused.returncode, to.read_text(encoding="utf-8")) == (5, "mine\n")
    assert run_bank(tmp_path, "report", "--out", "docs/report.md", "--overwrite").returncode == 0
    assert to.read_text(encoding="utf-8").startswith("# Memory report: ")
    inside = run_bank(tmp_path, "onboard", "--out", str(folder / "progress.md"), "--overwrite")
    assert inside.returncode == 5
    (tmp_path / "way-in").symlink_to(folder)
    assert run_bank(tmp_path, "report", "--out", "way-in/progress.md", "--overwrite").returncode == 5
    assert "Progress Tracking" in (folder / "progress.md").read_text(encoding="utf-8")


def test_the_facade_has_it(tmp_path: Path) -> None:
    make_bank(tmp_path)
    opened = Bank.open(tmp_path)
    made = opened.report(since="7d", out=tmp_path / "r.md")
    assert (tmp_path / "r.md").read_text(encoding="utf-8") == made.text
