"""Upkeep, approvals, known banks, set-up, export and import as methods of `Bank`."""

from __future__ import annotations

import inspect
import json
import os
from typing import TYPE_CHECKING

import pytest

from memorybank.errors import BankError, FieldError, NoFileError, NoRecordError
from memorybank.exchange.formats import FORMATS
from memorybank.facade.bank import Bank
from memorybank.facade.caller import Caller
from memorybank.facade.upkeep.banks import Banks
from memorybank.facade.upkeep.checks import Upkeep
from memorybank.facade.upkeep.exchange import IMPORT_FORMATS, Exchange
from memorybank.facade.upkeep.set_up import belongs_to_user, set_up
from memorybank.facade.upkeep.trust import Trust

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def bank(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bank:
    monkeypatch.setenv("MEMORYBANK_HOME", str(tmp_path / "home"))
    project = tmp_path / "app"
    project.mkdir()
    return Bank.init(project)


def without_blockers(bank: Bank) -> str:
    """Return the text of a file after its section Blockers was deleted in an editor."""
    path = bank.path / "activeContext.md"
    text = path.read_text(encoding="utf-8")
    start = text.index("## Blockers")
    stop = text.index("\n## ", start) + 1
    path.write_text(text[:start] + text[stop:], encoding="utf-8")
    return path.read_text(encoding="utf-8")


def test_a_fix_adds_a_missing_section_and_a_dry_run_does_not(bank: Bank) -> None:
    assert not bank.check().failed
    text = without_blockers(bank)
    assert [finding.rule for finding in bank.check(["activeContext.md"]).findings] == ["missing-section"]
    dry = Bank.open(bank.project, dry_run=True).check(fix=True)
    assert dry.receipt is not None
    assert (dry.receipt.dry_run, (bank.path / "activeContext.md").read_text(encoding="utf-8")) == (True, text)
    fixed = bank.check(fix=True)
    assert (fixed.failed, fixed.lost) == (False, ())
    assert "## Blockers" in (bank.path / "activeContext.md").read_text(encoding="utf-8")


def test_the_json_form_of_a_check_has_lost_texts_only_after_a_fix(bank: Bank) -> None:
    assert bank.check().to_wire() == {"findings": [], "count": 0, "lost_texts": [], "receipt": None}
    bank.tasks.add("Write the parser")
    (bank.path / "progress.md").write_bytes(b"")
    checked = bank.check(fix=True)
    assert checked.failed
    assert "Write the parser" in checked.to_wire()["lost_texts"][0]["text"]


def test_a_rule_has_a_manual_page(bank: Bank) -> None:
    assert bank.rule("near-duplicate").fixable
    assert "missing-section" in {page.rule for page in bank.rules()}
    with pytest.raises(NoRecordError):
        bank.rule("near-duplicates")


def test_a_file_of_a_finding_has_a_path(bank: Bank) -> None:
    assert bank.path_of("progress.md") == bank.path / "progress.md"
    assert (bank.has_file("progress.md"), bank.has_file("decision"), bank.has_file("../../etc")) == (True, False, False)


@pytest.mark.skipif(os.name == "nt", reason="permissions of Unix")
def test_the_doctor_fixes_what_is_safe_to_fix(bank: Bank) -> None:
    bank.note("WAL mode needs a local disk")
    (bank.path / ".state").chmod(0o755)
    assert [probe.name for probe in bank.doctor().faults] == ["private"]
    assert Bank.open(bank.project, dry_run=True).doctor(fix=True).fixed == ()
    report = bank.doctor(fix=True)
    assert (report.fixed, report.faults, report.to_wire()["fixed"]) == (("private",), (), ["private"])


def test_a_review_asks_about_an_open_bug(bank: Bank) -> None:
    bank.bugs.report("Email is case-sensitive")
    assert any("Email is case-sensitive" in question.question for question in bank.review().questions)
    assert bank.review(period="quarterly").period == "quarterly"
    with pytest.raises(FieldError):
        bank.review(period="yearly")


def test_what_is_over_a_limit_is_archived_and_comes_back(bank: Bank) -> None:
    assert bank.rotate().receipt is None
    for number in range(22):
        bank.note(f"Lesson number {number} is about topic {number}")
    assert [section.moved_count for section in bank.rotate(order="oldest-first").sections] == [2]
    assert [section.moved_count for section in bank.unarchive("activeContext.md#Learnings", count=2).sections] == [2]
    with pytest.raises(FieldError):
        bank.unarchive("activeContext.md#Learnings", count=0)
    with pytest.raises(FieldError):
        bank.rotate(order="by-name")


def test_a_new_bank_needs_no_migration(bank: Bank) -> None:
    assert bank.migrate().receipt is None


def test_a_command_is_approved_as_it_was_seen_and_revoked(bank: Bank) -> None:
    with (bank.path / "bank.toml").open("a", encoding="utf-8") as config:
        config.write('\n[paf.checks]\nAUTH-001 = "pytest -q"\n')
    bank = Bank.open(bank.project)
    (command,) = bank.trust.pending()
    dry = Bank.open(bank.project, dry_run=True)
    assert dry.trust.approve([command]) == [command]
    assert bank.trust.pending() == [command]
    bank.trust.approve([command])
    assert (bank.trust.pending(), [approval.text for approval in bank.trust.list()]) == ([], ["pytest -q"])
    assert len(dry.trust.revoke()) == 1
    assert [approval.name for approval in bank.trust.revoke(["AUTH-001"])] == [command.name]
    assert bank.trust.list() == []


def test_a_bank_is_seen_and_forgotten(bank: Bank, tmp_path: Path) -> None:
    (tmp_path / "gone").mkdir()
    gone = Bank.init(tmp_path / "gone")
    gone.project.rename(tmp_path / "moved")
    assert {(seen.bank.name, seen.is_there) for seen in bank.banks.list()} == {("app", True), ("gone", False)}
    assert bank.banks.list().to_wire()["banks"][0]["missing"] is False
    assert [known.name for known in Bank.open(bank.project, dry_run=True).banks.forget_missing()] == ["gone"]
    assert [known.name for known in bank.banks.forget_missing()] == ["gone"]
    assert bank.banks.forget("app").name == "app"
    assert Banks(Caller()).list() == []


def test_set_up_says_what_is_new_and_what_was_there(bank: Bank, tmp_path: Path) -> None:
    again = set_up(bank.project, Caller())
    assert (again.receipt.files, "progress.md" in again.kept, again.lost) == ((), True, ())
    wire = again.to_wire()
    assert (wire["bank_folder"], wire["layout"], wire["advice"]) == (str(bank.path), bank.layout, [])
    (tmp_path / "other").mkdir()
    assert set_up(tmp_path / "other", Caller(), layout="cline").layout == "cline"
    assert set_up(tmp_path / "other", Caller(dry_run=True), adopt=True).receipt.dry_run
    with pytest.raises(NoFileError):
        set_up(tmp_path / "nowhere", Caller())
    assert Bank.init(tmp_path / "nowhere").project == tmp_path / "nowhere"


def test_a_bank_of_the_user_belongs_to_no_project(bank: Bank, tmp_path: Path) -> None:
    own = Bank.init(namespace="team-x")
    assert own.path == tmp_path / "home" / "namespaces" / "team-x"
    assert belongs_to_user(own.path, Caller())
    assert not belongs_to_user(bank.project, Caller())
    for invalid in ("../x", ""):
        with pytest.raises(FieldError):
            Bank.init(namespace=invalid)
    with pytest.raises(FieldError):
        Bank.init(layout="cline", namespace="team-x")
    with pytest.raises(FieldError):
        Bank.init(bank.project, layout="cline", adopt=True)


def test_an_export_is_imported_once(bank: Bank, tmp_path: Path) -> None:
    bank.decide("Use SQLite")
    assert bank.export(tmp_path / "tree", dry_run=True).dry_run
    assert not (tmp_path / "tree").exists()
    assert bank.export(str(tmp_path / "tree")).files
    with pytest.raises(FieldError):
        bank.export(tmp_path / "tree", format="module72")
    (tmp_path / "copy").mkdir()
    copy = Bank.init(tmp_path / "copy")
    assert [record.title for record in copy.import_from("module71", tmp_path / "tree").records] == ["Use SQLite"]
    assert copy.import_from("module71", tmp_path / "tree").records == ()
    with pytest.raises(BankError):
        copy.import_from("module72", tmp_path / "tree")


def test_a_conversation_is_imported_from_its_json_once(bank: Bank) -> None:
    text = json.dumps([{"role": "user", "content": "How?"}, {"role": "assistant", "content": "By OAuth."}])
    assert len(bank.import_conversation(text, summary="Sign-in", tags=["oauth"]).records) == 1
    assert bank.import_conversation(json_content=text).already == 1
    session = bank.list_sessions(limit=1)[0]
    assert (session.summary, session.tags) == ("Sign-in", ("oauth",))
    with pytest.raises(BankError):
        bank.import_conversation("no json")


def test_the_formats_are_those_of_the_readers() -> None:
    """The facade names them itself, so that a help page imports no reader."""
    assert tuple(FORMATS) == IMPORT_FORMATS


@pytest.mark.parametrize("namespace", [Upkeep, Exchange, Trust, Banks])
def test_no_method_takes_arguments_without_a_name(namespace: type) -> None:
    for name, method in inspect.getmembers(namespace, inspect.isfunction):
        kinds = {parameter.kind for parameter in inspect.signature(method).parameters.values()}
        assert name.startswith("_") or inspect.Parameter.VAR_KEYWORD not in kinds, name


def test_folders_with_unusual_names(tmp_path: Path) -> None:
    latin = tmp_path / os.fsdecode(b"x\xff")
    assert Bank.init(latin).note("hi").verb == "note"
    assert "x\ufffd" in (latin / ".memorybank/bank.toml").read_text(encoding="utf-8")
    with pytest.raises(FieldError, match="control character"):
        Bank.init(tmp_path / "a\nd")
    assert not (tmp_path / "a\nd" / ".memorybank").exists()
