"""What a write past `bank` would do: the bank's file that it changes, and the command that does it safely.

Protected are what others write too: memory files, records, ledgers and local state. Plans and research documents are
edited with any editor, as are templates, attachments and settings.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from memorybank.contracts.layouts import BANK_FOLDERS, FACTS, LOG, SUMMARY
from memorybank.document.addresses import address_of
from memorybank.document.items import split_marker, without_box
from memorybank.document.sections import outline
from memorybank.document.source import Source, lines_of, without_eol
from memorybank.errors import BankError
from memorybank.shell import end_of_options, quoted
from memorybank.store.discover import find_bank
from memorybank.store.view import open_document

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from memorybank.document.sections import Document, Section
    from memorybank.store.folder import BankFolder

_FREE = frozenset(("templates", "artifacts"))
_OF_LEDGERS = {
    LOG: "bank log 'WHAT WAS DONE'",
    FACTS: "bank paf add AREA 'FACT'",
    SUMMARY: "bank summary refresh",
}
_OF_FOLDERS = {
    ".state": "bank status",
    "archive": "bank rotate",
    "checkpoints": "bank checkpoint add 'WHERE THE WORK STANDS'",
    "groups": "bank group list",
    "pafs": "bank paf list",
    "sessions": "bank session list",
    "workflows": "bank workflow list",
}
_NOTES = "workflows/notes/"
_LONGEST = 240
_SHOWN = 3


class RawWrite(NamedTuple):
    """A write to a file of a bank: the bank's folder, the file, the sections it changes, and the commands instead."""

    folder: str
    file: str
    addresses: tuple[str, ...]
    commands: tuple[str, ...]


def look_at(
    path: str,
    environ: Mapping[str, str],
    *,
    here: str,
    pairs: Sequence[tuple[str, str]] = (),
    whole: str | None = None,
) -> RawWrite | None:
    """Return what a write to `path` would change; None if that is no protected file of a bank.

    `pairs` are texts with what replaces them, `whole` the whole new text, as far as either is known. Nothing is
    written, and a file that cannot be read is protected all the same.
    """
    place = Path(os.path.realpath(os.path.join(here, os.path.expanduser(path))))  # noqa: PTH111, PTH118  a path as typed
    found = _bank_of(place, environ)
    if found is None:
        return None
    bank, name = found
    folder, _, rest = name.partition("/")
    addresses: tuple[str, ...]
    commands: tuple[str, ...]
    if rest:
        is_ours = folder == ".state" or (folder in BANK_FOLDERS and folder not in _FREE)
        addresses, commands = (name,), (_record_command(bank, name),) if is_ours else ()
    elif name in bank.main_files:
        addresses, commands = _contract(bank, name, pairs, whole)
    else:
        addresses, commands = (name,), (_OF_LEDGERS[name],) if name in _OF_LEDGERS else ()
    if not commands:
        return None
    if not _is_found_from(here, bank, environ):
        commands = tuple(_with_bank(each, bank.folder) for each in commands)
    return RawWrite(str(bank.folder), name, addresses, commands)


def _bank_of(place: Path, environ: Mapping[str, str]) -> tuple[BankFolder, str] | None:
    """Return the bank that a file is in, by its real place, and its name there as the bank writes it."""
    start = place.parent
    while not start.is_dir():
        start = start.parent
    nearest = {name: value for name, value in environ.items() if name not in {"MEMORYBANK_DIR", "MEMORYBANK_NAMESPACE"}}
    for variables in (nearest, environ):
        try:
            bank = find_bank(start, environ=variables)
        except BankError:
            continue
        for folder in place.parents:
            if folder == bank.folder or (folder.exists() and bank.folder.exists() and folder.samefile(bank.folder)):
                return bank, _name_in(bank, place.relative_to(folder).as_posix())
    return None


def _name_in(bank: BankFolder, name: str) -> str:
    """Return the name as the bank writes it, on a disk where upper and lower case are one."""
    known = {each.casefold(): each for each in (*bank.main_files, *_OF_LEDGERS, *BANK_FOLDERS, ".state")}
    first, slash, rest = name.partition("/")
    ours = known.get(first.casefold(), first)
    if ours != first:
        try:
            ours = ours if (bank.folder / ours).samefile(bank.folder / first) else first
        except OSError:
            ours = first
    return f"{ours}{slash}{rest}"


def _is_found_from(here: str, bank: BankFolder, environ: Mapping[str, str]) -> bool:
    """Whether a command that names no bank, run in this folder, means this one: a project in it may have its own."""
    try:
        found = find_bank(Path(here), environ=environ).folder
        return found == bank.folder or found.samefile(bank.folder)
    except (BankError, OSError):
        return False


def _with_bank(line: str, folder: Path) -> str:
    import shlex

    words = shlex.split(line)
    at = end_of_options(words)
    return shlex.join([*words[:at], "--bank", str(folder), *words[at:]])


def _line(verb: str, *words: str) -> str:
    """Return a command line; words of which one begins with a dash stand after `--`."""
    dashes = ["--"] if any(word.startswith("-") for word in words) else []
    return " ".join([f"bank {verb}", *dashes, *map(quoted, words)])


