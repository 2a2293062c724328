"""Verifying: evidence goes stale with what it covers, hand edits are told, and nothing runs that was not approved."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING

import pytest

from memorybank.errors import NoItemError, UntrustedError
from memorybank.store.approvals import approve, pending
from memorybank.workflow.evidence.evidence import declared
from memorybank.workflow.evidence.prove import prove
from memorybank.workflow.evidence.run import asked
from memorybank.workflow.evidence.verify import EvidenceStatus, VerifyResult, standings, verify
from tests.running import bank as run_bank
from tests.running import git

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way

SUITE = """import unittest
class T(unittest.TestCase):
    def test_a(self): pass
    def test_b(self): pass
"""
UNITTEST = (sys.executable, "-m", "unittest", "-q", "suite")
ENVIRON = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def ident(bank: BankFolder, way: Way) -> str:
    """Prove a claim about suite.py, and give the id of its line."""
    (bank.project / "suite.py").write_text(SUITE, encoding="utf-8")
    what = asked(UNITTEST, way, shell=False, folder="", covers=("suite.py",), report="")
    proof = prove(bank, "it works", what, way, ENVIRON)
    assert proof.proved, proof.reasons
    return proof.id


@pytest.fixture
def check(bank: BankFolder, way: Way, home: Path) -> Callable[..., VerifyResult]:
    """Give a function that verifies, after what is declared was approved."""

    def run(*, which: str = "", what: str = "") -> VerifyResult:
        approve(home, bank, declared(bank), at="2026-11-21")
        return verify(bank, way, ENVIRON, home, which=which, what=what)

    return run


def only(bank: BankFolder) -> EvidenceStatus:
    (found,) = standings(bank)
    return found


def change(bank: BankFolder, old: str, new: str) -> None:
    path = bank.folder / "progress.md"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_it_is_fresh_until_what_it_covers_changes(bank: BankFolder, ident: str) -> None:
    assert only(bank).state == "fresh"
    (bank.project / "other.py").write_text("x", encoding="utf-8")
    assert only(bank).state == "fresh"
    (bank.project / "suite.py").write_text(SUITE + "\n", encoding="utf-8")
    assert only(bank).state == "stale"
    assert "suite.py" in only(bank).why
    assert only(bank).id == ident


def test_nothing_runs_before_its_exact_text_was_approved(bank: BankFolder, ident: str, way: Way, home: Path) -> None:
    with pytest.raises(UntrustedError):
        verify(bank, way, ENVIRON, home, which="all")
    approve(home, bank, declared(bank), at="2026-11-21")
    change(bank, "-q suite", "-q suite; touch owned")
    assert [each.text for each in pending(home, bank, declared(bank))] != []
    with pytest.raises(UntrustedError):
        verify(bank, way, ENVIRON, home, what=f"^{ident}")
    record = bank.folder / f"artifacts/evidence/{ident}.json"
    change(bank, "-q suite; touch owned", "-q suite")
    value = json.loads(record.read_text(encoding="utf-8"))
    record.write_text(json.dumps({**value, "shell": True}), encoding="utf-8")
    with pytest.raises(UntrustedError):
        verify(bank, way, ENVIRON, home, which="all")
    assert not (bank.project / "owned").exists()


def test_what_is_stale_is_run_again_and_bound_anew(
    bank: BankFolder, ident: str, check: Callable[..., VerifyResult], section: Callable[[str], list[str]]
) -> None:
    (bank.project / "suite.py").write_text(SUITE + "    def test_c(self): pass\n", encoding="utf-8")
    done = check(which="stale")
    assert [each.reasons for each in done.runs] == [()]
    assert [each.state for each in done.standings] == ["fresh"]
    assert any("(3/3) - it works" in line and ident in line for line in section("progress.md#Verification"))
    assert check(which="stale").runs == ()


def test_what_no_longer_holds_is_marked_and_can_hold_again(
    bank: BankFolder, ident: str, check: Callable[..., VerifyResult], section: Callable[[str], list[str]]
) -> None:
    (bank.project / "suite.py").write_text(SUITE + "    def test_c(self): self.fail()\n", encoding="utf-8")
    done = check(which="stale")
    assert done.runs[0].reasons == ("exit 1 (2/3)",)
    line = section("progress.md#Verification")[0]
    assert "→ exit 1 (2/3), no longer holds since 2026-11-21 - it works" in line
    assert only(bank).state == "broken"
    (bank.project / "suite.py").write_text(SUITE, encoding="utf-8")
    done = check(what=f"^{ident}")
    assert done.runs[0].remark == "3 tests ran before, now 2"
    assert "→ exit 0 (2/2) - it works" in section("progress.md#Verification")[0]
    assert only(bank).state == "fresh"


def test_a_completed_task_that_no_longer_holds_loses_its_tick(
    bank: BankFolder, way: Way, ident: str, check: Callable[..., VerifyResult], section: Callable[[str], list[str]]
) -> None:
    change(bank, "## Completed\n\n- [None]", "## Completed\n\n- [x] Parse")
    what = asked(UNITTEST, way, shell=False, folder="", covers=("suite.py",), report="")
    change(bank, "- [None]\n\n## Completed\n\n- [x] Parse", "- [ ] Parse\n\n## Completed\n\n- [None]")
    assert prove(bank, "Parse", what, way, ENVIRON).proved
    (bank.project / "suite.py").write_text("import unittest\n", encoding="utf-8")
    check(which="stale")
    assert section("progress.md#Completed")[0].startswith("- [ ] Parse - `")
    (bank.project / "suite.py").write_text(SUITE, encoding="utf-8")
    check(which="all")
    assert section("progress.md#Completed")[0].startswith("- [x] Parse - `")
    assert ident


@pytest.mark.parametrize(
    ("old", "new", "state"),
    [
        ("(2/2)", "(12/12)", "edited"),
        ("it works", "everything works", "edited"),
        ("-q suite", "-q other", "edited"),
        (" ^v0", " ^w0", "unbound"),
    ],
)
def test_a_line_that_was_edited_is_told(bank: BankFolder, ident: str, old: str, new: str, state: str) -> None:
    change(bank, old, new)
    assert standings(bank)[0].state == state
    assert ident


def test_a_line_that_nothing_is_bound_to_is_a_claim(bank: BankFolder, check: Callable[..., VerifyResult]) -> None:
    """An older bank's evidence becomes bound when its command is run here."""
    (bank.project / "suite.py").write_text(SUITE, encoding="utf-8")
    git(bank.project, "init", "-q")
    change(bank, "## Verification\n\n- [None]", f"## Verification\n\n- `{' '.join(UNITTEST)}` → exit 0 (99/99)")
    assert only(bank).state == "unbound"
    assert check().runs == ()
    done = check(which="all")
    assert [each.reasons for each in done.runs] == [()]
    assert [(each.state, "(2/2)" in each.text, each.id != "") for each in done.standings] == [("fresh", True, True)]


