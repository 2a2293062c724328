"""Where clients keep their logs, and which of them belong to a project."""

from __future__ import annotations

import re
import stat
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from memorybank.corrections.transcripts.read_log import CLAUDE_CODE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9]")


class LogFile(NamedTuple):
    """A log: its client, its path, its size in bytes, and when it was changed, in nanoseconds."""

    client: str
    path: Path
    size: int
    mtime: int
    inode: int = 0


def find_logs(
    clients: Iterable[str], folder: Path, environ: Mapping[str, str], since: float | None = None
) -> list[LogFile]:
    """Return the logs of a project in the clients' own folders, the oldest first.

    `since` is a time in seconds: logs that were not changed after it are left out.
    """
    found: list[LogFile] = []
    for client in clients:
        if client == CLAUDE_CODE:
            found += _claude_code(folder, environ)
    floor = 0 if since is None else int(since * 1e9)
    return sorted((each for each in found if each.mtime >= floor), key=lambda each: (each.mtime, str(each.path)))


def _claude_code(folder: Path, environ: Mapping[str, str]) -> Iterator[LogFile]:
    home = environ.get("CLAUDE_CONFIG_DIR") or Path(environ.get("HOME") or Path.home()) / ".claude"
    slug = _NOT_IN_NAMES.sub("-", str(folder))
    for path in sorted((Path(home) / "projects" / slug).rglob("*.jsonl")):
        log = _log(CLAUDE_CODE, path)
        if log:
            yield log


def _log(client: str, path: Path) -> LogFile | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return (
        LogFile(client, path, status.st_size, status.st_mtime_ns, status.st_ino)
        if stat.S_ISREG(status.st_mode)
        else None
    )
