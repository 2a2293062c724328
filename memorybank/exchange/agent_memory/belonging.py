"""Which project a memory of an agent belongs to: compared by the repository's remotes and by the project's folder."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

_ALIASES = {"ssh.github.com": "github.com", "www.github.com": "github.com"}
# how a report says what to do
TAKE_ALL = "--all takes them"


class RepositoryName(NamedTuple):
    """A repository as its host names it; all in lower case, as hosts do not tell the cases apart."""

    host: str
    path: str


class Here(NamedTuple):
    """The project that memories are imported into, and whether those of other projects are taken, too."""

    project: Path
    repositories: tuple[RepositoryName, ...] = ()
    takes_all: bool = False

    def has_repository(self, host: str, path: str) -> bool:
        """Whether a repository is one of the project's remotes; without a host, any host counts."""
        name = RepositoryName(*_normal(host, path))
        return any(
            # a host without a point is an alias of somebody's ssh configuration
            name.path == each.path and (not name.host or name.host == each.host or "." not in each.host)
            for each in self.repositories
        )

    def has_folder(self, folder: str) -> bool:
        """Whether a folder, as an absolute path, is that of the project or inside of it."""
        real, project = os.path.realpath(folder), os.path.realpath(self.project)
        return os.path.isabs(folder) and Path(real).is_relative_to(project)  # noqa: PTH117  it is text


class MemoryFolder(NamedTuple):
    """A folder of memories and its name below the source; without a path it is only reported, with `why`."""

    path: Path | None
    name: str
    why: str = ""
    is_of_user: bool = False


def linked(name: str) -> MemoryFolder:
    """Return a folder that is a link, which is only reported."""
    return MemoryFolder(None, name, "a link is not followed")


def unreadable(name: str) -> MemoryFolder:
    """Return a folder whose content cannot be listed, which is only reported."""
    return MemoryFolder(None, name, "skipped: it cannot be read")


def has_folder(path: Path) -> bool:
    """Whether a folder is there.

    Raises:
        PermissionError: the folder above it cannot be read, so that nobody knows.
    """
    try:
        return stat.S_ISDIR(path.stat().st_mode)
    except PermissionError:
        raise
    except OSError:
        return False


def left_out(name: str, project: str) -> MemoryFolder:
    """Return a folder of another project, which is only reported; `project` is "" if nothing names it."""
    whose = f"of another project, {project}" if project else "of a project that is not named"
    return MemoryFolder(None, name, f"left out: its memories are {whose}; {TAKE_ALL}")


def doubt_of(project: str, here: Here) -> str:
    """Return what is reported of a folder that the user named and that is read: "" unless it is of another project."""
    return f"its memories are of another project, {project}" if project and not here.has_folder(project) else ""


def repository_name(url: str) -> RepositoryName | None:
    """Return the repository that the URL of a remote names; None if it is a folder."""
    url = url.strip()
    if "://" in url:
        try:
            parts = urlsplit(url)
            host, path = parts.hostname or "", parts.path
        except ValueError:
            return None
    else:
        host, colon, path = url.partition(":")
        # `C:\x` and `./a:b` are folders
        host = host.rpartition("@")[2]
        if not colon or "/" in host or "\\" in path or len(host) == 1:
            return None
    found = RepositoryName(*_normal(host, unquote(path)))
    return found if found.host and found.path else None


def _normal(host: str, path: str) -> tuple[str, str]:
    host = host.strip().casefold()
    return _ALIASES.get(host, host), path.strip().strip("/").removesuffix(".git").casefold()


def folder_of_uri(uri: str) -> str:
    """Return the folder of a URI of an editor, `file:///srv/shop`; "" if it has none."""
    try:
        parts = urlsplit(uri)
    except ValueError:
        return ""
    return unquote(parts.path) if parts.scheme in ("file", "vscode-remote") else ""