def _record_command(bank: BankFolder, name: str) -> str:
    folder, _, rest = name.partition("/")
    if name.startswith(_NOTES):
        return "bank notes list"
    if folder != "memories":
        return _OF_FOLDERS.get(folder, "bank list")
    kind, _, file = rest.partition("/")
    if file.endswith(".md") and (bank.folder / name).is_file():
        return f"bank update {quoted(file.removesuffix('.md'))} --content -"
    return f"bank save - --type {quoted(kind if _is_memory(bank, kind) else 'fact')}"


def _is_memory(bank: BankFolder, kind: str) -> bool:
    from memorybank.records.templates import load_type

    try:
        return load_type(bank, kind).is_memory
    except BankError:
        return False


def _contract(
    bank: BankFolder, name: str, pairs: Sequence[tuple[str, str]], whole: str | None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if not (bank.folder / name).is_file():
        return (name,), (bank.init_command,)
    try:
        document = open_document(bank, name)
        changes = _changes(document, pairs) if pairs else _differences(document, whole)
    except BankError:
        return (name,), (f"bank outline {quoted(name)}",)
    if not changes:
        # an example with a section that there is: the outline lists the others
        first = next((str(address_of(document, each)) for each in document.sections if each.number), "")
        example = (f"bank edit {quoted(first)} --append 'TEXT'",) if first else ()
        return (name,), (f"bank outline {quoted(name)}", *example)
    addresses = tuple(str(address_of(document, section)) for section, _, _ in changes)
    if len(changes) > _SHOWN:
        return addresses, (f"bank outline {quoted(name)}",)
    commands = [
        _command(document, section, str(address_of(document, section)), old, new) for section, old, new in changes
    ]
    return addresses, tuple(dict.fromkeys(commands))


def _changes(document: Document, pairs: Sequence[tuple[str, str]]) -> list[tuple[Section, str, str]]:
    """Return the section of each text that is replaced, as far as it can be told: a text that is there once."""
    found = []
    text = document.source.text
    for old, new in pairs:
        said = old if old in text else old.replace("\n", "\r\n")
        at = text.find(said) if said else -1
        if at < 0 or text.find(said, at + 1) >= 0:
            continue
        section = next((each for each in document.sections[::-1] if each.start <= at < each.own_end), None)
        if section is not None and section.number and at + len(said.rstrip()) <= section.own_end:
            # whole lines: a part of an item is not its text
            before = text[text.rfind("\n", 0, at) + 1 : at]
            end = at + len(said)
            after = "" if said.endswith("\n") else text[end : (text.find("\n", end) + 1 or len(text) + 1) - 1]
            found.append((section, f"{before}{old}{after}", f"{before}{new}{after}"))
    return found


def _differences(document: Document, whole: str | None) -> list[tuple[Section, str, str]]:
    """Return the sections whose own text is another one in the whole new text."""
    if whole is None:
        return []
    wanted = outline(Source(whole.encode("utf-8", "surrogatepass")), document.path, contract=document.contract)
    texts = {each.name: wanted.source.text[each.body : each.own_end] for each in wanted.sections}
    text = document.source.text
    return [
        (each, text[each.body : each.own_end], texts[each.name])
        for each in document.sections
        if each.number and each.name in texts and _plain(text[each.body : each.own_end]) != _plain(texts[each.name])
    ]


def _plain(text: str) -> str:
    return "\n".join(each.rstrip() for each in _lines(text)).strip()


def _lines(text: str) -> list[str]:
    return [without_eol(line) for line in lines_of(text)]


def _command(document: Document, section: Section, address: str, old: str, new: str) -> str:
    """Return the command that makes one change: of a line or its box, of lines below, or of the whole section."""
    before, after = ([line for line in _lines(each) if line.strip()] for each in (old, new))
    gone = [line for line in before if line not in after]
    come = [line for line in after if line not in before]
    place = quoted(address)
    if come and not gone and sum(map(len, come)) <= _LONGEST and _is_below(before, after):
        return f"bank edit {place} --append {quoted(chr(10).join(come))}"
    if len(gone) == 1 and len(come) <= 1 and len(gone[0]) + sum(map(len, come)) <= _LONGEST:
        (_, box, said), new_line = split_marker(gone[0].strip()), (come[0].strip() if come else "")
        marker = gone[0].strip()[:2] in {"- ", "* ", "+ "}
        if marker and not come:
            return _line("item remove", address, said)
        _, new_box, new_said = split_marker(new_line)
        if marker and box is not None and said == new_said and box != new_box:
            if new_box in {"x", "X"}:
                is_task = address == "progress.md#Tasks"
                return _line("task done", said) if is_task else _line("item tick", address, said)
            return _line("item untick", address, said)
        if marker and new_line[:2] == gone[0].strip()[:2]:
            return _line("item replace", address, without_box(said), new_said)
    return f"bank edit {place} --replace - --expect {document.digest_of(section)}"


def _is_below(before: list[str], after: list[str]) -> bool:
    """Whether lines were added after the others, so that the end of the section is a place for them."""
    return after[: len(before)] == before
