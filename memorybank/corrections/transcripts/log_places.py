"""Where clients keep their logs, which of them belong to a project, and which client wrote a log.

Links to folders are not followed, so a loop of them ends. A file is found once, whatever its names.
"""

from __future__ import annotations

import os
import re
import stat
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from memorybank.corrections.transcripts.client_of_log import client_of, field_in, head_of
from memorybank.corrections.transcripts.read_log import CLAUDE_CODE, CODEX, CURSOR, GEMINI

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9]")
# Claude Code cuts the name of a project's folder
_LONGEST_NAME = 200
_FILES = 20_000


class LogFile(NamedTuple):
    """A log: its client, its path, its size in bytes, and when it was changed, in nanoseconds."""

    client: str
    path: Path
    size: int
    mtime: int
    inode: int = 0


def find_logs(
    clients: Iterable[str],
    folder: Path,
    environ: Mapping[str, str],
    since: float | None = None,
    *,
    refused: dict[str, str] | None = None,
) -> list[LogFile]:
    """Return the logs of sessions in a folder or below it, from the clients' own places, the oldest first.

    `since` is a time in seconds: logs that were not changed after it are left out. `refused` gets files and folders
    that cannot be read, with the reason.
    """
    finders: dict[str, Callable[[_Search], Iterator[LogFile]]] = {
        CLAUDE_CODE: _claude_code,
        CODEX: _codex,
        GEMINI: _gemini,
        CURSOR: _cursor,
    }
    search = _Search(folder, environ, {} if refused is None else refused)
    found = (log for client in clients if client in finders for log in finders[client](search))
    return _sorted(found, since)


def logs_in(
    source: Path,
    clients: Iterable[str] = (),
    since: float | None = None,
    *,
    refused: dict[str, str] | None = None,
) -> list[LogFile]:
    """Return the logs in any folder, or a file itself; which client wrote a log is seen from its content.

    `clients` are those whose logs are wanted, all of them if there are none. `refused` as in `find_logs`.
    """
    refused = {} if refused is None else refused
    wanted = frozenset(clients)
    if not source.exists():
        refused[str(source)] = "there is no such file"
    files = _below(source, refused) if source.is_dir() else iter([source])
    found = (log for path in files if (log := _log(client_of(path), path, refused)) and log.client)
    return _sorted((log for log in found if not wanted or log.client in wanted), since)


class _Search(NamedTuple):
    folder: Path
    environ: Mapping[str, str]
    refused: dict[str, str]

    @property
    def home(self) -> Path:
        """The user's home."""
        named = self.environ.get("HOME") or self.environ.get("USERPROFILE")
        return Path(named) if named else Path.home()

    def has(self, text: str) -> bool:
        """Return whether a path is the project or below it."""
        return bool(text) and any(Path(text).is_relative_to(each) for each in self.folders)

    @property
    def folders(self) -> tuple[Path, ...]:
        """The project's folder, as it is named and as it really is."""
        return (self.folder, Path(os.path.realpath(self.folder)))


def _sorted(found: Iterable[LogFile], since: float | None) -> list[LogFile]:
    floor = 0 if since is None else int(since * 1e9)
    logs: dict[object, LogFile] = {}
    for log in found:
        if log.mtime >= floor:
            logs.setdefault(log.inode or str(log.path), log)
    return sorted(logs.values(), key=lambda each: (each.mtime, str(each.path)))


def _below(folder: Path, refused: dict[str, str]) -> Iterator[Path]:
    """Yield the files below a folder in a fixed order."""

    def on_error(error: OSError) -> None:
        if not isinstance(error, FileNotFoundError):
            refused[str(error.filename)] = error.strerror or str(error)

    number = 0
    for root, folders, names in os.walk(folder, onerror=on_error):
        folders.sort()
        for name in sorted(names):
            number += 1
            if number > _FILES:
                refused[str(folder)] = f"it has more than {_FILES} files"
                return
            yield Path(root, name)