def test_a_line_that_cites_evidence_stands_as_it_does(
    bank: BankFolder, ident: str, check: Callable[..., VerifyResult]
) -> None:
    shown = f"`{' '.join(UNITTEST)}` → exit 0 (2/2)"
    change(bank, "## Completed\n\n- [None]", f"## Completed\n\n- [x] Do it - {shown} (^{ident})")
    assert [each.state for each in standings(bank)] == ["fresh", "fresh"]
    assert len(check(which="all").runs) == 1
    change(bank, f"(2/2) (^{ident})", f"(3/3) (^{ident})")
    assert standings(bank)[0].state == "edited"
    change(bank, f"(3/3) (^{ident})", f"(2/2) (^{ident})")
    (bank.project / "suite.py").write_text(SUITE.replace("pass", "self.fail()"), encoding="utf-8")
    assert [each.state for each in standings(bank)] == ["stale", "stale"]
    check(which="stale")
    assert [each.state for each in standings(bank)] == ["broken", "broken"]
    check(which="stale")
    assert "- [ ] Do it - " in (bank.folder / "progress.md").read_text(encoding="utf-8")


def test_a_record_without_its_line_and_an_output_that_was_changed_are_told(bank: BankFolder, ident: str) -> None:
    kept = bank.folder / f"artifacts/evidence/{ident}.txt"
    kept.write_text("Ran 500 tests\n", encoding="utf-8")
    assert only(bank).state == "edited"
    path = bank.folder / "progress.md"
    rows = path.read_text(encoding="utf-8").split("\n")
    path.write_text("\n".join(row for row in rows if ident not in row), encoding="utf-8")
    assert only(bank).state == "orphan"


