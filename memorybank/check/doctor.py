"""The doctor: one probe for each thing around a bank that can be out of order; each says its mend, some do it."""

from __future__ import annotations

import json
import os
import stat
import sys
from typing import TYPE_CHECKING, NamedTuple

from memorybank.errors import BankError, LockedError, NoFileError
from memorybank.files.write import lock, read
from memorybank.shell import quoted
from memorybank.store.cache import hide_state
from memorybank.store.config import read_config
from memorybank.store.git.repository import ask
from memorybank.store.journal.log import journal_path, read_operations
from memorybank.store.journal.recover import recover, state_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from memorybank.store.folder import BankFolder

    Examine = Callable[[BankFolder], tuple[str, str]]
    Mend = Callable[[BankFolder], None]

_INDEX = b"SQLite format 3\0"
_PRIVATE = 0o700


class Probe(NamedTuple):
    """What one probe found: `fault` is empty where all is well; `mend` is what helps, `fixable` by `doctor --fix`."""

    name: str
    fault: str
    mend: str
    fixable: bool


def probe_settings(bank: BankFolder) -> tuple[str, str]:
    """Look whether bank.toml can be understood."""
    try:
        read_config(bank.folder / "bank.toml")
    except BankError as error:
        return error.message, error.hint
    return "", ""


def probe_files(bank: BankFolder) -> tuple[str, str]:
    """Look whether every memory file can be read and written."""
    for name in bank.main_files:
        path = bank.folder / name
        try:
            bank.read(path)
        except NoFileError:
            continue  # told by `bank check`
        except BankError as error:
            return error.message, error.hint
        if not os.access(path, os.W_OK):
            return f"{name} cannot be written", f"chmod u+w {quoted(path)}"
    return ("", "") if os.access(bank.folder, os.W_OK) else (f"{bank.folder} cannot be written", "")


def probe_lock(bank: BankFolder) -> tuple[str, str]:
    """Look whether another process holds the bank."""
    path = bank.state / "lock"
    if not path.exists():
        return "", ""
    try:
        with lock(path, timeout=0.0, holder="doctor"):
            return "", ""
    except LockedError as error:
        return error.message, "wait for it to end; the lock goes with its process"
    except BankError as error:
        return error.message, error.hint


def probe_journal(bank: BankFolder) -> tuple[str, str]:
    """Look whether every line of the journal is one."""
    broken = 0
    try:
        data = read(journal_path(bank))
    except NoFileError:
        return "", ""
    except BankError as error:
        return error.message, error.hint
    for line in data.split(b"\n"):
        try:
            broken += bool(line) and not isinstance(json.loads(line), dict)
        except (ValueError, RecursionError):
            broken += 1
    why = f"{broken} line{'s' if broken > 1 else ''} of the journal cannot be read: what they told is lost to undo"
    return (why, "nothing needs to be done; whole lines are read all the same") if broken else ("", "")


def probe_unfinished(bank: BankFolder) -> tuple[str, str]:
    """Look whether a crash left an operation half done."""
    torn = [each.id for each in read_operations(bank, tail=True) if each.state == "begun" and state_of(bank, each)]
    return (f"not settled: {', '.join(torn)}", "bank doctor --fix") if torn else ("", "")


def probe_index(bank: BankFolder) -> tuple[str, str]:
    """Look whether the search index is one; it may be deleted at any time."""
    path = bank.state / "index.sqlite"
    try:
        head = path.read_bytes()[: len(_INDEX)]
    except FileNotFoundError:
        return "", ""
    except OSError as error:
        return f"the search index cannot be read: {error.strerror}", f"rm {quoted(path)}"
    return ("", "") if head in (_INDEX, b"") else ("the search index is none", f"rm {quoted(path)}")


def probe_private(bank: BankFolder) -> tuple[str, str]:
    """Look whether local state, which holds what files held before, is the user's alone."""
    if sys.platform == "win32" or not bank.state.is_dir():
        return "", ""
    mode = stat.S_IMODE(bank.state.stat().st_mode)
    return (f"others may read {bank.state} ({mode:o})", "bank doctor --fix") if mode & 0o077 else ("", "")


def probe_ignored(bank: BankFolder) -> tuple[str, str]:
    """Look whether git leaves local state alone."""
    if not bank.state.is_dir() or ask(bank.project, "rev-parse", "--git-dir") is None:
        return "", ""
    tracked = ask(bank.project, "ls-files", "--", str(bank.state))
    if tracked and tracked.strip():
        return "git tracks local state", f"git rm -r --cached {quoted(bank.state)}"
    if (bank.state / ".gitignore").exists() or ask(bank.project, "check-ignore", "-q", str(bank.state)) is not None:
        return "", ""
    return "git does not ignore local state", "bank doctor --fix"


def probe_attributes(bank: BankFolder) -> tuple[str, str]:
    """Look whether every merge driver that .gitattributes names is configured in this clone."""
    try:
        text = bank.read(bank.project / ".gitattributes").decode("utf-8", "replace")
    except BankError:
        return "", ""
    words = [word for line in text.split("\n") if not line.startswith("#") for word in line.split()]
    drivers = {word.removeprefix("merge=") for word in words if word.startswith("merge=")}
    for name in sorted(drivers - {"union", "text", "binary", "ours"}):
        if not (ask(bank.project, "config", "--get", f"merge.{name}.driver") or "").strip():
            why = f".gitattributes asks for the merge driver {name!r}, which this clone does not know"
            return why, f"git config merge.{name}.driver COMMAND"
    return "", ""


def probe_hooks(bank: BankFolder) -> tuple[str, str]:
    """Look whether git's hooks that name `bank` can be run."""
    where = ask(bank.project, "rev-parse", "--git-path", "hooks")
    folder = bank.project / where.strip() if where else None
    for path in sorted(folder.iterdir()) if folder and folder.is_dir() else ():
        if path.suffix != ".sample" and path.is_file() and not os.access(path, os.X_OK) and _names_bank(path):
            return f"the hook {path.name} is not executable, so git passes over it", f"chmod +x {quoted(path)}"
    return "", ""


def _names_bank(path: Path) -> bool:
    try:
        return b"bank " in path.read_bytes()[:65536]
    except OSError:
        return False


def _settle(bank: BankFolder) -> None:
    with lock(bank.state / "lock", holder="doctor"):
        recover(bank, read_operations(bank, tail=True))


def _make_private(bank: BankFolder) -> None:
    bank.state.chmod(_PRIVATE)


PROBES: dict[str, Examine] = {
    "settings": probe_settings,
    "files": probe_files,
    "lock": probe_lock,
    "journal": probe_journal,
    "unfinished": probe_unfinished,
    "index": probe_index,
    "private": probe_private,
    "ignored": probe_ignored,
    "attributes": probe_attributes,
    "hooks": probe_hooks,
}
_MENDS: dict[str, Mend] = {"unfinished": _settle, "private": _make_private, "ignored": hide_state}


def examine(bank: BankFolder) -> list[Probe]:
    """Run every probe; nothing is changed."""
    found = []
    for name, probe in PROBES.items():
        fault, mend = probe(bank)
        found.append(Probe(name, fault, mend, bool(fault) and mend == "bank doctor --fix" and name in _MENDS))
    return found


def mend(bank: BankFolder) -> list[str]:
    """Mend what is sure, and name what was; operations that a crash left are finished or taken back.

    Raises:
        BankError: another process holds the bank, or the disk refuses.
    """
    done = [each.name for each in examine(bank) if each.fixable]
    for name in done:
        _MENDS[name](bank)
    return done
