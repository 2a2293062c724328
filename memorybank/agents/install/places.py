"""Where each client keeps its own files: by platform, and as its environment variables say."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

PROJECT, USER = "project", "user"


class Machine(NamedTuple):
    """What an install needs to know: the folders, the environment, and how `bank` and its hooks are started."""

    project: Path
    home: Path
    environ: Mapping[str, str]
    platform: str
    # the words that start `bank` from anywhere
    program: tuple[str, ...]

    def folder(self, variable: str, default: str) -> Path:
        """Return the folder that a variable names, or one below the home folder."""
        named = self.environ.get(variable)
        return Path(named).expanduser() if named else self.home / default

    @property
    def app_data(self) -> Path:
        """The folder in which desktop programs keep their settings."""
        if self.platform == "darwin":
            return self.home / "Library" / "Application Support"
        if self.platform == "win32":
            return self.folder("APPDATA", "AppData/Roaming")
        return self.folder("XDG_CONFIG_HOME", ".config")

    def claude_json(self) -> Path:
        """Return the file in which Claude Code keeps a user's servers."""
        named = self.environ.get("CLAUDE_CONFIG_DIR")
        return (Path(named).expanduser() if named else self.home) / ".claude.json"

    def opencode_json(self, folder: Path, *, user: bool) -> Path:
        """Return the settings file of opencode in a folder: the one that is there, of its two names."""
        named = self.environ.get("OPENCODE_CONFIG") if user else None
        if named:
            return Path(named).expanduser()
        found = [folder / name for name in ("opencode.json", "opencode.jsonc") if (folder / name).is_file()]
        return found[-1] if found else folder / "opencode.json"


class Request(NamedTuple):
    """For whom to install: the machine, the scope, and whether hooks are wanted."""

    machine: Machine
    scope: str
    hooks: bool

    @property
    def is_user(self) -> bool:
        """Whether it is for all projects of the user."""
        return self.scope == USER

    def server(self) -> tuple[str, list[str]]:
        """Return the program of the server and its arguments: absolute for a user, the bare name in shared files."""
        first, *more = self.machine.program if self.is_user else ("bank",)
        return first, [*more, "mcp"]
