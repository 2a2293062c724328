"""The rules over small files: what passes, what is found on which lines, and what --fix makes of it.

A case is a file of tests/cases/lint, named after its rule. `place` is the section whose text the blocks are, `replace`
the file in which the blocks replace one line by another, `file` one that they are; `lines` are counted from the first
of what they are.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from memorybank import check
from memorybank.check.doctor import fix_faults
from memorybank.check.lint import fix, lint
from memorybank.check.manual import manual, manual_of
from memorybank.check.rules.structure import RULES
from memorybank.errors import NoRecordError
from memorybank.records import validate as faults
from memorybank.store.view import look
from memorybank.workflow.ladder.promote import promote
from memorybank.workflow.lines.note import note
from tests.running import START, git, make_bank, make_steady_bank, steady_way
from tests.running import bank as run_bank

if TYPE_CHECKING:
    from memorybank.check.findings import Finding
    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way

CASES = Path(__file__).parents[1] / "cases" / "lint"
BLOCK = re.compile(r"^```(pass|fail|fixed)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# the editor and the parser disagree on nothing that is known; what a crash leaves has a test below
# and headings of a bank of Cline have tests of their own
WITHOUT_CASE = {"parser", "torn-operation", "unknown-heading"}
# what another file of the rules' code names as one, and is none
LITERAL = re.compile(r"(?:Finding|Fault|_warn)\(\s*(?:page, row, )?\"([a-z-]+)\"")


class Case(NamedTuple):
    rule: str
    place: str
    kind: str
    lines: list[int]
    blocks: dict[str, str]


def read_case(path: Path) -> Case:
    text = path.read_text(encoding="utf-8")
    place = re.search(r"^(place|replace|file): (.+)$", text, re.MULTILINE)
    lines = re.search(r"^lines: (.+)$", text, re.MULTILINE)
    assert place
    assert lines
    numbers = [int(each) for each in lines[1].split(",")]
    return Case(path.stem, place[2], place[1], numbers, dict(BLOCK.findall(text)))


ALL = [read_case(path) for path in sorted(CASES.glob("*.md"))]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a project with a bank and with what the cases cite."""
    way = steady_way()
    bank = make_steady_bank(tmp_path_factory.mktemp("made") / "project", way)
    project = bank.project
    (project / "src").mkdir()
    (project / "src/there.py").write_text("x = 1\n", encoding="utf-8")
    (project / "Makefile").write_text("test:\n\ttrue\n", encoding="utf-8")
    (project / "package.json").write_text('{"scripts": {"build": "true"}}', encoding="utf-8")
    (project / "run.sh").write_text("true\n", encoding="utf-8")
    git(project, "init", "-q")
    git(project, "add", ".")
    git(project, "commit", "-q", "-m", "first")
    (bank.folder / "bank.toml").write_text(
        '[check]\ntags = ["sqlite"]\n[tags]\nrequired = ["layer"]\n[tags.groups]\nlayer = ["api", "database"]\n'
        '[tags.aliases]\ndb = "database"\nREST = "api"\n',
        encoding="utf-8",
    )
    (bank.folder / "workflows").mkdir()
    (bank.folder / "workflows/wf-live.json").write_text('{"id": "wf-live", "status": "active"}', encoding="utf-8")
    (bank.folder / "artifacts/evidence").mkdir(parents=True)
    (bank.folder / "artifacts/evidence/v00001.json").write_text("[]", encoding="utf-8")
    (bank.folder / "memories/decision").mkdir(parents=True)
    standing = "---\nid: dec-20261121-ccccc\ntype: decision\nstatus: accepted\n{tags}---\n# It stands\n\nWords.\n"
    (bank.folder / "memories/decision/dec-20261121-ccccc-x.md").write_text(
        standing.replace("{tags}", "tags: [api, sqlite, database]\n"), encoding="utf-8"
    )
    # the chance of the tests begins where the bank was made
    other = way._replace(author=way.author._replace(random_bytes=os.urandom))
    note(bank, "Written by bank", other, kind="learning")
    return project


@pytest.fixture
def world(bank: BankFolder, made: Path) -> dict[str, str]:
    """Fill the project with what the cases cite; gives the words that stand for others."""
    shutil.copytree(made, bank.project, dirs_exist_ok=True)
    return {
        "{commit}": git(bank.project, "rev-parse", "--short=10", "HEAD").strip(),
        "{400 words}": "word " * 400,
        "{token}": "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8",
        "{nul}": "\0",
        # in parts: no file of the project names a machine
        "{home}": "/" + "home/",
        "{users}": "/" + "Users/",
        "{windows}": "Users",
    }


