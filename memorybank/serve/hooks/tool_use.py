"""Before and after a tool: what it writes, and whether that is a file of the bank that only `bank` should write."""

from __future__ import annotations

import os
import re
from binascii import crc32
from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.facade.agents.hook_bank import raw_write, record_raw_write, writes_setting
from memorybank.serve.hooks.glance import BEFORE
from memorybank.serve.hooks.payload import is_path
from memorybank.serve.hooks.replies import LIMIT, Reply

if TYPE_CHECKING:
    from memorybank.facade.agents.hook_bank import HookBank
    from memorybank.serve.hooks.payload import Event

_PATHS = ("file_path", "filePath", "notebook_path", "notebookPath", "path", "absolute_path", "target_file", "filename")
_TEXTS = ("content", "contents", "file_text", "fileText", "text", "new_source", "code_edit", "insert_text", "code")
_OLD = ("old_string", "oldString", "old_str", "oldStr", "old_text", "oldText", "old_source")
_NEW = ("new_string", "newString", "new_str", "newStr", "new_text", "newText", "new_source")
_EDITS = ("edits", "replacements", "changes")
_WHOLE = frozenset(("write", "write_file", "create", "create_file", "createfile", "writefile"))
_WRITERS = _WHOLE | frozenset(
    ("edit", "multiedit", "notebookedit", "replace", "delete", "insert", "str_replace", "edit_file", "editfiles")
)
_MOST, _LOGGED = 500, 50
_OURS = re.compile(r"(?:\A|_)bank_[a-z_]+\Z")
_PATCH = "*** Begin Patch"
_PATCHED = re.compile(r"^\*\*\* (?:Add File|Update File|Delete File|Move to): (.+?)\s*$")


class Target(NamedTuple):
    """One file that a tool writes: texts with what replaces them, or the whole new text."""

    path: str
    pairs: tuple[tuple[str, str], ...] = ()
    whole: str | None = None


def react(event: Event, bank: HookBank | None) -> Reply:
    """Refuse or remark a write past `bank`; after a tool, count what it wrote."""
    # a name that no file can have must not spare the others
    targets = [each for each in targets_of(event) if is_path(each.path)]
    if event.kind != BEFORE:
        if bank is not None and targets and bank.first_time("after", event.ident):
            bank.note_changed([target.path for target in targets[:_MOST]], here=event.cwd or os.getcwd())
        return Reply()
    found = []
    for target in targets[:_MOST]:
        write = raw_write(target.path, here=event.cwd or os.getcwd(), pairs=target.pairs, whole=target.whole)
        if write is not None:
            found.append(write)
    if not found:
        return Reply()
    setting = writes_setting(found[0])
    ident = event.ident or f"{crc32(repr(found[0]).encode(errors='replace')):08x} "
    if bank is None or bank.first_time("before", ident):
        record_raw_write(found[:_LOGGED], client=event.client, tool=event.tool, outcome=setting)
    if setting == "audit":
        return Reply()
    names = _joined([each.file for each in found], ", ", 1_500)
    commands = _joined([f"  {command}" for each in found for command in each.commands], "\n", LIMIT - 2_500)
    if setting == "warn":
        return Reply(context=f"{names} belongs to the memory bank, and others write it too. Next time use:\n{commands}")
    why = f"{names} belongs to the memory bank: it is changed with `bank`, which merges, checks and can undo."
    return Reply(deny=f"{why} Nothing was written. Use instead:\n{commands}")


def _joined(rows: list[str], between: str, room: int) -> str:
    """Return the rows that fit, each once and none cut, so that a command in them runs as it is printed."""
    unique = list(dict.fromkeys(rows))
    kept: list[str] = []
    for row in unique:
        room -= len(row) + len(between)
        if room < 0:
            break
        kept.append(row)
    left = len(unique) - len(kept)
    return between.join([*kept, *([f"({left} more)"] if left else [])])


def targets_of(event: Event) -> list[Target]:
    """Return the files that a tool writes, as far as its arguments say it."""
    tool, given = event.tool, event.arguments
    if _OURS.search(tool.casefold()):
        return []
    if isinstance(given, str):
        return _of_patch(given) if _PATCH in given else []
    if not isinstance(given, dict):
        return []
    texts = [value for value in given.values() if isinstance(value, str)]
    command = given.get("command", given.get("cmd"))
    if isinstance(command, list):
        words = [each for each in command if isinstance(each, str)]
        command = words[-1] if words else ""
        texts.append(command)
    patch = next((each for each in texts if _PATCH in each), None)
    if patch is not None and not _named(given, _PATHS):
        return _of_patch(patch)
    if isinstance(command, str) and not _named(given, _PATHS):
        from memorybank.serve.hooks.shell_targets import written_by

        return [Target(path) for path in written_by(command, _folder_of(given) or event.cwd)]
    return list(_of_file_tool(tool.casefold(), given))


def _folder_of(given: dict[str, Any]) -> str:
    return _named(given, ("workdir", "working_directory", "cwd", "dir_path", "directory"))


def _named(given: dict[str, Any], names: tuple[str, ...]) -> str:
    return next((value for name in names if isinstance(value := given.get(name), str) and value), "")


def _pair(given: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    old = _named(given, _OLD)
    return ((old, _named(given, _NEW)),) if old else ()


def _of_file_tool(tool: str, given: dict[str, Any]) -> list[Target]:
    path, text = _named(given, _PATHS), _named(given, _TEXTS)
    rows: list[Any] = next((given[name] for name in _EDITS if isinstance(given.get(name), list)), [])
    edits = [each for each in rows if isinstance(each, dict)]
    writes = tool in _WRITERS or bool(edits) or any(name in given for name in (*_TEXTS, *_OLD, *_NEW))
    if not writes:
        return []
    found: list[Target] = []
    if path:
        pairs = (*_pair(given), *(pair for each in edits if not _named(each, _PATHS) for pair in _pair(each)))
        whole = text if text and not pairs and (tool in _WHOLE or not edits) else None
        found.append(Target(path, pairs, whole))
    found += [Target(named, _pair(each)) for each in edits if (named := _named(each, _PATHS))]
    files = given.get("files")
    if isinstance(files, list):
        found += [Target(each) for each in files if isinstance(each, str)]
    return found


def _of_patch(patch: str) -> list[Target]:
    """Return the files of a patch in the form of Codex; each hunk replaces its old lines with its new ones."""
    found: list[Target] = []
    old: list[str] = []
    new: list[str] = []
    pairs: list[tuple[str, str]] = []
    path = ""

    def end_hunk() -> None:
        if old:
            pairs.append(("\n".join(old), "\n".join(new)))
        old.clear()
        new.clear()

    def end_file() -> None:
        end_hunk()
        if path:
            found.append(Target(path, tuple(pairs)))
        pairs.clear()

    for line in patch.split("\n"):
        match = _PATCHED.match(line)
        if match:
            end_file()
            path = match.group(1)
        elif line.startswith("@@"):
            end_hunk()
        elif line.startswith("*** End Patch"):
            break
        elif line[:1] in {"-", " ", ""}:
            old.append(line[1:])
            if line[:1] != "-":
                new.append(line[1:])
        elif line.startswith("+"):
            new.append(line[1:])
    end_file()
    return found
