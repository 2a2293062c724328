"""Evidence: the line with a command and its result, and the record bound to it.

People read the line: `` `pytest -q` → exit 0 (12/12) - the claim ^v7k2m9 ``. Bound to its ^id are
artifacts/evidence/<id>.json (what does not fit in a line: commit, digests of the covered files, times) and <id>.txt,
the output. Commit all three to git. A line edited by hand is detected because the record keeps the original text.
"""

from __future__ import annotations

import hashlib
import json
import re
import shlex
from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.document.items import ID
from memorybank.document.source import Source, digest_of
from memorybank.errors import BankError, ConfigError, NewerVersionError, NoFileError
from memorybank.shell import quoted
from memorybank.store.approvals import Runnable
from memorybank.store.journal.commit import FileChange
from memorybank.workflow.evidence.coverage import Cover
from memorybank.workflow.evidence.runners.counts import Counts, from_stored, to_stored
from memorybank.workflow.lines.find import Line, lines_in
from memorybank.workflow.lines.placement import place_of
from memorybank.workflow.progress.attachments import EVIDENCE

if TYPE_CHECKING:
    from pathlib import Path

    from memorybank.store.folder import BankFolder

VERSION = 1
BROKEN = "no longer holds"
_ENDED = (
    r" *(?P<sign>→|->|=>|[:,(-]|) *exit(?:ed|s)?(?: with)?(?: code| status)? (?P<exit>-?\d{1,10})\b\)?"
    r"(?: \((?P<said>[^()]*)\))?(?P<mark>,? " + BROKEN + r"(?: since \d{4}-\d{2}-\d{2})?)?"
)
_TOLD = re.compile(r"(?<!`)(?:`(?P<one>[^`]+)`|``(?P<two>(?:[^`]|`(?!`))+)``)(?!`)" + _ENDED)
# typed without backticks: at the start of a line, or after the words of a task
_BARE = re.compile(
    r"(?:\A| - |: )(?P<one>(?:[A-Z_][A-Z0-9_]*=\S+ )*(?P<first>[a-z./~][\w./+@-]*)(?: (?:(?! - )[^`→])*?)??)" + _ENDED
)
_PROGRAMS = frozenset(
    [
        "ant",
        "bash",
        "bazel",
        "bun",
        "bundle",
        "cargo",
        "cmake",
        "coverage",
        "ctest",
        "curl",
        "deno",
        "docker",
        "dotnet",
        "eslint",
        "flutter",
        "gcc",
        "git",
        "go",
        "gradle",
        "gradlew",
        "hatch",
        "java",
        "jest",
        "just",
        "make",
        "meson",
        "mix",
        "mocha",
        "mvn",
        "mypy",
        "ninja",
        "node",
        "nox",
        "npm",
        "npx",
        "nose2",
        "perl",
        "php",
        "phpunit",
        "pip",
        "pnpm",
        "poetry",
        "pre-commit",
        "prove",
        "pylint",
        "pyright",
        "pytest",
        "python",
        "python3",
        "rake",
        "rspec",
        "ruby",
        "ruff",
        "rustc",
        "sbt",
        "sh",
        "swift",
        "tox",
        "tsc",
        "uv",
        "uvx",
        "vitest",
        "xcodebuild",
        "yarn",
        "zig",
    ]
)
# syntax that needs a shell
_SHELL = re.compile(r"[|&;<>$()*?~#]|\A(?:cd|export|source|set)\b|\A[A-Za-z_]\w*=")
_CITED = re.compile(r"\(\^([0-9A-Za-z-]+)\)")
_GLOBS = 100


class EvidenceClaim(NamedTuple):
    """The command and result in a line; `before` and `after` are the words around it, of a task or a claim."""

    before: str
    command: str
    exit_code: int
    said: str
    is_broken: bool
    after: str


class Evidence(NamedTuple):
    """The record of a proof; `text` is its line as written, without checkbox and id."""

    id: str
    text: str
    command: str
    shell: bool
    folder: str
    exit_code: int
    counts: Counts | None
    commit: str
    dirty: bool
    covers: tuple[Cover, ...]
    at: str
    seconds: float
    output: str = ""
    sha256: str = ""
    report: str = ""

    @property
    def globs(self) -> tuple[str, ...]:
        """The requested patterns; empty for the whole project."""
        return tuple(cover.glob for cover in self.covers if cover.glob)


def canonical(command: str, exit_code: int, counts: Counts | None) -> str:
    """Return a command and its result in the form of a line: `` `command` → exit 0 (12/12) ``."""
    ticked = f"``{' ' if command[0] == '`' else ''}{command}{' ' if command[-1] == '`' else ''}``"
    shown = ticked if "`" in command else f"`{command}`"
    return f"{shown} → exit {exit_code}" + ("" if counts is None else f" ({counts})")


def parse_told(text: str) -> EvidenceClaim | None:
    """Parse the command and result in a line; None for a line without evidence."""
    text = without_id(text)
    found = _TOLD.search(text) or next((match for match in _BARE.finditer(text) if _is_command(match)), None)
    if found is None:
        return None
    start = found.start() if "`" in found.group() else found.start("one")
    return EvidenceClaim(
        text[:start].rstrip(" -"),
        (found["one"] or found["two"]).strip(),
        int(found["exit"]),
        found["said"] or "",
        found["mark"] is not None,
        text[found.end() :].lstrip(" -"),
    )


def _is_command(found: re.Match[str]) -> bool:
    """Check whether words without backticks are a command, by an arrow after them or the name of a program."""
    first = found["first"]
    if not found["sign"]:
        return False
    return found["sign"] in ("→", "->", "=>") or first in _PROGRAMS or "/" in first or first.endswith((".sh", ".py"))