def write(bank: BankFolder, case: Case, block: str, words: dict[str, str]) -> int:
    """Put a block into the bank; gives the line before its first one."""
    file, _, section = case.place.partition("#")
    path = bank.folder / file
    for word, meaning in words.items():
        block = block.replace(word, meaning)
    if case.kind == "file":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block, encoding="utf-8")
        if not block.strip():
            path.unlink()
        return 0
    text = path.read_text(encoding="utf-8")
    if case.kind == "replace":
        for row in block.split("\n"):
            old, arrow, new = row.partition("⇒")
            if arrow:
                text = "" if old.strip() == "*" else text.replace(old.strip(), new.strip().replace("\\n", "\n"))
        path.write_text(text, encoding="utf-8")
        return 0
    head, mark, rest = re.split(rf"(^## {section}.*\n\n)", text, maxsplit=1, flags=re.MULTILINE)
    if block:
        after = re.search(r"^## ", rest, re.MULTILINE)
        rest = f"{block}\n{rest[after.start() :] if after else ''}"
    path.write_text(head + mark + rest, encoding="utf-8")
    return (head + mark).count("\n")


def found(bank: BankFolder, rule: str, *, notices: bool = False) -> list[Finding]:
    return [each for each in lint(bank, now=START, notices=notices) if each.rule == rule]


@pytest.mark.parametrize("case", ALL, ids=[each.rule for each in ALL])
def test_what_passes(bank: BankFolder, world: dict[str, str], case: Case) -> None:
    write(bank, case, case.blocks["pass"], world)
    if case.rule == "stale-evidence":
        (bank.folder / "artifacts/evidence/v00001.json").unlink()
    assert found(bank, case.rule, notices=True) == []


@pytest.mark.parametrize("case", ALL, ids=[each.rule for each in ALL])
def test_what_is_found(bank: BankFolder, world: dict[str, str], case: Case) -> None:
    before = write(bank, case, case.blocks["fail"], world)
    findings = found(bank, case.rule, notices=True)
    assert len(findings) == len(case.lines)
    if case.kind != "replace" and case.lines != [0]:
        assert [each.line - before for each in findings] == case.lines
    assert all(each.file == case.place.partition("#")[0] for each in findings)
    assert all(each.fixable == ("fixed" in case.blocks) for each in findings)


@pytest.mark.parametrize("case", [each for each in ALL if "fixed" in each.blocks], ids=lambda each: each.rule)
def test_what_is_fixed(bank: BankFolder, world: dict[str, str], way: Way, case: Case) -> None:
    write(bank, case, case.blocks["fail"], world)
    receipt = fix(bank, lint(bank, now=START), way)
    assert receipt is not None
    assert found(bank, case.rule) == []
    if case.kind == "place":
        wanted = [line for line in case.blocks["fixed"].split("\n") if line]
        assert [line for line in look(bank, case.place).text.split("\n")[1:] if line.strip()] == wanted


def test_every_rule_has_a_case_and_a_page() -> None:
    names = {each.rule for each in manual()}
    assert names - WITHOUT_CASE == {each.rule for each in ALL}
    assert all(each.summary for each in manual())
    assert {each.rule for each in manual() if each.fixable} == {each.rule for each in ALL if "fixed" in each.blocks}
    assert set(RULES) <= names
    with pytest.raises(NoRecordError, match="near-duplicate"):
        manual_of("near-duplicates")


def test_whatever_a_check_prints_has_a_page() -> None:
    """The code is asked what rules it names; a file that cannot be read is told by the code of the refusal."""
    sources = [*Path(check.__file__).parent.rglob("*.py"), Path(faults.__file__)]
    named = {each for path in sources for each in LITERAL.findall(path.read_text(encoding="utf-8"))}
    assert len(named) > len(RULES)
    assert named <= {each.rule for each in manual()}
    for code in ("outside", "permission", "limit", "config", "newer-version", "no-file"):
        assert manual_of(code).summary


