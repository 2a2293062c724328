"""Evidence: only a command that was run, and showed something, becomes a line; ways round that are caught."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from memorybank.errors import NoFileError, NoItemError, OutsideError, SecretError, UnsupportedTextError
from memorybank.store.journal.undo import undo
from memorybank.store.way import Way, WriteOptions
from memorybank.workflow.evidence.evidence import canonical, parse_told, read_evidence
from memorybank.workflow.evidence.prove import Proof, prove
from memorybank.workflow.evidence.run import asked
from memorybank.workflow.evidence.verify import standings
from memorybank.workflow.lines.note import note
from tests.running import bank as run_bank
from tests.running import git, make_bank

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from memorybank.store.folder import BankFolder

PASSES = """import unittest
class T(unittest.TestCase):
    def test_a(self): pass
    def test_b(self): pass
"""
FAILS = PASSES + "    def test_c(self): self.fail()\n"
NONE = "import unittest\n"
# what a runner leaves beside the sources
WRITES = """
import pathlib
for name in ("pkg/__pycache__/a.pyc", ".pytest_cache/x", ".coverage"):
    pathlib.Path(name).parent.mkdir(parents=True, exist_ok=True)
    pathlib.Path(name).write_text("new", encoding="utf-8")
"""
UNITTEST = (sys.executable, "-m", "unittest", "-q", "suite")


@pytest.fixture
def project(bank: BankFolder) -> Path:
    (bank.project / "suite.py").write_text(PASSES, encoding="utf-8")
    (bank.project / ".gitignore").write_text("__pycache__\n", encoding="utf-8")
    git(bank.project, "init", "-q")
    git(bank.project, "add", ".")
    git(bank.project, "commit", "-q", "-m", "first")
    return bank.project


@pytest.fixture
def run(bank: BankFolder, project: Path, way: Way) -> Callable[..., Proof]:
    """Give a function that proves a claim, or a task, by a command."""

    def prove_it(*words: str, of: str = "it works", way: Way = way, seconds: float = 60, **options: Any) -> Proof:
        given: dict[str, Any] = {"shell": False, "folder": "", "covers": (), "report": "", **options}
        what = asked(words, way, **given)
        environ = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
        return prove(bank, of, what, way, environ, seconds=seconds)

    return prove_it


def test_a_claim_gets_its_line_and_what_is_bound_to_it(
    bank: BankFolder, run: Callable[..., Proof], section: Callable[[str], list[str]]
) -> None:
    proof = run(*UNITTEST)
    assert proof.proved, proof.reasons
    shown = f"- `{shlex.join(UNITTEST)}` → exit 0 (2/2) - it works ^{proof.id}"
    assert shown in section("progress.md#Verification")
    bound = read_evidence(bank, proof.id)
    assert (bound.exit_code, bound.commit, bound.dirty) == (0, git(bank.project, "rev-parse", "HEAD").strip(), False)
    assert bound.counts is not None
    assert (bound.counts.runner, bound.counts.passed) == ("unittest", 2)
    assert [(each.glob, each.files) for each in bound.covers] == [("", 2)]
    assert "Ran 2 tests" in (bank.folder / bound.output).read_text(encoding="utf-8")


def test_a_task_goes_to_completed_with_its_evidence(
    bank: BankFolder, way: Way, run: Callable[..., Proof], section: Callable[[str], list[str]]
) -> None:
    for text in ("Write the parser", "Write the printer ^t12345"):
        note(bank, text, way, kind="task")
    first, second = run(*UNITTEST, of="1"), run(*UNITTEST, of="^t12345")
    assert second.id == "t12345"
    command = shlex.join(UNITTEST)
    assert section("progress.md#Completed") == [
        f"- [x] Write the parser - `{command}` → exit 0 (2/2) ^{first.id}",
        f"- [x] Write the printer - `{command}` → exit 0 (2/2) ^t12345",
    ]
    assert not [line for line in section("progress.md#Tasks") if "Write" in line]
    undo(bank, "", way)
    assert "- [ ] Write the printer ^t12345" in section("progress.md#Tasks")
    assert not (bank.folder / "artifacts/evidence/t12345.json").exists()


def test_a_task_with_something_below_it_is_ticked_where_it_stands(
    bank: BankFolder, way: Way, run: Callable[..., Proof], section: Callable[[str], list[str]]
) -> None:
    note(bank, "Write the parser", way, kind="task")
    path = bank.folder / "progress.md"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("Write the parser\n", "Write the parser\n  - [ ] the lexer\n"), encoding="utf-8")
    proof = run(*UNITTEST, of="Write the parser")
    assert f"- [x] Write the parser - `{shlex.join(UNITTEST)}` → exit 0 (2/2) ^{proof.id}" in section(
        "progress.md#Tasks"
    )
    assert "  - [ ] the lexer" in section("progress.md#Tasks")


def test_the_same_claim_again_takes_its_old_place(
    project: Path, run: Callable[..., Proof], section: Callable[[str], list[str]]
) -> None:
    first = run(*UNITTEST)
    (project / "suite.py").write_text(PASSES + "    def test_c(self): pass\n", encoding="utf-8")
    second = run(*UNITTEST)
    assert second.id == first.id
    lines = [line for line in section("progress.md#Verification") if "it works" in line]
    assert len(lines) == 1
    assert "(3/3)" in lines[0]


CHEATS: dict[str, tuple[str, tuple[str, ...], dict[str, Any], str]] = {
    "a failing test": (FAILS, UNITTEST, {}, "exit 1 (2/3)"),
    "|| true": (FAILS, (f"{shlex.join(UNITTEST)} || true",), {"shell": True}, "`||` hides the exit code"),
    "; true": (FAILS, (f"{shlex.join(UNITTEST)}; true",), {"shell": True}, "exit code of the last command counts"),
    "a pipe": (FAILS, (f"{shlex.join(UNITTEST)} | tail -1",), {"shell": True}, "after a pipe"),
    "not": (FAILS, (f"! {shlex.join(UNITTEST)}",), {"shell": True}, "is replaced"),
    "a shell unasked": (FAILS, ("sh", "-c", f"{shlex.join(UNITTEST)} || true"), {}, "`||` hides the exit code"),
    "a shell behind env": (FAILS, ("env", "A=1", "bash", "-ec", "false || :"), {}, "`||` hides the exit code"),
    "no tests": (NONE, UNITTEST, {}, "0 tests were run"),
    "filtered away": (PASSES, (*UNITTEST, "-k", "zzz"), {}, "0 tests were run"),
    "only collected": (PASSES, ("pytest", "--collect-only"), {}, "with `--collect-only` pytest runs no test"),
    "only printed": (PASSES, ("echo", "12 passed in 0.1s"), {}, "`echo` only prints, it tests nothing"),
    "masked in a script": (
        FAILS,
        (sys.executable, "-c", "import os,sys; os.system(sys.executable + ' -m unittest suite')"),
        {},
        "exit 0, but only 2 of 3 passed",
    ),
    "no counts": (PASSES, (sys.executable, "-c", "", "-m", "unittest"), {}, "unittest was recognised, but its output"),
    "not there": (PASSES, ("no-such-program",), {}, "it could not be started"),
    "changes what it covers": (
        PASSES,
        (sys.executable, "-c", "open('suite.py', 'a').write('#')"),
        {"covers": ("suite.py",)},
        "suite.py changed while it ran",
    ),
    "an old report": (PASSES, UNITTEST, {"report": "old.xml"}, "old.xml was not written by this run"),
}


@pytest.mark.skipif(os.name == "nt", reason="written for a Unix shell")
@pytest.mark.parametrize("name", CHEATS)
def test_what_only_looks_like_a_proof_is_none(
    bank: BankFolder, project: Path, run: Callable[..., Proof], name: str, section: Callable[[str], list[str]]
) -> None:
    suite, words, options, why = CHEATS[name]
    (project / "suite.py").write_text(suite, encoding="utf-8")
    (project / "old.xml").write_text('<testsuite tests="1"><testcase name="a"/></testsuite>', encoding="utf-8")
    before = section("progress.md#Verification")
    proof = run(*words, **options)
    assert not proof.proved
    assert why in "; ".join(proof.reasons)
    assert section("progress.md#Verification") == before
    assert not (bank.folder / "artifacts").exists()


def test_a_report_that_git_does_not_ignore_is_not_covered(
    bank: BankFolder, project: Path, run: Callable[..., Proof]
) -> None:
    write = "open('r.xml', 'w').write('<testsuite tests=\"1\"><testcase/></testsuite>' + ' ' * {})"
    proof = run(sys.executable, "-c", write.format(1), report="r.xml")
    assert proof.proved, proof.reasons
    (project / "r.xml").write_text("written by a later run", encoding="utf-8")
    assert [each.state for each in standings(bank)] == ["fresh"]
    (project / "more.py").write_text("", encoding="utf-8")
    assert [each.state for each in standings(bank)] == ["stale"]


@pytest.mark.parametrize("covers", [(), ("**",)])
def test_what_runners_write_beside_the_sources_is_no_change_of_the_project(
    project: Path, run: Callable[..., Proof], covers: tuple[str, ...]
) -> None:
    (project / ".gitignore").unlink()
    git(project, "commit", "-qam", "nothing is ignored")
    (project / "suite.py").write_text(f"{PASSES}{WRITES}", encoding="utf-8")
    proof = run(*UNITTEST, covers=covers)
    assert proof.proved, proof.reasons
    (project / "suite.py").write_text(f"{PASSES}{WRITES.replace('.pytest_cache', 'made')}", encoding="utf-8")
    assert "changed while it ran" in "".join(run(*UNITTEST, covers=covers).reasons)


def test_a_report_of_this_run_is_counted(project: Path, run: Callable[..., Proof]) -> None:
    write = "open('r.xml', 'w').write('<testsuite tests=\"2\"><testcase/><testcase><skipped/></testcase></testsuite>')"
    proof = run(sys.executable, "-c", write, report="r.xml", covers=("suite.py",))
    assert proof.proved, proof.reasons
    assert "→ exit 0 (1/1, 1 skipped)" in proof.text
    assert (project / "r.xml").exists()


@pytest.mark.skipif(shutil.which("prove") is None, reason="there is no Perl")
def test_a_skipped_test_is_no_pass_of_prove(project: Path, run: Callable[..., Proof]) -> None:
    """Its sums count a skipped test as passed; it is asked to print the tests too."""
    (project / "a.t").write_text(
        'print "1..2\\nok 1 # skip no network\\nok 2 - two # skip no disk\\n";\n', encoding="utf-8"
    )
    proof = run("prove", "a.t")
    assert proof.reasons == ("0 tests were run (2 skipped)",)


def test_what_counts_nothing_is_a_proof_by_its_exit_code(run: Callable[..., Proof]) -> None:
    """A linter or a build has no tests; its line says no number."""
    proof = run(sys.executable, "-m", "py_compile", "suite.py")
    assert proof.proved, proof.reasons
    assert proof.text.endswith("→ exit 0 - it works")


@pytest.mark.skipif(os.name == "nt", reason="process groups of Unix")
def test_a_command_that_does_not_end_is_killed_with_its_children(project: Path, run: Callable[..., Proof]) -> None:
    script = "sleep 300 & echo $! > pid; wait"
    begun = time.monotonic()
    proof = run("sh", "-c", "exec sh ./slow.sh", seconds=2) if _write(project / "slow.sh", script) else None
    assert proof is not None
    assert "was killed" in proof.reasons[0]
    assert time.monotonic() - begun < 60
    child = int((project / "pid").read_text(encoding="utf-8"))
    time.sleep(0.2)
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(child)], capture_output=True, check=False, text=True).stdout
    assert state.strip() == "" or state.startswith("Z")


def _write(path: Path, text: str) -> bool:
    return path.write_text(text, encoding="utf-8") > 0


def test_secrets_do_not_reach_the_bank(bank: BankFolder, run: Callable[..., Proof], way: Way) -> None:
    token = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
    with pytest.raises(SecretError):
        asked(("curl", "-H", token), way, shell=False, folder="", covers=(), report="")
    proof = run(sys.executable, "-c", f"print({token[:10]!r} + {token[10:]!r})")
    assert proof.proved, proof.reasons
    kept = (bank.folder / f"artifacts/evidence/{proof.id}.txt").read_text(encoding="utf-8")
    assert "<redacted:" in kept
    assert token not in kept + proof.output


@pytest.mark.parametrize("command", [("python", "-c", "a\nb"), ("x" * 2000,), ("a\x1bb",), ("a``b",)])
def test_a_command_is_one_line(command: tuple[str, ...], way: Way) -> None:
    with pytest.raises(UnsupportedTextError):
        asked(command, way, shell=False, folder="", covers=(), report="")


@pytest.mark.parametrize("glob", ["/etc/*", "../*", "a/../../b"])
def test_a_proof_covers_files_of_the_project(run: Callable[..., Proof], glob: str) -> None:
    with pytest.raises(OutsideError):
        run(*UNITTEST, covers=(glob,))


def test_what_covers_nothing_is_refused(run: Callable[..., Proof]) -> None:
    with pytest.raises(NoFileError):
        run(*UNITTEST, covers=("src/**",))
    with pytest.raises(NoItemError):
        run(*UNITTEST, of="^v99999")


def test_a_dry_run_runs_nothing(project: Path, run: Callable[..., Proof], way: Way) -> None:
    proof = run(sys.executable, "-c", "open('x', 'w')", way=Way(way.author, WriteOptions(dry_run=True)))
    assert not proof.proved
    assert not (project / "x").exists()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("`pytest -q` → exit 0 (12/12)", ("", "pytest -q", 0, "12/12", False, "")),
        ("`pytest` -> exit 0", ("", "pytest", 0, "", False, "")),
        ("Task with `code` - `a b` → exit 0 (3/3) ^t1", ("Task with `code`", "a b", 0, "3/3", False, "")),
        ("``echo `date` `` → exit 1 - why", ("", "echo `date`", 1, "", False, "why")),
        ("`x` → exit 1 (1/2), no longer holds since 2026-11-21 - c", ("", "x", 1, "1/2", True, "c")),
    ],
)
def test_a_line_is_read_as_people_write_it(text: str, told: tuple[object, ...]) -> None:
    assert parse_told(text) == told
    assert parse_told("`pytest` is slow, exit 0") is None


@pytest.mark.parametrize("command", ["pytest -q", "echo `date`", "`x`", "a 'b c' → d"])
def test_a_command_comes_out_of_its_line_as_it_went_in(command: str) -> None:
    told = parse_told(canonical(command, 0, None))
    assert told is not None
    assert told.command == command


def test_the_record_is_json_that_travels(bank: BankFolder, run: Callable[..., Proof]) -> None:
    proof = run(*UNITTEST, covers=("suite.py", ".gitignore"))
    value = json.loads((bank.folder / f"artifacts/evidence/{proof.id}.json").read_text(encoding="utf-8"))
    assert value["version"] == 1
    assert [each["glob"] for each in value["covers"]] == ["suite.py", ".gitignore"]
    assert str(bank.project) not in json.dumps(value)


def test_a_task_that_was_ticked_without_evidence_gets_it(tmp_path: Path) -> None:
    make_bank(tmp_path)
    assert run_bank(tmp_path, "task", "add", "Ship it").returncode == 0
    assert run_bank(tmp_path, "task", "done", "Ship it").returncode == 0
    assert run_bank(tmp_path, "prove", "Ship it", "--", sys.executable, "-c", "pass").returncode == 0
    text = (tmp_path / ".memorybank" / "progress.md").read_text(encoding="utf-8")
    assert "no evidence" not in text
    assert "- [x] Ship it - `" in text.partition("## Completed")[2]
    assert "Ship it" not in text.partition("## Completed")[0]
