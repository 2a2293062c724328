"""Accepting a correction: one operation for its record and its line, taken back by one undo."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from memorybank.corrections.accept import accept
from memorybank.corrections.propose import propose, says_enough
from memorybank.errors import FieldError, NoRecordError
from memorybank.records.corrections.accepted import accepted_corrections
from memorybank.records.corrections.correction import Correction, Premise
from memorybank.records.corrections.ledger import append_found, undecided
from memorybank.records.find import find_record
from memorybank.store.journal.undo import undo
from memorybank.store.roles import RoleError
from memorybank.workflow.lines.note import note
from memorybank.workflow.workflow_errors import ContradictionError
from tests.corrections.test_ledger import AT, one
from tests.ledger import append_decision, read_ledger
from tests.running import bank as run
from tests.running import folder_of

if TYPE_CHECKING:
    from pathlib import Path

    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way

IDENT = "cor-20261120-k3f9x"


def found(bank: BankFolder, text: str, premise: Premise | None = None, *, values: tuple[str, ...] = ()) -> Correction:
    """Put one correction into the ledger."""
    correction = one(text=text, premise=premise or Premise(tool="Bash: rm -rf build dist"), values=values)
    append_found(bank, [correction], at=AT)
    return correction


def lines_of(bank: BankFolder, section: str) -> list[str]:
    """Return the lines of a section of patterns.md."""
    text = (bank.folder / "patterns.md").read_text(encoding="utf-8")
    body = text.partition(f"## {section}\n")[2].partition("\n## ")[0]
    return [line for line in body.split("\n") if line.startswith("-")]


def test_one_operation_writes_the_record_and_its_line_and_one_undo_takes_both_back(bank: BankFolder, way: Way) -> None:
    before = {path: path.read_bytes() for path in bank.folder.glob("*.md")}
    correction = found(bank, "keep build, only remove dist", values=("dist",))
    done = accept(bank, [IDENT], way)
    line = f"- keep build, only remove dist (instead of: Bash: rm -rf build dist) ({IDENT})"
    assert lines_of(bank, "User Standards") == [line]
    record = find_record(bank, IDENT)
    assert "```text\nkeep build, only remove dist\n```" in record.content
    assert "```text\nBash: rm -rf build dist\n```" in record.content
    assert len(undecided(bank)) == 0
    loaded = accepted_corrections(bank)[0]
    assert loaded.text == correction.text
    assert (loaded.premise, loaded.values) == (correction.premise, correction.values)
    undo(bank, done.receipt.operation, way)
    assert {path: path.read_bytes() for path in bank.folder.glob("*.md")} == before
    assert accepted_corrections(bank) == []
    assert read_ledger(bank)[0].status == "waiting"


@pytest.mark.parametrize(
    ("text", "values", "section"),
    [
        ("always run the tests with -q", ("-q",), "User Standards"),
        ("the API returns cents, not dollars", (), "Common Gotchas"),
        ("staging-7.internal, not prod-1", ("staging-7.internal",), "Common Gotchas"),
        ("tabs, no spaces", (), "User Standards"),
        ("no, use port 9090", ("9090",), "Common Gotchas"),
        ("please write reports to var/reports/daily", ("var/reports/daily",), "Common Gotchas"),
        ("it should be version 2.3.4", ("2.3.4",), "Common Gotchas"),
        ("use pytest -n 2 instead", ("-n", "2"), "User Standards"),
        ("run imports with --dry-run first", ("--dry-run",), "User Standards"),
        ("keep src/old.py, only remove src/older.py", ("src/old.py", "src/older.py"), "User Standards"),
        ("nimm bitte nie Port 80", ("80",), "User Standards"),
        ("nein, bitte niemals direkt auf main pushen", (), "User Standards"),
    ],
)
def test_the_section_is_by_the_words(
    bank: BankFolder, way: Way, text: str, values: tuple[str, ...], section: str
) -> None:
    found(bank, text, values=values)
    assert accept(bank, [IDENT], way).accepted[0].line.address == f"patterns.md#{section}"
    assert lines_of(bank, section)[-1].startswith(f"- {text}")


def test_the_kind_and_the_words_of_the_line_may_be_given(bank: BankFolder, way: Way) -> None:
    found(bank, "no!! not there", values=())
    accept(bank, [IDENT[:14]], way, kind="gotcha", text="Logs are in /var/log/app, not in /tmp")
    assert lines_of(bank, "Common Gotchas")[-1] == f"- Logs are in /var/log/app, not in /tmp ({IDENT})"
    assert accepted_corrections(bank)[0].text == "Logs are in /var/log/app, not in /tmp"
    assert "no!! not there" in find_record(bank, IDENT).content


def test_without_a_line_only_the_record_is_written(bank: BankFolder, way: Way) -> None:
    found(bank, "use tabs")
    done = accept(bank, [IDENT], way, kind="none")
    assert [file.file for file in done.receipt.files] == [f"memories/correction/{IDENT}-use-tabs.md"]


def test_an_equal_line_is_not_written_twice_and_a_similar_one_is_named(bank: BankFolder, way: Way) -> None:
    note(bank, "indent Makefiles with real tabs", way, kind="standard")
    found(bank, "indent Makefiles with real tabs")
    done = accept(bank, [IDENT], way)
    assert done.accepted[0].line.merged == "indent Makefiles with real tabs"
    assert lines_of(bank, "User Standards") == ["- indent Makefiles with real tabs"]
    undo(bank, done.receipt.operation, way)
    append_found(bank, [one("cor-20261120-bbbbb", "always indent our Makefiles with real tabs")])
    done = accept(bank, ["cor-20261120-bbbbb"], way)
    assert done.accepted[0].line.near == "indent Makefiles with real tabs"
    assert len(lines_of(bank, "User Standards")) == 2


def test_a_contradiction_is_refused_until_a_person_says_which_holds(bank: BankFolder, way: Way) -> None:
    note(bank, "Cache: Redis", way, kind="decision")
    found(bank, "Cache: SQLite", Premise())
    before = (bank.folder / "activeContext.md").read_bytes()
    with pytest.raises(ContradictionError, match="Cache: Redis") as refused:
        accept(bank, [IDENT], way)
    assert refused.value.hint == f"bank corrections accept {IDENT} --supersedes 'Cache: Redis'"
    assert accepted_corrections(bank) == []
    done = accept(bank, [IDENT], way, supersedes=["Cache: Redis"])
    assert "~~Cache: Redis~~" in (bank.folder / "activeContext.md").read_text()
    assert done.receipt.superseded[0].text.endswith("Cache: Redis")
    undo(bank, done.receipt.operation, way)
    assert (bank.folder / "activeContext.md").read_bytes() == before
    accept(bank, [IDENT], way, anyway=True)
    assert "~~" not in (bank.folder / "activeContext.md").read_text()


def test_the_next_command_after_a_contradiction_among_several_is_about_that_one(bank: BankFolder, way: Way) -> None:
    note(bank, "Cache: Redis", way, kind="decision")
    found(bank, "Cache: SQLite", Premise())
    append_found(bank, [one("cor-20261120-bbbbb", "always indent our Makefiles with real tabs")])
    with pytest.raises(ContradictionError) as refused:
        accept(bank, ["cor-20261120-bbbbb", IDENT], way)
    assert refused.value.hint == f"bank corrections accept {IDENT} --supersedes 'Cache: Redis'"
    # the command line is not repeated: what is superseded can be named for one correction only
    assert not refused.value.options


def test_a_later_correction_supersedes_the_record_of_an_earlier_one(bank: BankFolder, way: Way) -> None:
    found(bank, "Deploy target: staging-7")
    accept(bank, [IDENT], way, kind="gotcha")
    append_found(bank, [one("cor-20261121-bbbbb", "Deploy target: staging-8")])
    accept(bank, ["cor-20261121-bbbbb"], way, kind="gotcha", supersedes=[IDENT])
    assert [each.id for each in accepted_corrections(bank)] == ["cor-20261121-bbbbb"]
    assert find_record(bank, IDENT).status == "superseded"


@pytest.mark.parametrize(
    "text",
    [
        "# Not a heading\n\n## Nor this\n\n- [ ] nor a task",
        "--- \n\n===\nnot a rule",
        "1. one\n2. two",
        "```\nan open fence",
        "use <!-- an open comment",
        "[x]: http://example.org 'not a definition'",
        "> quote\n> again | table |\n| --- |",
        "- [x] done? no",
        "~~struck~~ [2026-01-01] dated ^anchor",
        "````\n```` four ticks",
        "\u202eevil\u202c \x1b[31mred\x07 text\0",
        "请不要直接推送到 main。總是先跑測試",
        "Пожалуйста, всегда запускай тесты -q",
        "no, don't 'quote' \"me\" \\ | ~ ` & <b>bold</b>",
    ],
)
def test_content_never_makes_structure(bank: BankFolder, way: Way, text: str) -> None:
    headings = (bank.folder / "patterns.md").read_text().count("\n#")
    found(bank, text, Premise(text=text))
    for kind in ("standard", "gotcha"):
        done = accept(bank, [IDENT], way, kind=kind)
        assert len(done.accepted) == 1
        patterns = (bank.folder / "patterns.md").read_text()
        assert patterns.count("\n#") == headings
        line = next(each for each in patterns.split("\n") if each.endswith(f"({IDENT})"))
        assert line.startswith("- ")
        assert "\x1b" not in patterns + find_record(bank, IDENT).content
        undo(bank, done.receipt.operation, way)
    plain = text.replace("\n", " ")
    if plain.isprintable() and plain[0].isalpha() and "<!--" not in plain:
        assert plain in line


def test_long_words_are_cut_in_the_line_and_kept_in_the_record(bank: BankFolder, way: Way) -> None:
    text = "use the mirror " + "word " * 400 + "at mirror.internal:8443"
    found(bank, text, values=("mirror.internal:8443",))
    accept(bank, [IDENT], way)
    line = lines_of(bank, "Common Gotchas")[0]
    assert len(line) < 600
    assert "mirror.internal:8443" in line
    assert text in find_record(bank, IDENT).content


def test_several_are_accepted_as_one_operation(bank: BankFolder, way: Way) -> None:
    found(bank, "always use tabs")
    append_found(bank, [one("cor-20261120-bbbbb", "never push to main")])
    done = accept(bank, [IDENT, "cor-20261120-bbbbb", IDENT], way)
    assert len(done.accepted) == 2
    assert len(lines_of(bank, "User Standards")) == 2
    undo(bank, done.receipt.operation, way)
    assert len(undecided(bank)) == 2


def test_what_cannot_be_accepted(bank: BankFolder, way: Way) -> None:
    found(bank, "always use tabs")
    with pytest.raises(FieldError, match="choose from standard, gotcha, none"):
        accept(bank, [IDENT], way, kind="rule")
    with pytest.raises(FieldError, match="for one correction"):
        accept(bank, [IDENT, IDENT], way, text="x")
    with pytest.raises(NoRecordError):
        accept(bank, ["cor-3"], way)
    accept(bank, [IDENT], way)
    with pytest.raises(FieldError, match="accepted already"):
        accept(bank, [IDENT], way)


def test_a_dry_run_writes_nothing_and_shows_what_it_would(bank: BankFolder, way: Way) -> None:
    found(bank, "always use tabs")
    dry = way._replace(options=way.options._replace(dry_run=True))
    done = accept(bank, [IDENT], dry)
    assert done.receipt.dry_run
    assert len(done.receipt.files) == 2
    assert accepted_corrections(bank) == []


def test_a_reader_may_not_accept_and_an_agents_line_is_queued(bank: BankFolder, way: Way) -> None:
    found(bank, "always use tabs")
    actor = way.author.actor
    with pytest.raises(RoleError):
        accept(bank, [IDENT], way.with_actor(actor._replace(role="read-only")))
    accept(bank, [IDENT], way.with_actor(actor._replace(role="write-agent")))
    assert lines_of(bank, "User Standards") == ["- [None]"]
    assert len(list((bank.folder / "workflows" / "notes").glob("*.json"))) == 1


def test_proposals_come_best_first_and_are_planned_anew_when_accepted(bank: BankFolder, way: Way) -> None:
    found(bank, "always indent the Makefiles with real tabs")
    append_found(
        bank, [one("cor-20261120-bbbbb", "no, wrong"), one("cor-20261120-ccccc", "never push", tier="critical")]
    )
    append_found(bank, [one("cor-20261120-ddddd", "a dropped one with words")])
    append_decision(bank, "cor-20261120-ddddd", status="dropped")
    append_decision(bank, "cor-20261120-bbbbb", is_pinned=True)
    page = propose(bank, way, limit=1)
    assert (len(page), page.total) == (1, 3)
    page = propose(bank, way)
    assert page[0].correction.id == "cor-20261120-bbbbb"
    assert {each.status for each in read_ledger(bank)} == {"proposed", "dropped"}
    tabs = next(each for each in page if each.correction.id == IDENT)
    assert tabs.line.address == "patterns.md#User Standards"
    assert tabs.line.merged == ""
    note(bank, "always indent the Makefiles with real tabs", way, kind="standard")
    assert accept(bank, [IDENT], way).accepted[0].line.merged == "always indent the Makefiles with real tabs"
    assert IDENT not in {each.correction.id for each in propose(bank, way)}


def test_of_those_that_say_the_same_one_is_offered_and_accepting_it_settles_the_others(
    bank: BankFolder, way: Way
) -> None:
    texts = ["keep build, only remove dist", "please keep build, only remove dist", "Keep build; only remove dist!"]
    idents = [f"cor-20261120-{letter * 5}" for letter in "abc"]
    append_found(bank, [one(ident, text) for ident, text in zip(idents, texts, strict=True)], at=AT)
    page = propose(bank, way)
    assert (len(page), page.total) == (1, 1)
    best = page[0]
    assert {best.correction.id, *best.same} == set(idents)
    done = accept(bank, [best.correction.id], way)
    assert set(done.accepted[0].same) == set(best.same)
    assert len(undecided(bank)) == 0
    assert {each.status for each in read_ledger(bank)} == {"accepted", "dropped"}
    assert len(lines_of(bank, "User Standards")) == 1
    taken_back = undo(bank, done.receipt.operation, way).receipt.operation
    assert len(undecided(bank)) == 3
    assert {each.status for each in read_ledger(bank)} == {"proposed", "waiting"}
    undo(bank, taken_back, way)
    assert len(undecided(bank)) == 0
    # said once more later
    append_found(bank, [one("cor-20261121-ddddd", texts[0])], at=AT)
    assert len(undecided(bank)) == 1
    page = propose(bank, way)
    assert (list(page), page.settled, len(undecided(bank))) == ([], ["cor-20261121-ddddd"], 0)
    # a decision about one of them alone counts
    append_decision(bank, "cor-20261121-ddddd", status="waiting")
    assert len(undecided(bank)) == 1


def test_on_a_disk_that_cannot_be_written_proposals_are_printed_with_a_warning(bank: BankFolder, way: Way) -> None:
    found(bank, "always indent the Makefiles with real tabs")
    # what stands in the place of the lock also stops root
    (bank.state / "corrections.lock").unlink()
    (bank.state / "corrections.lock").mkdir()

    done = run(bank.project, "corrections", "propose")

    assert "+ - always indent the Makefiles with real tabs" in done.stdout
    assert "not marked as proposed: " in done.stderr
    assert propose(bank, way).not_marked
    assert [each.status for each in read_ledger(bank)] == ["waiting"]


def test_two_that_say_the_same_become_one_record(bank: BankFolder, way: Way) -> None:
    append_found(bank, [one("cor-20261120-aaaaa", "run tests with -q"), one("cor-20261120-bbbbb", "run tests with -q")])
    done = accept(bank, ["bbbbb", "aaaaa"], way)
    assert [(each.record.id, each.same) for each in done.accepted] == [("cor-20261120-bbbbb", ["cor-20261120-aaaaa"])]
    assert len(undecided(bank)) == 0


def test_a_proposal_says_what_it_contradicts(bank: BankFolder, way: Way) -> None:
    note(bank, "Cache: Redis", way, kind="decision")
    found(bank, "Cache: SQLite", Premise())
    assert [each.said for each in propose(bank, way)[0].contradictions] == ["Cache: Redis"]


@pytest.mark.parametrize(
    ("text", "is_enough"), [("no", False), ("stop, wrong", False), ("use tabs", True), ("不要推送到主分支", True)]
)
def test_what_says_too_little_is_not_proposed(text: str, is_enough: bool) -> None:
    assert says_enough(one(text=text, values=())) is is_enough


def test_a_bank_of_another_tool_gets_the_line_among_its_learnings(tmp_path: Path, way: Way) -> None:
    assert run(tmp_path, "init", "--layout", "cline", ".").returncode == 0
    folder = folder_of(tmp_path)
    found(folder, "always use tabs")
    assert accept(folder, [IDENT], way).accepted[0].line.address.startswith("activeContext.md#")
