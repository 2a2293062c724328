"""A bug from its report to its fix: one record, filled in place, and what was learned from it."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from memorybank.errors import BankError, DuplicateAnchorError, FieldError, NoRecordError, SecretError, SpillError
from memorybank.records.draft import NewRecord
from memorybank.records.find import scan
from memorybank.records.memories.memories import delete, recall, save, update
from memorybank.store.journal.undo import undo
from memorybank.store.way import Way, WriteOptions
from memorybank.workflow.entries.bugs import deploy_bug, find_bug, fix_bug, list_bugs, number_of, report_bug
from tests.running import MODULE, environment, make_bank
from tests.running import bank as run

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from memorybank.store.folder import BankFolder


def report(bank: BankFolder, way: Way, title: str = "Email is compared case-sensitively", **given: Any) -> str:
    return report_bug(bank, title, way, **given).record.id


def test_a_report_holds_what_was_told_and_no_stand_ins(bank: BankFolder, way: Way) -> None:
    saved = report_bug(
        bank,
        "Email validation case sensitivity",
        way,
        severity="high",
        steps=["1. Register User@Example.com", "- Register user@example.com", "Both succeed"],
        expected="The second is refused",
        actual="Two accounts",
        reported_by="AI Agent",
        tags=["email"],
    )
    record = recall(bank, saved.record.id)
    assert record.content == (
        "## Description\n\nEmail validation case sensitivity\n\n"
        "## Steps to Reproduce\n\n1. Register User@Example.com\n2. Register user@example.com\n3. Both succeed\n\n"
        "## Expected Behavior\n\nThe second is refused\n\n## Actual Behavior\n\nTwo accounts"
    )
    assert record.status == "open"
    assert (record.fields["severity"], record.fields["number"]) == ("high", 1)
    assert record.fields["reported_by"] == "AI Agent"


def test_numbers_go_on_over_archived_bugs(bank: BankFolder, way: Way) -> None:
    first, second = report(bank, way, "One"), report(bank, way, "Two")
    delete(bank, second, way)
    assert number_of(recall(bank, report(bank, way, "Three"))) == 3
    assert find_bug(bank, "#1").record.id == first
    with pytest.raises(NoRecordError):
        find_bug(bank, "2")


def test_a_mend_fills_the_sections_and_leaves_its_traces(
    bank: BankFolder, way: Way, later: Callable[..., Way], section: Callable[[str], list[str]]
) -> None:
    ident = report(bank, way, tags=["email"], expected="One account")
    fixed = fix_bug(
        bank,
        "1",
        later(hours=2),
        cause="No lower-casing before the check.",
        fix="```python\nemail = email.lower().strip()\n```",
        lesson="Normalise user input before validation.",
        testing=["Two spellings: one account", "All tests pass"],
        commit_id="1a2b3c4",
    )
    record = recall(bank, ident)
    assert record == fixed.record
    assert (record.status, record.fields["fixed_at"]) == ("fixed", "2026-11-21T07:30:00Z")
    assert fixed.learning is not None
    learning = recall(bank, fixed.learning.id)
    assert record.content == (
        "## Description\n\nEmail is compared case-sensitively\n\n## Expected Behavior\n\nOne account\n\n"
        "## Root Cause\n\nNo lower-casing before the check.\n\n"
        "## Fix\n\n```python\nemail = email.lower().strip()\n```\n\n"
        "## Testing\n\n- Two spellings: one account\n- All tests pass\n\n"
        "## Deployed\n\n- Committed in: 1a2b3c4\n\n"
        f"## Lessons Learned\n\nNormalise user input before validation.\n\nLearning: {learning.id}"
    )
    assert learning.linked("caused-by") == (ident,)
    assert learning.tags == ("email",)
    assert learning.content.startswith("## What Happened\n\nBug #1 Email is compared case-sensitively\n\n## Root Cause")
    assert section("activeContext.md#Recent Changes") == [
        f"- [2026-11-21] Fixed #1 Email is compared case-sensitively - email = email.lower().strip() ({ident})"
    ]
    assert section("activeContext.md#Learnings") == [f"- Normalise user input before validation. ({learning.id})"]
    assert [each.file for each in fixed.receipt.files] == [record.file, learning.file, "activeContext.md"]


def test_undo_opens_the_bug_again_and_takes_everything_back(bank: BankFolder, way: Way) -> None:
    ident = report(bank, way)
    before = {path: path.read_bytes() for path in bank.folder.rglob("*.md")}
    fix_bug(bank, ident, way, lesson="Look twice", fix="Looked")
    undo(bank, "", way)
    assert {path: path.read_bytes() for path in bank.folder.rglob("*.md")} == before


def test_what_a_person_wrote_in_a_section_stays(bank: BankFolder, way: Way) -> None:
    ident = save(
        bank, NewRecord("", kind="bug", title="By hand", blank=True, fields={"severity": "low"}), way
    ).record.id
    path = bank.folder / recall(bank, ident).file
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("[Why it happens]", "I think it is the cache."), encoding="utf-8")
    fix_bug(bank, ident, way, cause="It was the cache.", fix="No cache.", testing=["once"])
    content = recall(bank, ident).content
    assert "## Root Cause\n\nI think it is the cache.\n\nIt was the cache.\n\n## Fix\n\nNo cache.\n" in content
    assert "## Testing\n\n- once\n\n" in content
    assert "[What fixes it]" not in content
    assert "## Deployed\n\n- [Commit, place, date]\n" in content


def test_a_mend_touches_only_its_own_lines(bank: BankFolder, way: Way) -> None:
    ident = report(bank, way)
    path = bank.folder / recall(bank, ident).file
    text = path.read_text(encoding="utf-8")
    head, _, body = text.partition("status: open\n")
    odd = f"{head}status: 'open'   # seen by Ada\nowner: Ada\n{body}\n\n## Notes of mine\n\n* kept\n"
    path.write_bytes(odd.replace("\n", "\r\n").encode())
    fix_bug(bank, ident, way, fix="Done")
    now = path.read_bytes()
    assert now.count(b"\n") == now.count(b"\r\n")
    text = now.decode().replace("\r\n", "\n")
    assert "status: fixed   # seen by Ada\nowner: Ada\n" in text
    assert text.index("## Fix\n\nDone\n") < text.index("## Notes of mine\n\n* kept\n")


def test_a_mended_bug_is_not_mended_twice(bank: BankFolder, way: Way) -> None:
    ident = report(bank, way)
    fix_bug(bank, ident, way)
    with pytest.raises(FieldError) as refused:
        fix_bug(bank, ident, way, fix="again")
    assert refused.value.hint == f"bank update {ident} --status open"
    update(bank, ident, way, status="open")
    fix_bug(bank, ident, way, fix="again")


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"cause": "## Fix\n\nno"}, SpillError),
        ({"fix": "```\nopen"}, SpillError),
        ({"fix": "para\n==="}, SpillError),
        ({"lesson": "ok\n\n# not ok"}, SpillError),
        ({"testing": ["ghp_" + "x8Kq2LmV0pRtYw4ZbNcD7sGfHj3AeU5iO1Tk"]}, SecretError),
        ({"lesson": "a\u202eb"}, BankError),
    ],
)
def test_a_refused_mend_changes_nothing(
    bank: BankFolder, way: Way, given: dict[str, Any], error: type[BankError]
) -> None:
    ident = report(bank, way)
    before = {path: path.read_bytes() for path in bank.folder.rglob("*.md")}
    with pytest.raises(error):
        fix_bug(bank, ident, way, **given)
    assert {path: path.read_bytes() for path in bank.folder.rglob("*.md")} == before


def test_a_section_that_stands_twice_is_not_guessed(bank: BankFolder, way: Way) -> None:
    ident = report(bank, way)
    path = bank.folder / recall(bank, ident).file
    path.write_text(path.read_text(encoding="utf-8") + "\n## Fix\n\none\n\n## Fix\n\ntwo\n", encoding="utf-8")
    with pytest.raises(DuplicateAnchorError):
        fix_bug(bank, ident, way, fix="three")


def test_a_dry_run_of_a_mend_shows_all_three_files(bank: BankFolder, way: Way) -> None:
    ident = report(bank, way)
    fixed = fix_bug(bank, ident, Way(way.author, WriteOptions(dry_run=True)), lesson="Look", fix="Looked")
    assert [bool(each.diff) for each in fixed.receipt.files] == [True, True, True]
    assert recall(bank, ident).status == "open"


def test_bugs_are_listed_by_status_and_severity(bank: BankFolder, way: Way, later: Callable[..., Way]) -> None:
    low = report(bank, way, "Low", severity="low")
    high = report(bank, later(hours=1), "High", severity="high")
    fix_bug(bank, low, way)
    assert [each.id for each in list_bugs(bank).records] == [high, low]
    assert [each.id for each in list_bugs(bank, status="open").records] == [high]
    assert [each.id for each in list_bugs(bank, severity="low").records] == [low]
    with pytest.raises(FieldError):
        list_bugs(bank, status="opne")
    with pytest.raises(FieldError):
        list_bugs(bank, severity="huge")


def test_only_a_bug_is_found_as_one(bank: BankFolder, way: Way) -> None:
    fact = save(bank, NewRecord("A fact"), way).record.id
    for ref in (fact, "", "#", "0", "bug-20261121-zzzzz"):
        with pytest.raises(NoRecordError):
            find_bug(bank, ref)


def test_two_bugs_of_one_number_are_told_by_their_ids(bank: BankFolder, way: Way) -> None:
    """Two branches gave out the same number; git merged both files."""
    ids = [report(bank, way, "One"), report(bank, way, "Two")]
    path = bank.folder / recall(bank, ids[1]).file
    path.write_text(path.read_text(encoding="utf-8").replace("number: 2", "number: 1"), encoding="utf-8")
    with pytest.raises(NoRecordError) as refused:
        find_bug(bank, "#1")
    assert all(each in refused.value.message for each in ids)
    assert find_bug(bank, ids[1]).record.id == ids[1]


def test_reporters_at_the_same_time_get_numbers_of_their_own(bank: BankFolder) -> None:
    words = [*MODULE, "bug", "new", "Race"]
    running = [
        subprocess.Popen(words, cwd=bank.project, env=environment(), stdout=subprocess.DEVNULL) for _ in range(6)
    ]
    assert [each.wait(60) for each in running] == [0] * 6
    assert sorted(number_of(each) for each in scan(bank, kinds=("bug",)).records) == [1, 2, 3, 4, 5, 6]


def test_without_an_active_context_the_lines_of_a_cline_bank_make_one(tmp_path: Any, way: Way) -> None:
    from memorybank.store.discover import find_bank

    folder = tmp_path / "memory-bank"
    folder.mkdir()
    (folder / "progress.md").write_text("# Progress\n", encoding="utf-8")
    bank = find_bank(tmp_path, environ={})
    ident = report(bank, way)
    fix_bug(bank, ident, way, fix="Done", lesson="Look twice")
    text = (folder / "activeContext.md").read_text(encoding="utf-8")
    assert text.count("# Active Context\n") == 1
    assert f"- Fixed #1 Email is compared case-sensitively - Done ({ident})" in text
    assert "- Look twice (lrn-" in text


def test_a_bug_can_have_the_number_that_it_has_elsewhere(bank: BankFolder, way: Way) -> None:
    assert number_of(recall(bank, report(bank, way, "Imported by hand", number=23))) == 23
    assert number_of(recall(bank, report(bank, way, "Next"))) == 24


def test_a_number_that_is_taken_is_refused(bank: BankFolder, way: Way) -> None:
    first = report(bank, way, "One", number=7)
    delete(bank, first, way)
    with pytest.raises(FieldError, match=f"#7 is {first}") as refused:
        report(bank, way, "Two", number=7)
    assert refused.value.hint == "--number 8"
    assert list_bugs(bank).records == []


@pytest.mark.parametrize("severity", ["Medium", "MEDIUM", "medium", " medium "])
def test_a_severity_is_known_in_any_case(bank: BankFolder, way: Way, severity: str) -> None:
    report(bank, way, severity=severity)
    assert [each.fields["severity"] for each in list_bugs(bank, severity="Medium", status="Open").records] == ["medium"]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("production 2025-01-05", "- Deployed to: production\n- Date: 2025-01-05"),
        ("staging, production 2025-01-07", "- Deployed to: staging, production\n- Date: 2025-01-07"),
        ("production (2025-01-05)", "- Deployed to: production\n- Date: 2025-01-05"),
        ("eu-west-1 on 2025-01-05", "- Deployed to: eu-west-1\n- Date: 2025-01-05"),
        ("staging", "- Deployed to: staging"),
        ("2025-01-05", "- Date: 2025-01-05"),
    ],
)
def test_where_a_fix_was_deployed_is_written_in_its_section(bank: BankFolder, way: Way, text: str, lines: str) -> None:
    fixed = fix_bug(bank, report(bank, way), way, fix="Lower-case", commit_id="1a2b3c4", deployed=[text])
    assert f"## Deployed\n\n- Committed in: 1a2b3c4\n{lines}" in recall(bank, fixed.record.id).content


def test_a_fix_is_deployed_after_the_bug_was_closed(bank: BankFolder, way: Way) -> None:
    bug = report(bank, way)
    fix_bug(bank, bug, way, fix="Lower-case", deployed=["staging 2025-01-05"])
    saved = deploy_bug(bank, "1", ["production 2025-01-07"], way)
    assert saved.record.content.endswith(
        "- Deployed to: staging\n- Date: 2025-01-05\n- Deployed to: production\n- Date: 2025-01-07"
    )
    assert saved.record.status == "fixed"


@pytest.mark.parametrize("text", ["", "  ", "production 2025-02-30"])
def test_a_place_that_is_not_one_is_refused(bank: BankFolder, way: Way, text: str) -> None:
    bug = report(bank, way)
    with pytest.raises(FieldError):
        deploy_bug(bank, bug, [text], way)


def test_the_commands_of_a_bug_take_them_too(tmp_path: Path) -> None:
    make_bank(tmp_path)
    made = run(tmp_path, "bug", "new", "Case", "--number", "23", "--severity", "Medium")
    assert "reported #23" in made.stdout
    assert run(tmp_path, "bug", "new", "Other", "--number", "23").returncode == 5
    run(tmp_path, "bug", "fix", "23", "--fix", "Lower-case", "--deployed", "staging 2025-01-05")
    assert run(tmp_path, "bug", "deployed", "23", "production", "2025-01-07").returncode == 0
    assert "- Deployed to: production\n- Date: 2025-01-07" in run(tmp_path, "bug", "show", "23").stdout
