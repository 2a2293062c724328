"""What is wrong with an install: a command that is not found, or a file that was changed or removed since."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from memorybank.agents.install.clients import pieces_of
from memorybank.agents.install.json_edit import find
from memorybank.agents.install.jsonc import JsonFaultError, parse
from memorybank.agents.install.pieces import JsonItems, JsonKey, OwnFile, TomlTable, is_our_server, runs_our_hook
from memorybank.agents.install.toml_edit import TomlFaultError, table_at
from memorybank.agents.install.write_all import is_present
from memorybank.document.source import digest_of
from memorybank.errors import BankError, NoFileError
from memorybank.files.write import read
from memorybank.shell import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from memorybank.agents.install.clients import Client
    from memorybank.agents.install.installed_record import Changed
    from memorybank.agents.install.pieces import Piece
    from memorybank.agents.install.places import Machine, Request

_SCRIPT = "hook.py"


def inspect_installed(client: Client, request: Request, noted: Mapping[str, Changed]) -> tuple[str, str] | None:
    """Return the fault of an install and the command that repairs it, "" without one; None if nothing is installed.

    `noted` are the files of the record, by their real paths.
    A permission that was removed is no fault, and neither are parts that another environment or version wrote.
    """
    if request.scope not in client.scopes:
        return None
    pieces = pieces_of(client, request._replace(hooks=True))
    if not is_present(client, request) and _real(pieces[0].file) not in noted:
        return None
    again = f"bank install {client.name} --scope {request.scope}"
    for piece in pieces:
        fault = _fault_of(piece, noted.get(_real(piece.file)), request.machine, again)
        if fault is not None:
            return fault
    return "", ""


def _real(path: Path) -> str:
    return os.path.realpath(path)


def _fault_of(piece: Piece, row: Changed | None, machine: Machine, again: str) -> tuple[str, str] | None:
    try:
        data = read(Path(_real(piece.file)))
    except NoFileError:
        is_wanted = row is not None and piece.what != "permissions"
        return (f"{piece.file} was removed since it was installed", again) if is_wanted else None
    except BankError as error:
        return error.message, error.hint or again
    if isinstance(piece, OwnFile) and row is not None and row.after != digest_of(data):
        return f"{piece.file} was changed since it was installed", f"{again} --force"
    try:
        text = data.decode("utf-8")
        commands = list(_commands(piece, text))
        if not commands and row is not None and isinstance(piece, JsonKey | TomlTable):
            return f"{piece.file} has no entry {'.'.join(piece.path)} of bank any more", again
    except (JsonFaultError, TomlFaultError, UnicodeDecodeError) as error:
        return f"{piece.file} cannot be read: {error}", again
    for words in commands:
        fault = _fault_of_command(words, piece, machine, again)
        if fault is not None:
            return fault
    return None


def _fault_of_command(words: Sequence[str], piece: Piece, machine: Machine, again: str) -> tuple[str, str] | None:
    program = words[0]
    where = f"{piece.file} ({piece.what}) runs {program}, which is not"
    if not _has_folder(program):
        if shutil.which(program, path=machine.environ.get("PATH", "")) is not None:
            return None
        return f"{where} found on the PATH", _on_path(machine)
    if not Path(program).is_file():
        return f"{where} there any more", again
    if not os.access(program, os.X_OK):
        return f"{where} executable", again
    for word in words[1:]:
        if Path(word).name == _SCRIPT and not Path(word).is_file():
            return f"{piece.file} ({piece.what}) runs {word}, which is not there any more", again
    return None


def _on_path(machine: Machine) -> str:
    """Return the command that puts `bank` on the PATH of this shell, from which the client can be started."""
    program = Path(machine.program[0])
    if program.stem != "bank":
        return "uv tool install memorybank"
    if machine.platform == "win32":
        return f"$env:PATH = '{program.parent};' + $env:PATH"
    return f'export PATH={quoted(program.parent)}:"$PATH"'


def _has_folder(program: str) -> bool:
    return "/" in program or "\\" in program


def _commands(piece: Piece, text: str) -> Iterator[list[str]]:
    """Yield the words of each command of ours in a file."""
    match piece:
        case JsonKey() | JsonItems():
            node = find(text, piece.path)
            value = node.value if node is not None else None
            if isinstance(piece, JsonKey):
                yield from _server(value)
            elif piece.what == "hooks" and isinstance(value, list):
                yield from _hooks(value)
        case TomlTable():
            yield from _server(table_at(text, piece.path))
        case OwnFile() if piece.what == "hooks" and piece.file.suffix == ".json":
            yield from _hooks(parse(text).value)
        case OwnFile() if piece.what == "hooks":
            yield from _of_plugin(text)
        case _:
            return


def _server(value: Any) -> Iterator[list[str]]:
    if is_our_server(value):
        entry = value["transport"] if isinstance(value.get("transport"), dict) else value
        command = entry["command"]
        yield command if isinstance(command, list) else [command, *entry["args"]]


def _hooks(value: Any) -> Iterator[list[str]]:
    """Yield the commands of hooks that run ours, wherever they are below a value."""
    if isinstance(value, list):
        for each in value:
            yield from _hooks(each)
    elif isinstance(value, dict):
        args = value.get("args")
        command = value.get("command", value.get("bash"))
        words = [command, *map(str, args)] if isinstance(command, str) and isinstance(args, list) else _split(command)
        if words and "hooks" not in value and runs_our_hook(value):
            yield words
        for each in value.values():
            if isinstance(each, list | dict):
                yield from _hooks(each)


def _of_plugin(text: str) -> Iterator[list[str]]:
    """Yield the command of a plugin of opencode."""
    found = re.search(r'spawnSync\((".*?(?<!\\)"), \[\.\.\.(\[.*?\])', text)
    if found is not None:
        yield [json.loads(found[1]), *json.loads(found[2])]


def _split(line: Any) -> list[str]:
    if not isinstance(line, str):
        return []
    try:
        return shlex.split(line, posix=os.name != "nt")
    except ValueError:
        return []
