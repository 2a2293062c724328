"""Runners that are here are run, for each way a run can end; what `prove` says of each is right."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING

import pytest

from memorybank.workflow.evidence.run import ProofRequest, Run, run_proof
from tests.judges import NODE, need
from tests.running import sampled

if TYPE_CHECKING:
    from memorybank.store.folder import BankFolder

TEST = "import os, pytest, signal, unittest\n"
PYTEST = {
    "passes": ("def test_a(): pass\n", "2/2"),
    "fails": ("def test_a(): assert 0\n", "exit 1 (1/2)"),
    "is skipped": ("@pytest.mark.skip\ndef test_a(): pass\n", "1/1, 1 skipped"),
    "is expected to fail": ("@pytest.mark.xfail\ndef test_a(): assert 0\n", "1/1, 1 expected to fail"),
    "cannot be set up": ("@pytest.fixture\ndef x(): 1 / 0\ndef test_a(x): pass\n", "exit 1 (1/2)"),
    "cannot be read": ("def test_a(:\n", "exit 2 (0/1)"),
    "cannot be imported": ("import nothing_of_that_name\n", "exit 2 (0/1)"),
    "leaves": ("def test_a(): os._exit(0)\n", "a run of pytest began, but printed no summary"),
    "prints a summary": ("def test_a(): print('\\n==== 9 passed in 0.10s ====\\n9 passed in 0.10s')\n", "2/2"),
    "prints colours": ("def test_a(): print('\\033[31m9 failed in 0.10s\\033[0m')\n", "2/2"),
}
UNITTEST = {
    "passes": ("    def test_a(self): pass\n", "2/2"),
    "fails": ("    def test_a(self): self.fail()\n", "exit 1 (1/2)"),
    "is skipped": ("    @unittest.skip('later')\n    def test_a(self): pass\n", "1/1, 1 skipped"),
    "is expected to fail": (
        "    @unittest.expectedFailure\n    def test_a(self): self.fail()\n",
        "1/1, 1 expected to fail",
    ),
    "is of a class that is skipped": (
        "class U(T):\n    @classmethod\n    def setUpClass(cls): raise unittest.SkipTest\n",
        "1/1, 1 skipped",
    ),
    "leaves": ("    def test_z(self): os._exit(0)\n", "unittest was recognised, but its output has no count"),
}
BEFORE = "const {test, describe, it, before, after} = require('node:test')\ntest('first', () => {})\n"
SCRIPT = {
    "passes": ("test('a', () => {})\n", "2/2"),
    "fails": ("test('a', () => { throw new Error('no') })\n", "exit 1 (1/2)"),
    "is skipped": ("test.skip('a', () => {})\n", "1/1, 1 skipped"),
    "is to do, and fails": ("test.todo('a', () => { throw new Error('no') })\n", "1/1, 1 todo"),
    "has a hook that fails": (
        "describe('d', () => { after(() => { throw new Error('no') }); it('a', () => {}) })\n",
        "a suite or a hook failed outside the tests",
    ),
    "cannot be read": ("test('a', () => {\n", "exit 1 (0/1)"),
    "leaves": ("test('a', () => { process.exit(0) })\n", "0 tests were run"),
}


def said_of(run: Run) -> str:
    return "; ".join(run.why) or str(run.counts)


def ran(bank: BankFolder, command: str) -> Run:
    quick = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": "-p no:cacheprovider"}
    environ = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **quick}
    return run_proof(bank, ProofRequest(command), environ, 120)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        *((name, "") for name in sampled(PYTEST, 3)),
        *((name, "-q") for name in ("fails", "cannot be imported", "leaves", "prints a summary")),
        ("prints a summary", "-s"),
    ],
)
def test_pytest(bank: BankFolder, name: str, options: str) -> None:
    text, expected = PYTEST[name]
    (bank.project / "test_it.py").write_text(f"{TEST}def test_first(): pass\n{text}", encoding="utf-8")
    said = said_of(ran(bank, f"{sys.executable} -m pytest {options} test_it.py"))
    if expected.startswith("a run of pytest began") and options == "-q":
        expected = "pytest was recognised, but its output has no count"
    assert said.startswith(expected)


@pytest.mark.parametrize("name", UNITTEST)
def test_unittest(bank: BankFolder, name: str) -> None:
    text, expected = UNITTEST[name]
    before = "class T(unittest.TestCase):\n    def test_first(self): pass\n"
    (bank.project / "unit.py").write_text(f"{TEST}{before}{text}", encoding="utf-8")
    assert said_of(ran(bank, f"{sys.executable} -m unittest unit")).startswith(expected)


@pytest.fixture
def node(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", os.pathsep.join([str(need(NODE).parent), os.environ["PATH"]]))


@pytest.mark.usefixtures("node")
@pytest.mark.parametrize("reporter", ["spec", "tap"])
@pytest.mark.parametrize("name", sampled(SCRIPT, 3))
def test_node(bank: BankFolder, name: str, reporter: str) -> None:
    text, expected = SCRIPT[name]
    (bank.project / "it.test.cjs").write_text(f"{BEFORE}{text}", encoding="utf-8")
    assert expected in said_of(ran(bank, f"node --test --test-reporter={reporter} it.test.cjs"))


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
@pytest.mark.parametrize(
    ("recipe", "expected"),
    [
        ("-@{python} -m pytest -q test_it.py", "make says: make: [Makefile:2: check] Error 1 (ignored); exit 0, but"),
        ("-@{python} -m pytest -p no:terminal test_it.py", "make says: make: [Makefile:2: check] Error 1 (ignored)"),
        ("@{python} -m pytest -qq test_it.py; true", "pytest was recognised, but its output has no count"),
        ("@{python} -m pytest test_it.py; true", "exit 0, but only 1 of 2 passed"),
    ],
)
def test_make_that_hides_a_failure(bank: BankFolder, recipe: str, expected: str) -> None:
    (bank.project / "test_it.py").write_text("def test_a(): pass\ndef test_b(): assert 0\n", encoding="utf-8")
    text = f"check:\n\t{recipe.format(python=sys.executable)}\n"
    (bank.project / "Makefile").write_text(text, encoding="utf-8")
    assert said_of(ran(bank, "make check")).startswith(expected)


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_make_that_has_nothing_to_do_ran_no_test(bank: BankFolder) -> None:
    (bank.project / "test").mkdir()
    (bank.project / "Makefile").write_text("test:\n\t@exit 1\n", encoding="utf-8")
    assert said_of(ran(bank, "make test")) == "make says: make: 'test' is up to date."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "import unittest\nclass T(unittest.TestCase):\n    def test_a(self): self.fail()\n",
            "tests of unittest, but none",
        ),
        ("def test_a(): assert 0\n", "has tests, but nothing in it runs them"),
        ("def test_a(): pass\nif __name__ == '__main__': test_a()\n", ""),
        ("def test_a(): pass\nfor name in list(globals()): pass\n", ""),
        ("print('no test')\n", ""),
    ],
    ids=["unittest without main", "tests that are not called", "called", "called by name", "a program"],
)
def test_a_file_of_tests_that_is_run_as_a_program(bank: BankFolder, text: str, expected: str) -> None:
    (bank.project / "test_it.py").write_text(text, encoding="utf-8")
    run = ran(bank, f"{sys.executable} -u test_it.py")
    assert expected in "; ".join(run.why)
    assert bool(run.why) == bool(expected)
    if not expected:
        assert run.remark == "only the exit code is proven: the output of the command has no count of tests"


def test_a_tool_that_reads_a_file_of_tests_is_no_runner(bank: BankFolder) -> None:
    (bank.project / "test_it.py").write_text("def test_a(): assert 0\n", encoding="utf-8")
    assert ran(bank, f"{sys.executable} -m compileall -q test_it.py").why == ()


@pytest.mark.usefixtures("node")
def test_a_script_whose_tests_did_not_report_is_told(bank: BankFolder) -> None:
    (bank.project / "it.cjs").write_text(f"{BEFORE}test('a', () => {{ process.exit(0) }})\n", encoding="utf-8")
    why = ran(bank, "node it.cjs").why
    assert why == ("it.cjs has tests of node:test, but none was counted: it is unknown whether one ran",)
