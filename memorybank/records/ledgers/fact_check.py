"""Check facts: run the command that bank.toml declares for each, without a shell, and keep the end of its output.

[paf.checks]
AUTH-001 = "python -m pytest -q tests/auth"
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.errors import ConfigError, NoRecordError
from memorybank.process import run_program
from memorybank.records.ledgers.fact_line import ACTIVE
from memorybank.records.ledgers.fact_list import list_pafs
from memorybank.secrets.scan import redact
from memorybank.store.approvals import Runnable, refuse_untrusted
from memorybank.store.config import read_table
from memorybank.store.settings.table import CHECK_SECONDS as DEFAULT_TIMEOUT
from memorybank.store.settings.table import MOST_SECONDS as MAX_TIMEOUT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from memorybank.store.folder import BankFolder

TAIL_LINES = 20
TAIL_BYTES = 4000

_PREFIX = "paf "
# how much output is held while a command runs: far more than is shown, so that no secret is cut in half and missed
_HELD = 16 * TAIL_BYTES


class FactCheck(NamedTuple):
    """The result of a check: `passed`, `failed`, `timeout`, `error` (it could not be started) or `skipped`.

    `output` is the end of the output, with secrets removed; `exit_code` is None if the command did not end by itself.
    """

    id: str
    state: str
    text: str
    command: str
    exit_code: int | None
    seconds: float
    output: str


def declared(bank: BankFolder) -> list[Runnable]:
    """Return the commands that bank.toml declares for facts, as `bank trust` shows them.

    Raises:
        ConfigError: a command is not a string that can be split into words.
    """
    path = bank.folder / "bank.toml"
    checks = _table(bank).get("checks", {})
    if not isinstance(checks, dict):
        raise ConfigError(path=path, why='[paf.checks] must have rows such as AUTH-001 = "command"')
    for ident, text in checks.items():
        if not isinstance(text, str) or not _words(text, path, ident):
            raise ConfigError(path=path, why=f"paf.checks.{ident} must be a command")
    return [Runnable(f"{_PREFIX}{ident}", text) for ident, text in checks.items()]


def name_of_check(ident: str) -> str:
    """Return the name under which a fact's command is approved."""
    return f"{_PREFIX}{ident.strip().removeprefix(_PREFIX)}"


def check_pafs(
    bank: BankFolder, home: Path, environ: Mapping[str, str], *, idents: Sequence[str] = ()
) -> list[FactCheck]:
    """Run the commands of active facts, or of the named ones, in the project's folder, one after the other.

    Raises:
        UntrustedError: a command is not approved on this machine with its exact text; then none is run.
        NoRecordError: a named fact has no command.
        ConfigError: the declared commands are not valid.
    """
    known = {each.name.removeprefix(_PREFIX).upper(): each for each in declared(bank)}
    wanted = [each.strip().upper().removeprefix("PAF-") for each in idents]
    for ident in wanted:
        if ident not in known:
            raise NoRecordError(ident=ident, kind="check", near=list(known)[:3], hint="bank paf list")
    seconds = _timeout(bank)
    facts = {paf.id: paf for paf in list_pafs(bank)}
    chosen = {ident: each for ident, each in known.items() if not wanted or ident in wanted}
    due = [each for ident, each in chosen.items() if wanted or (ident in facts and facts[ident].status == ACTIVE)]
    refuse_untrusted(home, bank, due)
    results = []
    for ident, each in chosen.items():
        fact = facts.get(ident)
        text = fact.text if fact else ""
        if each in due:
            results.append(_run(ident, text, each.text, bank, environ, seconds))
        else:
            why = f"the fact is {fact.status}" if fact else "there is no such fact"
            results.append(FactCheck(ident, "skipped", text, each.text, None, 0.0, why))
    return results


def _table(bank: BankFolder) -> dict[str, Any]:
    path = bank.folder / "bank.toml"
    table = read_table(path).get("paf", {})
    if not isinstance(table, dict):
        raise ConfigError(path=path, why="paf must be a table: [paf.checks]")
    return table


def _timeout(bank: BankFolder) -> int:
    value = _table(bank).get("timeout", DEFAULT_TIMEOUT)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= MAX_TIMEOUT:
        raise ConfigError(path=bank.folder / "bank.toml", why=f"paf.timeout must be seconds, at most {MAX_TIMEOUT}")
    return value


def _words(text: str, path: Path, ident: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError as error:
        raise ConfigError(path=path, why=f"paf.checks.{ident}: {error}") from error


def _run(ident: str, text: str, command: str, bank: BankFolder, environ: Mapping[str, str], seconds: int) -> FactCheck:
    ran = run_program(shlex.split(command), bank.project, environ, seconds, limit=_HELD)
    state = ran.state if ran.state != "ended" else "failed" if ran.exit_code else "passed"
    return FactCheck(ident, state, text, command, ran.exit_code, ran.seconds, tail_of(ran.output))


def tail_of(output: bytes) -> str:
    """Return the end of an output as text: a few whole lines, with secrets removed."""
    text = redact(output.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")).rstrip("\n")
    lines = text[-TAIL_BYTES:].split("\n") if len(text) > TAIL_BYTES else text.split("\n")
    if len(text) > TAIL_BYTES and len(lines) > 1:
        lines = lines[1:]
    return "\n".join(lines[-TAIL_LINES:])