def test_an_operation_that_was_cut_short_is_told(bank: BankFolder, way: Way) -> None:
    note(bank, "Redis drops idle connections", way, kind="learning")
    path = bank.folder / "activeContext.md"
    before = path.read_bytes()
    promote(bank, "Redis drops idle connections", "pattern", way)
    journal = bank.state / "journal.jsonl"
    journal.write_bytes(b"\n".join(journal.read_bytes().split(b"\n")[:-2]) + b"\n")
    assert found(bank, "torn-operation") == []
    path.write_bytes(before)
    (told,) = found(bank, "torn-operation")
    assert told.hint == "bank doctor --fix"
    assert fix_faults(bank) == ["unfinished"]
    assert found(bank, "torn-operation") == []
    assert "Redis" in (bank.folder / "patterns.md").read_text(encoding="utf-8")
    assert "Redis" not in path.read_text(encoding="utf-8")


def test_a_bank_may_allow_and_weigh(bank: BankFolder, world: dict[str, str]) -> None:
    case = next(each for each in ALL if each.rule == "dead-path")
    write(bank, case, case.blocks["fail"], world)
    settings = bank.folder / "bank.toml"
    settings.write_text('[check]\nallow = ["dead-path: src/gone.py"]\n', encoding="utf-8")
    assert [each.message for each in found(bank, "dead-path")] == ["./docs/none.md does not exist"]
    settings.write_text('[check]\nallow = ["dead-path: activeContext.md"]\n', encoding="utf-8")
    assert found(bank, "dead-path") == []
    settings.write_text('[check.severity]\ndead-path = "error"\n', encoding="utf-8")
    assert [each.severity for each in found(bank, "dead-path")] == ["error", "error"]
    settings.write_text('[check.severity]\ndead-path = "off"\n', encoding="utf-8")
    assert found(bank, "dead-path") == []
    settings.write_text('[check.severity]\ndead-path = "notice"\n', encoding="utf-8")
    assert (len(found(bank, "dead-path")), len(found(bank, "dead-path", notices=True))) == (0, 2)


@pytest.mark.parametrize("text", ["check = 1", "[check]\nallow = 3\ntags = 7\nline_length = 'x'\nseverity = 5"])
def test_settings_that_make_no_sense_are_as_none(bank: BankFolder, text: str) -> None:
    (bank.folder / "bank.toml").write_text(text, encoding="utf-8")
    assert lint(bank, now=START + timedelta(days=1)) == []


def test_the_command_explains_and_annotates(tmp_path: Path) -> None:
    run_bank(tmp_path, "init")
    done = run_bank(tmp_path, "check", "--explain", "near-duplicate")
    assert done.returncode == 0
    assert done.stdout.startswith("near-duplicate (--fix can fix it): No entry of a list")
    rules = json.loads(run_bank(tmp_path, "check", "--explain", "all", "--json").stdout)["rules"]
    assert len(rules) == len(manual())
    assert run_bank(tmp_path, "check", "--explain", "nonsense").returncode == 3
    run_bank(tmp_path, "note", "See `src/gone.py`")
    done = run_bank(tmp_path, "check", "--format", "github")
    assert done.returncode == 1
    assert re.match(r"::warning file=(?:.memorybank/)?activeContext.md,line=", done.stdout)
    path = tmp_path / ".memorybank/activeContext.md"
    path.write_text(path.read_text(encoding="utf-8").replace("src/gone.py", "gone.py"), encoding="utf-8")
    assert run_bank(tmp_path, "check").returncode == 0
    noticed = run_bank(tmp_path, "check", "--notices", "--format", "github")
    assert (noticed.returncode, noticed.stdout.startswith("::notice file=")) == (0, True)


def test_a_path_of_one_machine_fails_a_commit_where_the_bank_says_so(tmp_path: Path) -> None:
    folder, log = make_bank(tmp_path), "/" + "home/ada/app/log/x.log"
    assert run_bank(tmp_path, "save", f"The log is in {log}", "--title", "Log").returncode == 0
    assert run_bank(tmp_path, "check").returncode == 0
    assert "machine-path" in run_bank(tmp_path, "check", "--notices").stdout
    with (folder / "bank.toml").open("a", encoding="utf-8") as file:
        file.write('\n[check.severity]\nmachine-path = "error"\n')
    done = run_bank(tmp_path, "check")
    assert (done.returncode, f"{log} is a path of one machine" in done.stdout) == (1, True)