HOSTILE = ["", "[]", "{}", "[" * 50_000, '{"version": 99}', '{"version": 1, "covers": 7}', '{"covers": null}']


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_record_that_cannot_be_read_is_told(bank: BankFolder, ident: str, text: str) -> None:
    (bank.folder / f"artifacts/evidence/{ident}.json").write_text(text, encoding="utf-8")
    assert only(bank).state == "unreadable"


@pytest.mark.parametrize("field", [("folder", "../.."), ("folder", "/"), ("report", "/etc/passwd"), ("covers", "/*")])
def test_a_record_that_leads_out_of_the_project_runs_nothing(
    bank: BankFolder, ident: str, check: Callable[..., VerifyResult], field: tuple[str, str]
) -> None:
    path = bank.folder / f"artifacts/evidence/{ident}.json"
    value = json.loads(path.read_text(encoding="utf-8"))
    name, text = field
    value[name] = [{"glob": text, "digest": "0" * 16, "files": 1}] if name == "covers" else text
    path.write_text(json.dumps(value), encoding="utf-8")
    done = check(which="all")
    assert done.runs[0].reasons != ()
    assert done.runs[0].output == ""


def test_without_git_and_patterns_nothing_tells_of_staleness(bank: BankFolder, way: Way) -> None:
    what = asked((sys.executable, "-c", ""), way, shell=False, folder="", covers=(), report="")
    assert prove(bank, "it starts", what, way, ENVIRON).proved
    assert only(bank).state == "uncovered"


def test_a_name_that_stands_for_no_evidence_is_refused(
    bank: BankFolder, ident: str, check: Callable[..., VerifyResult]
) -> None:
    with pytest.raises(NoItemError):
        check(what="nothing of that")
    assert ident


def test_the_commands_tell_it_all(tmp_path: Path) -> None:
    project = tmp_path / "app"
    project.mkdir()
    (project / "suite.py").write_text(SUITE, encoding="utf-8")
    env = {"MEMORYBANK_HOME": str(tmp_path / "home"), "PYTHONDONTWRITEBYTECODE": "1"}
    run_bank(project, "init", env=env)
    done = run_bank(project, "prove", "it works", "--covers", "*.py", "--json", "--", *UNITTEST, env=env)
    proof = json.loads(done.stdout)
    assert (done.returncode, proof["proved"], proof["counts"]["passed"]) == (0, True, 2)
    assert run_bank(project, "verify", env=env).returncode == 0
    (project / "suite.py").write_text(SUITE.replace("pass", "self.fail()"), encoding="utf-8")
    assert run_bank(project, "verify", env=env).returncode == 1
    refused = run_bank(project, "verify", "--stale", "--json", env=env)
    assert (refused.returncode, json.loads(refused.stdout)["error"]["code"]) == (5, "untrusted")
    assert "evidence " in run_bank(project, "trust", "--yes", env=env).stdout
    done = run_bank(project, "verify", "--stale", env=env)
    assert done.returncode == 1
    assert "no longer valid: exit 1 (0/2)" in done.stdout
    done = run_bank(project, "prove", "it works", "--covers", "*.py", "--", *UNITTEST, env=env)
    assert (done.returncode, "no proof: exit 1 (0/2)" in done.stdout) == (1, True)
    found = run_bank(project, "check", env=env)
    assert (found.returncode, found.stdout.count("[stale-evidence]")) == (1, 1)
    assert run_bank(project, "artifact", "list", "--json", env=env).stdout.count("evidence/") == 0
