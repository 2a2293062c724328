"""The parts that an install writes, as values: a key, list items, a table, a block, or a file of its own."""

from __future__ import annotations

import json
from pathlib import Path, PurePath
from typing import Any, NamedTuple

from memorybank.agents.install.block import BEGIN

# in each file of our own that can hold a comment
WRITTEN_BY = "written by `bank install"
_PYTHON_MODULE = ["-m", "memorybank"]
_HOOK_SCRIPT = "memorybank/serve/hooks/hook.py"


class JsonKey(NamedTuple):
    """The entry of our server under a key of a JSON file."""

    file: Path
    what: str
    path: tuple[str, ...]
    value: Any


class JsonItems(NamedTuple):
    """Items of a list in a JSON file, such as hooks or permissions."""

    file: Path
    what: str
    path: tuple[str, ...]
    values: tuple[Any, ...]


class JsonDefault(NamedTuple):
    """A value that a JSON file of the client needs, whatever it is; set only where it is missing."""

    file: Path
    what: str
    path: tuple[str, ...]
    value: Any


class TomlTable(NamedTuple):
    """The entry of our server as a table of a TOML file."""

    file: Path
    what: str
    path: tuple[str, ...]
    value: dict[str, Any]


class Block(NamedTuple):
    """A block between markers in a Markdown file."""

    file: Path
    what: str
    body: str


class OwnFile(NamedTuple):
    """A whole file of ours. `folder` is the one that is ours with it, for the files of a skill."""

    file: Path
    what: str
    data: bytes
    folder: Path | None = None


Piece = JsonKey | JsonItems | JsonDefault | TomlTable | Block | OwnFile


def is_our_server(value: Any) -> bool:
    """Whether an entry starts our server, in any client's form and of any version."""
    if not isinstance(value, dict):
        return False
    if isinstance(value.get("transport"), dict):
        value = value["transport"]
    command, args = value.get("command"), value.get("args")
    words = command if isinstance(command, list) else [command, *(args if isinstance(args, list) else [])]
    return _is_bank(words, "mcp")


def is_our_item(value: Any, path: tuple[str, ...], shipped: tuple[Any, ...]) -> bool:
    """Whether an item of a list is ours: one of those shipped, or a hook that runs ours."""
    if value in shipped:
        return True
    return "hooks" in path and runs_our_hook(value)


def runs_our_hook(value: Any) -> bool:
    """Whether a hook, or each hook of a group, runs ours, in any client's form and of any version."""
    if isinstance(value, dict):
        inner = value.get("hooks")
        if isinstance(inner, list):
            return bool(inner) and all(map(runs_our_hook, inner))
        words = [value.get("command"), *(value["args"] if isinstance(value.get("args"), list) else [])]
        lines = [each for each in (*words, value.get("bash"), value.get("powershell")) if isinstance(each, str)]
        shown = json.dumps(lines).replace("\\\\", "/")
        return _HOOK_SCRIPT in shown or _is_bank(words, "hook") or any(map(_is_hook_line, lines))
    return False


def _is_hook_line(line: str) -> bool:
    return _is_bank(line.split(), "hook")


def _is_bank(words: list[Any], command: str) -> bool:
    if len(words) < 2 or not all(isinstance(each, str) for each in words):  # noqa: PLR2004  a program and a command
        return False
    name = PurePath(words[0].replace("\\", "/")).name.removesuffix(".exe")
    return (name == "bank" and words[1] == command) or words[1:4] == [*_PYTHON_MODULE, command]


def is_our_file(piece: OwnFile, text: bytes) -> bool:
    """Whether a file with other bytes was written by some version of ours."""
    if piece.data == text or WRITTEN_BY.encode() in text or BEGIN.encode() in text:
        return True
    if piece.folder is None:
        return (piece.what == "hooks" and b"bank hook " in text) or (
            piece.what == "commands" and text.startswith(b"---") and b"`bank " in text
        )
    try:
        first = (piece.folder / "SKILL.md").read_bytes()[:400]
    except OSError:
        return False
    return f"\nname: {piece.folder.name}\n".encode() in first.replace(b"\r\n", b"\n") and b"bank" in first