def _log(client: str, path: Path, refused: dict[str, str]) -> LogFile | None:
    try:
        status = path.stat()
    except OSError as error:
        refused[str(path)] = error.strerror or str(error)
        return None
    if not stat.S_ISREG(status.st_mode):
        refused[str(path)] = "it is not a file"
        return None
    return LogFile(client, path, status.st_size, status.st_mtime_ns, status.st_ino)


def _logs(
    client: str, paths: Iterable[Path], is_wanted: Callable[[Path], bool], refused: dict[str, str]
) -> Iterator[LogFile]:
    for path in paths:
        log = _log(client, path, refused)
        if log and is_wanted(path):
            yield log


# --- each client


def _claude_code(search: _Search) -> Iterator[LogFile]:
    named = search.environ.get("CLAUDE_CONFIG_DIR")
    homes = [Path(named)] if named else [search.home / ".claude", search.home / ".config" / "claude"]
    slugs = {_NOT_IN_NAMES.sub("-", str(each))[:_LONGEST_NAME] for each in search.folders}
    for home in homes:
        for folder in sorted((home / "projects").glob("*")):
            name = folder.name[:_LONGEST_NAME]
            if any(name == slug or name.startswith(f"{slug}-") for slug in slugs):
                paths = [path for path in _below(folder, search.refused) if path.suffix == ".jsonl"]
                is_wanted = partial(_is_of, search, is_own=name in slugs)
                yield from _logs(CLAUDE_CODE, paths, is_wanted, search.refused)


def _is_of(search: _Search, path: Path, *, is_own: bool) -> bool:
    """Return whether a session was in the project; the name of the folder says so if no line of its beginning does."""
    cwd = field_in(head_of(path), "cwd")
    return search.has(cwd) if cwd else is_own


def _codex(search: _Search) -> Iterator[LogFile]:
    named = search.environ.get("CODEX_HOME")
    home = Path(named) if named else search.home / ".codex"
    for name in ("sessions", "archived_sessions"):
        paths = [path for path in _below(home / name, search.refused) if path.name.startswith("rollout-")]
        yield from _logs(CODEX, paths, lambda path: search.has(field_in(head_of(path), "cwd")), search.refused)


def _gemini(search: _Search) -> Iterator[LogFile]:
    named = search.environ.get("GEMINI_CLI_HOME")
    home = (Path(named) if named else search.home) / ".gemini" / "tmp"
    # most miners come for another client's logs, and this import takes longer than most
    from hashlib import sha256

    hashes = {sha256(str(each).encode("utf-8", "surrogateescape")).hexdigest() for each in search.folders}
    paths = [path for path in sorted(home.glob("*/chats/*")) if path.suffix in (".json", ".jsonl")]
    yield from _logs(GEMINI, paths, lambda path: field_in(head_of(path), "projectHash") in hashes, search.refused)


def _cursor(search: _Search) -> Iterator[LogFile]:
    """Yield the workspaces of Cursor that are the project; what was said in them stands in one file for all."""
    bases = [search.home / ".config" / "Cursor", search.home / "Library" / "Application Support" / "Cursor"]
    if search.environ.get("APPDATA"):
        bases.append(Path(search.environ["APPDATA"]) / "Cursor")
    for base in bases:
        paths = sorted((base / "User" / "workspaceStorage").glob("*/state.vscdb"))
        for log in _logs(CURSOR, paths, lambda path: search.has(_workspace(path)), search.refused):
            shared = _log(CURSOR, base / "User" / "globalStorage" / "state.vscdb", {})
            mtime = max(log.mtime, shared.mtime) if shared else log.mtime
            yield log._replace(mtime=mtime, size=log.size + (shared.size if shared else 0))


def _workspace(path: Path) -> str:
    """Return the folder of a workspace of Cursor."""
    from urllib.parse import unquote, urlsplit

    parts = urlsplit(field_in(head_of(path.with_name("workspace.json")), "folder"))
    return unquote(parts.path) if parts.scheme == "file" else ""
