"""Checks of facts: run only as approved, without a shell, with an end, and with evidence that holds no secret."""

from __future__ import annotations

import os
import shlex
import sys
import time
from typing import TYPE_CHECKING

import pytest

from memorybank.errors import ConfigError, NoRecordError, UntrustedError
from memorybank.records.ledgers.fact_check import check_pafs, declared, tail_of
from memorybank.records.ledgers.facts import add_paf
from memorybank.store.approvals import approve
from tests.running import bank as run_bank

if TYPE_CHECKING:
    from pathlib import Path

    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way

AT = "2026-11-21T09:30:00Z"
TOKEN = "ghp_" + "x8Kq2LmV0pRtYw4ZbNcD7sGfHj3AeU5iO1Tk"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "own"


def python(code: str) -> str:
    return f"{shlex.quote(sys.executable)} -c {shlex.quote(code)}"


def declare(bank: BankFolder, home: Path | None, *, timeout: int = 60, **checks: str) -> None:
    """Declare commands in bank.toml, and approve them where a home is given."""
    rows = "".join(f"{ident.replace('_', '-')} = '''{text}'''\n" for ident, text in checks.items())
    path = bank.folder / "bank.toml"
    path.write_text(f"[paf]\ntimeout = {timeout}\n[paf.checks]\n{rows}", encoding="utf-8")
    if home is not None:
        approve(home, bank, declared(bank), at=AT)


def test_a_check_tells_its_exit_code_and_the_end_of_what_it_printed(bank: BankFolder, way: Way, home: Path) -> None:
    for text in ("Holds", "Does not"):
        add_paf(bank, "AUTH", text, way, status="active")
    bad = "import sys; print('seen'); print('why', file=sys.stderr); sys.exit(3)"
    declare(bank, home, AUTH_001=python("print('fine')"), AUTH_002=python(bad))
    good, failed = check_pafs(bank, home, os.environ)
    assert (good.id, good.state, good.exit_code, good.output, good.text) == ("AUTH-001", "passed", 0, "fine", "Holds")
    assert (failed.state, failed.exit_code) == ("failed", 3)
    assert sorted(failed.output.split("\n")) == ["seen", "why"]


def test_nothing_runs_before_all_that_is_due_is_approved(
    bank: BankFolder, way: Way, home: Path, tmp_path: Path
) -> None:
    for text in ("One", "Two"):
        add_paf(bank, "A", text, way, status="active")
    mark = tmp_path / "ran"
    touch = python(f"open({str(mark)!r}, 'w')")
    declare(bank, home, A_001=touch)
    declare(bank, None, A_001=touch, A_002="true")
    with pytest.raises(UntrustedError):
        check_pafs(bank, home, os.environ)
    assert not mark.exists()
    assert [each.state for each in check_pafs(bank, home, os.environ, idents=["a-001"])] == ["passed"]
    assert mark.exists()


def test_one_changed_character_needs_a_new_approval(bank: BankFolder, way: Way, home: Path) -> None:
    add_paf(bank, "A", "One", way, status="active")
    declare(bank, home, A_001=python("1"))
    declare(bank, None, A_001=python("2"))
    with pytest.raises(UntrustedError):
        check_pafs(bank, home, os.environ)


def test_there_is_no_shell(bank: BankFolder, way: Way, home: Path) -> None:
    add_paf(bank, "A", "One", way, status="active")
    code = "import sys; print(sys.argv[1:])"
    declare(bank, home, A_001=f"{python(code)} a;touch x && $HOME `id` > out")
    (result,) = check_pafs(bank, home, os.environ)
    assert result.output == "['a;touch', 'x', '&&', '$HOME', '`id`', '>', 'out']"


def test_it_runs_in_the_projects_folder_with_nothing_to_read(bank: BankFolder, way: Way, home: Path) -> None:
    add_paf(bank, "A", "One", way, status="active")
    declare(bank, home, A_001=python("import os, sys; print(os.getcwd(), repr(sys.stdin.read()))"))
    (result,) = check_pafs(bank, home, os.environ)
    assert result.output == f"{bank.project.resolve()} ''"