def binding(line: Line, told: EvidenceClaim) -> str:
    """Return the `bank` command that runs a line's command and binds the line to the result."""
    subject = quoted(f"^{line.id}" if line.id else line.text)
    try:
        words = shlex.split(told.command)
    except ValueError:
        words = []
    plain = words and not _SHELL.search(told.command)
    run = " ".join(map(quoted, words)) if plain else quoted(told.command)
    options = "" if plain else "--shell "
    # a subject that starts with a dash must come after `--`
    place = f"{options}-- {subject}" if line.text.startswith("-") and not line.id else f"{subject} {options}--"
    return f"bank prove {place} {run}"


def told_line(told: EvidenceClaim, shown: str, *, broken: str = "") -> str:
    """Return a line with a new result; the words before and after it stay."""
    mark = f", {BROKEN} since {broken}" if broken else ""
    return " - ".join(each for each in (told.before, shown + mark, told.after) if each)


def cited(told: EvidenceClaim) -> str:
    """Return the id of the line cited after a result, as in `(^v7k2m9)`; "" without one."""
    found = _CITED.match(told.after)
    return found[1] if found else ""


def without_id(text: str) -> str:
    """Return a line's text without its ^id."""
    found = ID.search(text)
    return text[: found.start()].rstrip() if found else text


def evidence_lines(bank: BankFolder) -> list[tuple[Line, EvidenceClaim]]:
    """List the evidence lines of the progress files, in the order of the file."""
    files = dict.fromkeys(place_of(bank, kind).file for kind in ("verification", "done", "task"))
    lines = [line for file in files for line in lines_in(bank, file)]
    return [(line, told) for line in lines if (told := parse_told(line.text)) is not None]


def runnable_of(command: str, *, shell: bool, folder: str) -> Runnable:
    """Return a command in the form to approve: with a shell or another folder it counts as another command."""
    text = command + (" (by a shell)" if shell else "") + (f" (in {folder})" if folder else "")
    return Runnable(f"evidence {digest_of(text.encode('utf-8', 'surrogateescape'))[:8]}", text)


def declared(bank: BankFolder) -> list[Runnable]:
    """Return the commands of all evidence, as `bank trust` shows them; each once."""
    found = {}
    for line, told in evidence_lines(bank):
        known = bound_to(bank, line.id)
        shell, folder = (known.shell, known.folder) if known else (False, "")
        each = runnable_of(told.command, shell=shell, folder=folder)
        found[each.name] = each
    return list(found.values())


def bound_to(bank: BankFolder, ident: str) -> Evidence | None:
    """Return the record bound to an id; None if it is missing or unreadable."""
    try:
        return read_evidence(bank, ident) if ident else None
    except BankError:
        return None


def places_of(bank: BankFolder, ident: str) -> tuple[Path, Path]:
    """Return the paths of an id's record and of its output."""
    folder = bank.folder / EVIDENCE
    return folder / f"{ident}.json", folder / f"{ident}.txt"


def read_evidence(bank: BankFolder, ident: str) -> Evidence:
    """Read the record bound to an id.

    Raises:
        NoFileError: there is no record.
        ConfigError: the record is invalid.
        NewerVersionError: a newer version of the program wrote it.
    """
    path = places_of(bank, ident)[0]
    try:
        value = json.loads(bank.read(path))
    except NoFileError:
        raise NoFileError(path=f"{EVIDENCE}/{ident}.json", hint="bank verify") from None
    except (ValueError, RecursionError) as error:
        raise ConfigError(path=path, why=f"invalid JSON: {error}") from error
    if isinstance(value, dict) and isinstance(value.get("version"), int) and value["version"] > VERSION:
        raise NewerVersionError(path=path, found=value["version"], known=VERSION)
    try:
        return _parsed(ident, value)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ConfigError(path=path, why=f"invalid evidence record: {error}") from error


def _parsed(ident: str, value: Any) -> Evidence:
    texts = {name: value[name] for name in ("text", "command", "folder", "commit", "at", "output", "sha256", "report")}
    if not all(isinstance(text, str) for text in texts.values()):
        raise TypeError("a text field is not a string")
    counts = None if value["counts"] is None else from_stored(value["counts"])
    covers = tuple(Cover(str(cover["glob"]), str(cover["digest"]), int(cover["files"])) for cover in value["covers"])
    if len(covers) > _GLOBS:
        raise ValueError(f"more than {_GLOBS} patterns")
    return Evidence(
        id=ident,
        shell=bool(value["shell"]),
        exit_code=int(value["exit_code"]),
        counts=counts,
        dirty=bool(value["dirty"]),
        covers=covers,
        seconds=float(value["seconds"]),
        **texts,
    )


def is_output_kept(bank: BankFolder, evidence: Evidence) -> bool:
    """Check whether the stored output exists and is unchanged."""
    try:
        data = bank.read(places_of(bank, evidence.id)[1])
    except BankError:
        return False
    return hashlib.sha256(data).hexdigest() == evidence.sha256


def bind(bank: BankFolder, evidence: Evidence, output: str) -> list[FileChange]:
    """Plan to write an id's record and output, replacing earlier ones."""
    fields = evidence._asdict()
    fields["counts"] = None if evidence.counts is None else to_stored(evidence.counts)
    fields["covers"] = [cover._asdict() for cover in evidence.covers]
    text = json.dumps({"version": VERSION, **fields}, ensure_ascii=False, indent=1) + "\n"
    record, kept = places_of(bank, evidence.id)
    return [_put(bank, kept, output), _put(bank, record, text)]


def _put(bank: BankFolder, path: Path, text: str) -> FileChange:
    try:
        base = Source(bank.read(path)).digest
    except NoFileError:
        base = ""
    return FileChange(path, text=text, base=base)
