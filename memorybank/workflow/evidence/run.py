"""One run of a command as a proof: what it covers before and after, its counts, and why it may be invalid."""

from __future__ import annotations

import hashlib
import re
import shlex
import sys
from typing import TYPE_CHECKING, NamedTuple

from memorybank.errors import OutsideError, SecretError, UnsupportedTextError
from memorybank.process import run_program
from memorybank.secrets.scan import find_secrets, redact
from memorybank.store.git.repository import changed_since, head_of
from memorybank.workflow.evidence.coverage import changed_covers, covered, refuse_empty
from memorybank.workflow.evidence.evidence import Evidence
from memorybank.workflow.evidence.report import read_reports, reports_before
from memorybank.workflow.evidence.runners.programs import unrun_tests
from memorybank.workflow.evidence.runners.recognise import plain, read_counts
from memorybank.workflow.evidence.validity import faults_of_command, faults_of_run
from memorybank.workflow.progress.attachments import EVIDENCE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way
    from memorybank.workflow.evidence.runners.counts import Counts
from memorybank.workflow.evidence.coverage import Cover

SECONDS = 600
COMMAND_LENGTH = 1000
# bytes: enough to find the counts of any run; much less is stored
_HELD = 16 * 1024 * 1024
_KEPT = 64 * 1024
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


class ProofRequest(NamedTuple):
    """A command to run as a proof: its text as shown in the line, and its folder below the project."""

    command: str
    shell: bool = False
    folder: str = ""
    covers: tuple[str, ...] = ()
    report: str = ""

    @property
    def words(self) -> list[str]:
        """The words of the command to run."""
        return [self.command] if self.shell else shlex.split(self.command)


class Run(NamedTuple):
    """The result of a run; `why` says why it is not a proof, and is empty if it is one."""

    why: tuple[str, ...]
    exit_code: int | None
    counts: Counts | None
    seconds: float
    output: str
    commit: str = ""
    dirty: bool = False
    covers: tuple[Cover, ...] = ()

    @property
    def remark(self) -> str:
        """What a reader should know of a proof: without counts it says only how the command ended."""
        if self.why or self.counts is not None or self.exit_code is None:
            return ""
        return "only the exit code is proven: the output of the command has no count of tests"


def asked(
    words: Sequence[str], way: Way, *, shell: bool, folder: str, covers: Sequence[str], report: str
) -> ProofRequest:
    """Return the request for a command as typed.

    Raises:
        UnsupportedTextError: the command does not fit in one line.
        SecretError: it looks like it has a secret.
    """
    if shell and len(words) != 1:
        raise UnsupportedTextError(why="with --shell the whole command must be one argument", hint="quote the command")
    command = words[0].strip() if shell else shlex.join(words)
    if not command or _CONTROL.search(command) or "\n" in command or "``" in command or len(command) > COMMAND_LENGTH:
        why = f"a command must be one line of at most {COMMAND_LENGTH} characters"
        raise UnsupportedTextError(why=why, hint="put the command into a script, and run that script")
    for secret in find_secrets(command):
        if secret.rule not in way.options.allow_secrets:
            raise SecretError(rule=secret.rule, line=secret.line)
    return ProofRequest(command, shell, folder, tuple(covers), report)


def run_proof(bank: BankFolder, what: ProofRequest, environ: Mapping[str, str], seconds: float) -> Run:
    """Run a command in its folder and check its result; write nothing.

    Raises:
        OutsideError: the folder, a pattern or the report is not in the project.
        NoFileError: a pattern matches no file.
    """
    try:
        words = what.words
    except ValueError as error:
        return Run((f"the command cannot be parsed: {error}",), None, None, 0.0, "")
    faults = faults_of_command(words, shell=what.shell)
    if faults:
        return Run(tuple(faults), None, None, 0.0, "")
    folder = _inside(bank, what.folder)
    before = covered(bank, what.covers, what.report)
    refuse_empty(before)
    reports = reports_before(bank, what.report) if what.report else None
    ran = run_program(_called(words, shell=what.shell), folder, _quiet(environ), seconds, limit=_HELD)
    output = plain(ran.output.decode("utf-8", "replace"))
    counts = read_counts(output, words)
    if reports is not None:
        counts, unread = read_reports(bank, reports)
        faults += unread
    faults += faults_of_run(ran, counts, words)
    unrun = "" if faults or counts is not None or what.shell else unrun_tests(words, folder)
    faults += [unrun] if unrun else []
    if ran.cut and counts is not None:
        faults.append("it printed too much output to be counted")
    faults += [
        f"{cover} changed while it ran" for cover in changed_covers(before, covered(bank, what.covers, what.report))
    ]
    commit = head_of(bank.project)
    changed = changed_since(bank.project, commit, without=_bank_of(bank)) if commit else None
    shown = redact(output)
    return Run(
        tuple(faults), ran.exit_code, counts, ran.seconds, shown, commit, bool(changed and changed.files), before
    )


def _bank_of(bank: BankFolder) -> tuple[str, ...]:
    return () if bank.is_users_own else bank.names_below(bank.project)


def _inside(bank: BankFolder, name: str) -> Path:
    path = bank.project / name
    real, root = path.resolve(), bank.project.resolve()
    if not real.is_relative_to(root):
        raise OutsideError(path=name, why="a proof must stay inside the project")
    return path


def _called(words: list[str], *, shell: bool) -> list[str]:
    if not shell:
        return words
    return ["cmd", "/c", words[0]] if sys.platform == "win32" else ["/bin/sh", "-c", words[0]]


def _quiet(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment with plain text output requested; everything else stays."""
    kept = {name: value for name, value in environ.items() if name not in ("FORCE_COLOR", "CLICOLOR_FORCE")}
    # prove counts a skipped test as passed, unless it prints the tests too
    return {**kept, "NO_COLOR": "1", "TERM": "dumb", "HARNESS_VERBOSE": "1"}


def evidence_of(ident: str, text: str, what: ProofRequest, run: Run, at: str) -> tuple[Evidence, str]:
    """Return the record of a line, and the output to store: its end, without secrets."""
    kept = _kept(f"$ {what.command}\n{run.output}")
    found = Evidence(
        id=ident,
        text=text,
        command=what.command,
        shell=what.shell,
        folder=what.folder,
        exit_code=run.exit_code if run.exit_code is not None else -1,
        counts=run.counts,
        commit=run.commit,
        dirty=run.dirty,
        covers=run.covers,
        at=at,
        seconds=run.seconds,
        output=f"{EVIDENCE}/{ident}.txt",
        sha256=hashlib.sha256(kept.encode("utf-8", "surrogateescape")).hexdigest(),
        report=what.report,
    )
    return found, kept


def _kept(output: str) -> str:
    text = _CONTROL.sub("\N{REPLACEMENT CHARACTER}", redact(output)).rstrip("\n")
    if len(text) > _KEPT:
        head, _, tail = text.partition("\n")
        tail = tail[-_KEPT:]
        text = f"{head}\n[…]\n{tail[tail.find(chr(10)) + 1 :]}"
    return redact(text) + "\n"
