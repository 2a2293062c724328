"""Reports: what a run wrote is counted, one file or many; what stood there before is not."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from memorybank.errors import OutsideError
from memorybank.workflow.evidence.report import read_reports, reports_before
from memorybank.workflow.evidence.runners.recognise import read_report
from tests.running import bank as run_bank
from tests.running import make_bank

if TYPE_CHECKING:
    from memorybank.store.folder import BankFolder

SUITE = '<testsuite name="{name}" tests="{tests}">{cases}</testsuite>'
PASSES = '<testcase name="a"/>'
SKIPPED = '<testcase name="s"><skipped/></testcase>'
FAILS = '<testcase name="b"><failure/></testcase>'
CASES = Path(__file__).parents[1] / "cases" / "junit"


def suite(*cases: str) -> str:
    return SUITE.format(name="T", tests=len(cases), cases="".join(cases))


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def test_a_folder_of_reports_is_their_sum(bank: BankFolder) -> None:
    """Surefire writes one file for each class."""
    reports = reports_before(bank, "target/surefire-reports")
    folder = bank.project / "target/surefire-reports"
    write(folder / "TEST-A.xml", suite(PASSES, PASSES))
    write(folder / "TEST-B.xml", suite(PASSES, SKIPPED))
    write(folder / "A.txt", "Tests run: 2")
    write(folder / "failsafe-summary.xml", "<failsafe-summary><completed>2</completed></failsafe-summary>")
    write(folder / "junitreports/TEST-A.xml", suite(PASSES, PASSES))
    counts, why = read_reports(bank, reports)
    assert (str(counts), why) == ("3/3, 1 skipped", [])


def test_the_reports_of_gradle_are_one_folder_down(bank: BankFolder) -> None:
    reports = reports_before(bank, "build/test-results")
    write(bank.project / "build/test-results/test/TEST-A.xml", suite(PASSES))
    write(bank.project / "build/test-results/integrationTest/TEST-B.xml", suite(PASSES, FAILS))
    assert str(read_reports(bank, reports)[0]) == "2/3"


def test_a_pattern_is_the_sum_of_what_it_matches(bank: BankFolder) -> None:
    reports = reports_before(bank, "*/target/surefire-reports/TEST-*.xml")
    for module in ("core", "web"):
        write(bank.project / module / "target/surefire-reports/TEST-A.xml", suite(PASSES))
    assert str(read_reports(bank, reports)[0]) == "2/2"


def test_a_report_of_an_earlier_run_is_not_counted(bank: BankFolder) -> None:
    folder = bank.project / "target/surefire-reports"
    write(folder / "TEST-Old.xml", suite(PASSES, PASSES, PASSES))
    reports = reports_before(bank, "target/surefire-reports")
    assert read_reports(bank, reports) == (None, ["the report target/surefire-reports was not written by this run"])
    write(folder / "TEST-New.xml", suite(PASSES))
    assert str(read_reports(bank, reports)[0]) == "1/1"


def test_a_damaged_report_among_others_is_no_proof(bank: BankFolder) -> None:
    reports = reports_before(bank, "out")
    write(bank.project / "out/a.xml", suite(PASSES))
    write(bank.project / "out/b.xml", suite(PASSES)[:-20])
    assert read_reports(bank, reports) == (None, ["out/b.xml is a damaged report"])


@pytest.mark.parametrize("name", ["../out", "../*.xml", "/srv/*.xml"])
def test_reports_stay_in_the_project(bank: BankFolder, name: str) -> None:
    with pytest.raises(OutsideError):
        reports_before(bank, name)


@pytest.mark.parametrize("path", sorted(CASES.iterdir()), ids=lambda path: path.name)
def test_the_report_of_a_real_run_is_counted(path: Path) -> None:
    """The first line is a comment: where the report is from, and its counts."""
    head, _, text = path.read_text(encoding="utf-8").partition("\n")
    source, _, wanted = head.removeprefix("<!-- ").removesuffix(" -->").partition(" => ")
    assert source.startswith(("recorded with ", "published: "))
    (counts,) = read_report(text)
    found = f"{counts.runner} {counts}"
    assert "; ".join(each for each in (found, counts.fault, counts.outside) if each) == wanted


def test_a_folder_of_reports_is_counted_from_the_command_line(tmp_path: Path) -> None:
    make_bank(tmp_path)
    script = "import pathlib\np = pathlib.Path('out')\np.mkdir()\n" + "".join(
        f"(p / '{name}.xml').write_text({suite(*cases)!r})\n"
        for name, cases in (("a", (PASSES, PASSES)), ("b", (PASSES, SKIPPED)))
    )
    write(tmp_path / "make_reports.py", script)
    options = ("--report", "out", "--covers", "*.py")
    proof = run_bank(tmp_path, "prove", "all is well", *options, "--", sys.executable, "make_reports.py")
    assert proof.returncode == 0, proof.stdout + proof.stderr
    assert "(3/3, 1 skipped)" in (tmp_path / ".memorybank/progress.md").read_text(encoding="utf-8")