@pytest.mark.skipif(sys.platform == "win32", reason="process groups of another kind there")
def test_a_check_that_does_not_end_is_ended_with_what_it_started(
    bank: BankFolder, way: Way, home: Path, tmp_path: Path
) -> None:
    add_paf(bank, "A", "One", way, status="active")
    mark = tmp_path / "alive"
    child = f"while :; do : > {shlex.quote(str(mark))}; sleep 0.05; done"
    code = (
        "import subprocess, sys, time; "
        f"subprocess.Popen(['sh', '-c', {child!r}]); print('begun', flush=True); time.sleep(60)"
    )
    declare(bank, home, timeout=3, A_001=python(code))
    begun = time.monotonic()
    (result,) = check_pafs(bank, home, os.environ)
    assert (result.state, result.exit_code, result.output) == ("timeout", None, "begun")
    assert time.monotonic() - begun < 30
    mark.unlink()
    time.sleep(0.5)
    assert not mark.exists()


def test_a_command_that_is_not_there_is_an_error_of_its_own(bank: BankFolder, way: Way, home: Path) -> None:
    for text in ("One", "Two"):
        add_paf(bank, "A", text, way, status="active")
    declare(bank, home, A_001="no-such-program --x", A_002=python("1"))
    assert [each.state for each in check_pafs(bank, home, os.environ)] == ["error", "passed"]


def test_facts_that_do_not_hold_are_passed_over_unless_they_are_named(bank: BankFolder, way: Way, home: Path) -> None:
    add_paf(bank, "A", "Proposed", way)
    declare(bank, home, A_001=python("1"), A_009=python("1"))
    results = check_pafs(bank, home, os.environ)
    assert [(each.state, each.output) for each in results] == [
        ("skipped", "the fact is proposed"),
        ("skipped", "there is no such fact"),
    ]
    assert [each.state for each in check_pafs(bank, home, os.environ, idents=["PAF-A-001"])] == ["passed"]
    with pytest.raises(NoRecordError):
        check_pafs(bank, home, os.environ, idents=["A-002"])


def test_evidence_holds_no_secret(bank: BankFolder, way: Way, home: Path) -> None:
    add_paf(bank, "A", "One", way, status="active")
    declare(bank, home, A_001=python("import os; print('token', os.environ['TOKEN'])"))
    (result,) = check_pafs(bank, home, {**os.environ, "TOKEN": TOKEN})
    assert TOKEN not in result.output
    assert "<redacted:" in result.output


def test_the_end_of_a_long_output_is_whole_lines() -> None:
    assert tail_of(b"") == ""
    assert tail_of(b"a\r\nb\xff\n") == "a\nb\ufffd"
    assert tail_of(b"".join(b"%d\n" % number for number in range(9999))) == "\n".join(map(str, range(9979, 9999)))
    assert len(tail_of(b"x" * 100_000)) <= 4000
    # a secret that would begin before the cut is seen whole first
    assert TOKEN[-20:] not in tail_of((TOKEN + "y" * 3980).encode())


@pytest.mark.parametrize(
    "text",
    [
        "paf = 1\n",
        "[paf]\nchecks = 1\n",
        "[paf.checks]\nA-001 = 1\n",
        "[paf.checks]\nA-001 = ''\n",
        '[paf.checks]\nA-001 = "open \'quote"\n',
        "[paf]\ntimeout = 0\n[paf.checks]\nA-001 = 'true'\n",
        "[paf]\ntimeout = true\n[paf.checks]\nA-001 = 'true'\n",
        "[paf",
    ],
)
def test_settings_that_cannot_be_understood_are_told(bank: BankFolder, home: Path, text: str) -> None:
    (bank.folder / "bank.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError):
        check_pafs(bank, home, os.environ)


def test_on_the_command_line(bank: BankFolder, way: Way, home: Path) -> None:
    add_paf(bank, "A", "One", way, status="active")
    declare(bank, None, A_001=python("import sys; sys.exit(1)"))
    env = {"MEMORYBANK_HOME": str(home)}
    assert run_bank(bank.project, "paf", "check", env=env).returncode == 5
    asked = run_bank(bank.project, "trust", text="n\n", env=env)
    assert "sys.exit(1)" in asked.stdout
    assert run_bank(bank.project, "paf", "check", env=env).returncode == 5
    assert run_bank(bank.project, "trust", text="y\n", env=env).returncode == 0
    checked = run_bank(bank.project, "paf", "check", "--json", env=env)
    assert checked.returncode == 1
    assert '"exit_code": 1' in checked.stdout
    assert run_bank(bank.project, "trust", "revoke", env=env).returncode == 0
    assert run_bank(bank.project, "paf", "check", env=env).returncode == 5
