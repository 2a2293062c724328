"""The skills of a project: those that the bank lists, those that are installed, and which of these are worth a line."""

from __future__ import annotations

import json
import os
import re
import tomllib
from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.document.frontmatter import read_fields
from memorybank.document.source import Source
from memorybank.errors import BankError
from memorybank.files.read import beginning_of, read
from memorybank.shell import quoted
from memorybank.workflow.lines.find import lines_in
from memorybank.workflow.lines.placement import place_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from memorybank.store.folder import BankFolder

FOLDERS = (".claude/skills", ".agents/skills")
_HEAD_BYTES = 16 * 1024
_ID = re.compile(r"`?([\w.@/:-]*\w)`?")
# a name of a package at the start of a requirement, without version and extras
_PACKAGE = re.compile(r"[A-Za-z0-9@][\w./@-]*")
_SHORTEST = 3


class Skill(NamedTuple):
    """One skill.

    `is_listed` says whether patterns.md names it, `place` is where it is installed ("" for nowhere that is known: those
    of plugins are not looked for). `signal` is a dependency of the project that its name names. `command` lists it.
    """

    name: str
    description: str
    is_listed: bool
    place: str
    signal: str
    command: str


def skill_id(text: str) -> str:
    """Return the id of a skill from its line, as it is written; "" if the line begins with none."""
    found = _ID.match(text.strip())
    return found.group(1) if found else ""


def skills_of(bank: BankFolder, home: Path) -> list[Skill]:
    """Return the skills that the bank lists, in their order, then the other installed ones.

    A skill is looked for below the project and below the user's home folder.
    """
    roots = [] if bank.is_users_own else [(bank.project, "")]
    installed: dict[str, tuple[str, str]] = {}
    for root, mark in (*roots, (home, "~/")):
        for name, where, description in _installed(root):
            installed.setdefault(name, (f"{mark}{where}", description))
    used = _dependencies(bank)
    listed = list(dict.fromkeys(name for line in _listed(bank) if (name := skill_id(line))))
    found = [_skill(name, installed.get(name, ("", "")), used, is_listed=True) for name in listed]
    others = [_skill(name, installed[name], used, is_listed=False) for name in sorted(installed) if name not in listed]
    return [*found, *sorted(others, key=lambda skill: not skill.signal)]


def _skill(name: str, there: tuple[str, str], used: Mapping[str, str], *, is_listed: bool) -> Skill:
    words = name.rpartition(":")[2].lower().split("-")
    signal = next((used[word] for word in words if word in used), "")
    shown = f"{name} <!-- {signal} -->" if signal else name
    command = "" if is_listed else f"bank note {quoted(shown)} --as skill"
    return Skill(name, there[1], is_listed, there[0], signal, command)


def _listed(bank: BankFolder) -> list[str]:
    try:
        place = place_of(bank, "skill")
        return [line.text for line in lines_in(bank, place.file, place.section)]
    except BankError:
        # no section lists skills in this bank
        return []


def _installed(root: Path) -> Iterator[tuple[str, str, str]]:
    for folder in FOLDERS:
        try:
            names = sorted(os.listdir(root / folder))  # noqa: PTH208  only the names are wanted
        except OSError:
            continue
        for name in names:
            try:
                head = beginning_of(os.fspath(root / folder / name / "SKILL.md"), _HEAD_BYTES)
                fields = read_fields(Source(head))
            except (OSError, BankError):
                # no skill, or one that its client cannot read either
                continue
            about = " ".join(str(fields.get("description", "")).split())
            yield str(fields.get("name") or name), f"{folder}/{name}", about


def _dependencies(bank: BankFolder) -> dict[str, str]:
    """Return the names of the packages that the project's manifests name, each word of them with the package."""
    if bank.is_users_own:
        return {}
    found: dict[str, str] = {}
    for package in _packages(bank.project):
        for word in (package, *re.split(r"[/@_.-]+", package)):
            if len(word) >= _SHORTEST:
                found.setdefault(word.lower(), package)
    return found


def _packages(project: Path) -> Iterator[str]:
    python = _table(project / "pyproject.toml")
    yield from _named(_at(python, "project", "dependencies"))
    for extra in _at(python, "project", "optional-dependencies").values():
        yield from _named(extra)
    yield from _at(python, "tool", "poetry", "dependencies")
    yield from _named(_text(project / "requirements.txt").split("\n"))
    node = _table(project / "package.json")
    for part in ("dependencies", "devDependencies"):
        yield from _at(node, part)
    yield from _at(_table(project / "Cargo.toml"), "dependencies")
    for line in _text(project / "go.mod").split("\n"):
        yield from _named([line.split()[0] if line[:1] in "\t " and line.split() else ""])


def _named(rows: Any) -> Iterator[str]:
    for row in rows if isinstance(rows, list) else ():
        match = _PACKAGE.match(row.strip()) if isinstance(row, str) else None
        if match:
            yield match.group()


def _at(value: Any, *names: str) -> Any:
    for name in names:
        value = value.get(name, {}) if isinstance(value, dict) else {}
    return value if isinstance(value, dict | list) else {}


def _text(path: Path) -> str:
    try:
        return read(path).decode("utf-8", "replace")
    except BankError:
        return ""


def _table(path: Path) -> Any:
    text = _text(path)
    try:
        return json.loads(text) if path.name.endswith(".json") else tomllib.loads(text)
    except (ValueError, RecursionError):
        return {}


def is_listed(rows: Iterable[str], line: str) -> bool:
    """Return whether a skill is there already, with another remark or with none."""
    name = skill_id(line)
    return bool(name) and any(skill_id(row) == name for row in rows)
