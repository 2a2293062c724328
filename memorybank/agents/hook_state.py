"""What hooks know of the clients' sessions, and their log: local state, bounded, shared by processes.

`.state/hooks.json` holds for each session which events were answered and which files were changed. When it cannot be
written, an event counts as new: answering twice is better than not at all.
"""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.errors import BankError
from memorybank.files.durable import append_line, rotate
from memorybank.files.lock import lock
from memorybank.files.write import read, replace
from memorybank.store.cache import hide_state
from memorybank.times import moment_of, stamp_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from memorybank.store.folder import BankFolder

FILE, LOG, OLDER = "hooks.json", "hooks.log", "hooks.1.log"
_SESSIONS, _EVENTS, _FILES = 40, 60, 30
_LONGEST_NAME = 300
# a session that is first heard of in the middle: what that event says was done a moment before
_LEAD = timedelta(minutes=1)
_LOG_BYTES = 256 * 1024
_WAIT = 0.5
# seconds: what two clients say of one moment comes together, the next time it is something else
TOGETHER = 5.0


class SessionState(NamedTuple):
    """One session of a client: since when, how many files its tools changed, whether it was reminded, why it ended."""

    since: str = ""
    changed: int = 0
    reminded: bool = False
    ended: str = ""


def is_first(bank: BankFolder, session: str, key: str, now: datetime) -> bool:
    """Whether an event comes for the first time; without an id of its own (`key` ends in a space), within seconds."""
    found = True

    def look(row: dict[str, Any]) -> None:
        nonlocal found
        at = now.timestamp()
        given = row.get("events")
        rows = given if isinstance(given, list) else []
        # each is a key with its time
        seen = [each for each in rows if isinstance(each, list) and len(each) == 2]  # noqa: PLR2004
        last = max((float(when) for name, when in seen if name == key and isinstance(when, int | float)), default=None)
        found = last is None or (key.endswith(" ") and not 0 <= at - last <= TOGETHER)
        if found:
            row["events"] = [*seen, [key, at]][-_EVENTS:]

    _change(bank, session, now, look, starts=key.startswith("start "))
    return found


def change_state(
    bank: BankFolder, session: str, now: datetime, files: Sequence[str] = (), /, **changes: float | str
) -> SessionState:
    """Change the state of a session and return it as it was before: numbers are added, other values replaced.

    The names of `files` are added; the last ones are kept, each once.
    """
    before = SessionState()

    def look(row: dict[str, Any]) -> None:
        nonlocal before
        before = _state_in(row)
        for name, value in changes.items():
            counts = isinstance(value, int) and not isinstance(value, bool)
            row[name] = getattr(before, name) + value if counts else value
        if files:
            kept = [each for each in _files_in(row) if each not in files]
            row["files"] = [*kept, *(each for each in files if len(each) <= _LONGEST_NAME)][-_FILES:]

    _change(bank, session, now, look)
    return before


def changed_files(bank: BankFolder, since: str, session: str = "") -> list[str]:
    """Return the project's files that tools of clients wrote in sessions that went on after a time, or in one session.

    Of each session the last ones, by their names in the project. Which of them was written since then is not kept.
    """
    moment = moment_of(since)
    found = {
        name
        for ident, row in _read(bank.state / FILE).items()
        if session in {"", ident} and (moment is None or _time_in(row) >= moment.timestamp())
        for name in _files_in(row)
    }
    return sorted(found)


def mined_to(bank: BankFolder, session: str) -> int:
    """Return the byte up to which the log of a session was mined."""
    told = _read(bank.state / FILE).get(session, {}).get("mined")
    return int(told) if isinstance(told, str) and told.isdecimal() else 0


def _files_in(row: dict[str, Any]) -> list[str]:
    files = row.get("files")
    return [each for each in files if isinstance(each, str)] if isinstance(files, list) else []


def _state_in(row: dict[str, Any]) -> SessionState:
    since, changed, ended = row.get("since"), row.get("changed"), row.get("ended")
    return SessionState(
        since if isinstance(since, str) else "",
        changed if isinstance(changed, int) else 0,
        row.get("reminded") is True,
        ended if isinstance(ended, str) else "",
    )


def _change(
    bank: BankFolder, session: str, now: datetime, look: Callable[[dict[str, Any]], None], *, starts: bool = False
) -> None:
    if bank.read_only:
        look({})
        return
    path = bank.state / FILE
    done = False
    with suppress(BankError, OSError), lock(bank.state / "hooks.lock", timeout=_WAIT, holder="hook"):
        hide_state(bank)
        rows = _read(path)
        row = rows.setdefault(session, {})
        row.setdefault("since", stamp_of(now if starts else now - _LEAD))
        look(row)
        done = True
        row["at"] = now.timestamp()
        latest = sorted(rows, key=lambda name: (_time_in(rows[name]), name == session))[-_SESSIONS:]
        new = json.dumps({name: rows[name] for name in latest}, separators=(",", ":")).encode()
        # every writer has the lock, and what a crash loses is only that an event was answered
        replace(path, new)
    if not done:
        look({})


def _time_in(row: dict[str, Any]) -> float:
    at = row.get("at")
    return at if isinstance(at, float) else 0.0


def _read(path: Path) -> dict[str, dict[str, Any]]:
    try:
        rows = json.loads(read(path))
    except (BankError, ValueError, RecursionError):
        return {}
    return {name: row for name, row in rows.items() if isinstance(row, dict)} if isinstance(rows, dict) else {}


def write_fault(places: Sequence[Path], what: str, error: Exception) -> None:
    """Write one line to the log in the first folder that takes it: what failed and why, never what was read.

    Raises:
        BankError, OSError: no folder takes it.
    """
    why = error.message if isinstance(error, BankError) else type(error).__name__
    trace, last = "", error.__traceback__
    while last is not None:
        trace, last = f"{last.tb_frame.f_code.co_filename.rpartition('/')[2]}:{last.tb_lineno}", last.tb_next
    text = " ".join(f"{stamp_of(datetime.now(UTC))} {what}: {why} ({trace})".split())[:500]
    line = "".join(each if each.isprintable() else "?" for each in text)
    for place in places:
        path = place / LOG
        try:
            if path.is_file() and path.stat().st_size > _LOG_BYTES:
                rotate(path, place / OLDER)
            append_line(path, line.encode("utf-8", "replace"))
        except (BankError, OSError):
            continue
        return
