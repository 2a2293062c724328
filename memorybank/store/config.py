"""`bank.toml`: the settings of a bank, each with a default."""

from __future__ import annotations

import os
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.errors import ConfigError, NewerVersionError, NoFileError
from memorybank.files.write import read

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

LAYOUT_VERSION = 1
SCOPES = ("worktree", "repository")
LOCAL = "local"


class Config(NamedTuple):
    """Settings of a bank. `kept_megabytes` limits what is kept for undo; the oldest is deleted first.

    `scope` decides who shares the bank: each git worktree has its own, or all worktrees use the main one's.
    `semantic` makes searches rank by meaning too, if the extra for it is installed. `home_is_project` makes the global
    bank also the bank of the home folder with its docs/, for a container whose project is in the home folder.
    `log_zone` is the time zone of the development log: "local", "utc", or a name such as Europe/Berlin.
    `load_tokens` or `load_chars` is how much a stage loads when nothing else is asked for; 0 is no limit.
    `headings` says which kind of note a section of another tool's bank takes, by its name, or "other".
    """

    name: str = ""
    project: str = ""
    layout: int = LAYOUT_VERSION
    kept_megabytes: int = 64
    scope: str = "worktree"
    semantic: bool = False
    home_is_project: bool = False
    log_zone: str = LOCAL
    load_tokens: int = 0
    load_chars: int = 0
    headings: Mapping[str, str] = MappingProxyType({})


def read_config(path: Path) -> Config:
    """Read the settings; the defaults when there is no file.

    Raises:
        ConfigError: a value has the wrong type, or the file is not valid TOML.
        NewerVersionError: its layout is newer than this program.
    """
    table = read_table(path)
    layout = _value(table, "layout", int, LAYOUT_VERSION, path)
    if layout > LAYOUT_VERSION:
        raise NewerVersionError(path=path, found=layout, known=LAYOUT_VERSION)
    kept = _value(table, "kept_megabytes", int, 64, path)
    if kept < 1:
        raise ConfigError(path=path, why="kept_megabytes must be at least 1")
    scope = _value(table, "scope", str, SCOPES[0], path)
    if scope not in SCOPES:
        raise ConfigError(path=path, why=f"scope must be {' or '.join(SCOPES)}")
    semantic, home_is_project = table.get("semantic", False), table.get("home_is_project", False)
    for key, value in (("semantic", semantic), ("home_is_project", home_is_project)):
        if not isinstance(value, bool):
            raise ConfigError(path=path, why=f"{key} must be true or false")
    name, project = (_value(table, key, str, "", path) for key in ("name", "project"))
    log = _value(table, "log", dict, {}, path)
    zone = _value(log, "zone", str, LOCAL, path, "log.zone")
    tokens, chars = _budgets(table, path)
    headings = _headings(table, path)
    return Config(name, project, layout, kept, scope, semantic, home_is_project, zone, tokens, chars, headings)


def _headings(table: dict[str, Any], path: Path) -> dict[str, str]:
    """Return `[headings]`: the kind of note that a section takes."""
    rows = _value(table, "headings", dict, {}, path)
    if not rows:
        return {}
    from memorybank.contracts.layouts import CLINE_NOTES

    kinds = (*CLINE_NOTES, "other")
    for name, kind in rows.items():
        if kind not in kinds:
            raise ConfigError(
                path=path, why=f"headings: invalid kind {kind!r} of {name!r}: choose from {', '.join(kinds)}"
            )
    return dict(rows)


def _budgets(table: dict[str, Any], path: Path) -> tuple[int, int]:
    """Return `[load] budget_tokens` and `budget_chars`; 0 for one that is not set."""
    row = table.get("load", {})
    if not isinstance(row, dict):
        raise ConfigError(path=path, why="load must be a table: [load] budget_tokens = 8000")
    found = {name: _value(row, name, int, 0, path) for name in ("budget_tokens", "budget_chars")}
    for name, value in found.items():
        if value < 0 or (name in row and value < 1):
            raise ConfigError(path=path, why=f"load.{name} must be at least 1")
    if all(found.values()):
        raise ConfigError(path=path, why="load needs budget_tokens or budget_chars, not both")
    return found["budget_tokens"], found["budget_chars"]


def read_table(path: Path) -> dict[str, Any]:
    """Read everything in the settings file; an empty table if there is no file.

    Raises:
        ConfigError: the file is not valid TOML.
    """
    import tomllib

    try:
        data = read(path)
    except NoFileError:
        return {}
    try:
        return tomllib.loads(data.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ConfigError(path=path, why=str(error)) from error


_KINDS = {int: "an integer", str: "a string", dict: "a table"}


def _value(table: dict[str, Any], key: str, kind: type, default: Any, path: Path, name: str = "") -> Any:
    value = table.get(key, default)
    if not isinstance(value, kind) or isinstance(value, bool):
        raise ConfigError(path=path, why=f"{name or key} must be {_KINDS[kind]}")
    return value


def _quoted(text: str) -> str:
    """Return a text as a TOML string; bytes of a folder's name that are not UTF-8 become U+FFFD."""
    import json

    return json.dumps(os.fsencode(text).decode("utf-8", "replace"), ensure_ascii=False)


def render_config(config: Config) -> str:
    """Return the settings file of a new bank."""
    return (
        "# settings of this memory bank; every line is optional\n"
        f"name = {_quoted(config.name)}\n"
        f"layout = {config.layout}\n"
        f"kept_megabytes = {config.kept_megabytes}  # space for undo\n"
        f'scope = "{config.scope}"  # "repository": all git worktrees share the bank of the main one\n'
        + (
            "home_is_project = true  # this is the global bank and the bank of the home folder\n"
            if config.home_is_project
            else ""
        )
    )
