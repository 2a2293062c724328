"""Messages of a session: JSON lines next to its record, in `sessions/<id>.jsonl`, which is append-only.

A line is `{"at": …, "role": …, "text": …}`. Messages are not written with `commit`: they take the lock, pass the
check for secrets and are appended durably. They are not in the journal, and an undo does not remove them.
"""

from __future__ import annotations

import json
import os
import re
from collections import deque
from typing import TYPE_CHECKING, NamedTuple

from memorybank.errors import FieldError, OutsideError, SecretError, UnsupportedTextError
from memorybank.files.read import open_regular, typed
from memorybank.files.write import append_line, lock, make_dirs, resolve
from memorybank.patterns import later
from memorybank.records.sessions.unsaid import begin_message, end_message, interrupted_message
from memorybank.times import stamp_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way

FOLDER = "sessions/"
TEXT_LENGTH = 1_000_000

_ROLE = later(r"[a-z][a-z0-9_-]{0,39}\Z", re.ASCII)
# invisible characters are written as escapes, in the file as in the output of other JSON programs
_HIDDEN = later(
    "[\x7f-\x9f\u2028\u2029\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff\U000e0000-\U000e007f]"
)


class Message(NamedTuple):
    """One message: its time (ISO 8601), its role (user, assistant, system, tool, …), and its text."""

    at: str
    role: str
    text: str


class Messages(NamedTuple):
    """The last messages of a session in order, the total number, and how many lines are not messages."""

    rows: list[Message]
    message_count: int
    broken_count: int = 0


def messages_path(bank: BankFolder, session: str) -> Path:
    """Return the file of a session's messages; it need not exist.

    Raises:
        OutsideError: the id is not a valid file name.
    """
    if not session or session[0] == "." or not set(session).isdisjoint("/\\\0"):
        raise OutsideError(path=session, why="it is not a session id")
    return resolve(bank.folder / f"{FOLDER}{session}.jsonl", bank.roots)


def check_role(role: str) -> str:
    """Return a role if it is one lower-case word.

    Raises:
        FieldError: it is not.
    """
    found = role.strip().lower()
    if not _ROLE.match(found):
        hint = "bank session message user TEXT"
        raise FieldError(field="role", why=f"invalid role {role!r}: use one word such as user or assistant", hint=hint)
    return found


def render_message(message: Message, allowed: Iterable[str] = ()) -> str:
    """Return a message as one line of JSON; `allowed` names the secret rules to ignore in it (false positives)."""
    row: dict[str, object] = message._asdict()
    if allowed:
        row["allowed"] = sorted(set(allowed))
    return _HIDDEN.sub(_escape, json.dumps(row, ensure_ascii=False, separators=(",", ":")))


def _escape(match: re.Match[str]) -> str:
    return json.dumps(match.group())[1:-1]


def append_message(bank: BankFolder, session: str, role: str, text: str, way: Way, *, at: str = "") -> Message:
    """Add one message to a session; as `say_message`, whose message it returns."""
    return say_message(bank, session, role, text, way, at=at)[0]


def say_message(
    bank: BankFolder, session: str, role: str, text: str, way: Way, *, at: str = ""
) -> tuple[Message, bool]:
    """Add one message to a session. Durable on return; lines stay whole with several writers. A dry run writes nothing.

    Returns the message, and whether an interrupted run of the same command had written it: then it is not repeated.

    Raises:
        FieldError: the role is not valid.
        UnsupportedTextError: there is no text, it is not UTF-8, or it is longer than `TEXT_LENGTH`.
        SecretError: it seems to contain a secret.
    """
    role, text, allowed = checked_message(role, text, way)
    path = messages_path(bank, session)
    if way.options.dry_run:
        return Message(at or stamp_of(way.author.now()), role, text), False
    make_dirs(path.parent)
    with lock(bank.state / "lock", timeout=way.options.timeout, holder="session message", on_wait=way.options.on_wait):
        there = _said_before(bank, session, path, way.options.request)
        if there is not None and (there.role, there.text) == (role, text):
            return there, True
        # the time is taken under the lock, so that the lines of a file are in the order of their times
        message = Message(at or stamp_of(way.author.now()), role, text)
        mark = begin_message(bank, way.options.request, session, _size(path))
        append_line(path, render_message(message, allowed).encode())
        end_message(mark)
    return message, False


def _said_before(bank: BankFolder, session: str, path: Path, request: str) -> Message | None:
    line = interrupted_message(bank, request, session, path)
    return parse_message(line) if line is not None else None


def _size(path: Path) -> int:
    with typed(path):
        try:
            return path.lstat().st_size
        except FileNotFoundError:
            return 0


def checked_message(role: str, text: str, way: Way) -> tuple[str, str, list[str]]:
    """Return the role and text that would be written, and the secret rules that are allowed in it.

    Raises:
        FieldError, UnsupportedTextError, SecretError: as `append_message`.
    """
    allowed = _without_secrets(role, way)
    role = check_role(role)
    text = text.strip("\r\n")
    _check(text)
    return role, text, allowed + _without_secrets(text, way)


def _check(text: str) -> None:
    if not text.strip():
        raise UnsupportedTextError(why="it is empty", hint="bank session message user TEXT")
    if len(text) > TEXT_LENGTH:
        raise UnsupportedTextError(
            why=f"it has {len(text)} characters, the limit is {TEXT_LENGTH}", hint="bank session message -h"
        )
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise UnsupportedTextError(why="it is not valid UTF-8", hint="pass the text as UTF-8") from error


def _without_secrets(text: str, way: Way) -> list[str]:
    from memorybank.secrets.scan import find_secrets

    found = find_secrets(text)
    for each in found:
        if each.rule not in way.options.allow_secrets:
            raise SecretError(rule=each.rule, line=each.line)
    return [each.rule for each in found]


def read_messages(bank: BankFolder, session: str, *, limit: int | None = None) -> Messages:
    """Return the last messages of a session, all of them without a limit; unreadable lines are counted."""
    rows: deque[Message] = deque(maxlen=limit)
    count = broken = 0
    for line in _lines(messages_path(bank, session)):
        message = parse_message(line)
        if message is None:
            broken += bool(line.strip())
        else:
            count += 1
            rows.append(message)
    return Messages(list(rows), count, broken)


def broken_lines(bank: BankFolder, session: str) -> list[int]:
    """Return the numbers of the lines, from 1, that are not messages.

    Raises:
        BankError: the file cannot be read.
    """
    lines = enumerate(_lines(messages_path(bank, session)), 1)
    return [number for number, line in lines if line.strip() and parse_message(line) is None]


def parse_message(line: bytes) -> Message | None:
    """Parse one line; None if it is not a message. Fields added by other programs are ignored."""
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(row, dict) or not isinstance(row.get("role"), str) or not isinstance(row.get("text"), str):
        return None
    return Message(str(row.get("at") or ""), row["role"], row["text"])


def _lines(path: Path) -> Iterator[bytes]:
    with typed(path):
        try:
            fd = open_regular(os.fspath(path))
        except FileNotFoundError:
            return
        with open(fd, "rb") as file:  # noqa: PTH123  a descriptor, not a path
            yield from file
