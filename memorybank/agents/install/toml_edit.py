"""One table of a TOML file: added at the end, taken out again; the parsed file proves that nothing else changed."""

from __future__ import annotations

import json
import tomllib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from memorybank.agents.install.patched import Patched


class TomlFaultError(ValueError):
    """The file is not TOML, or the table is written in a form that cannot be changed without touching the rest."""


def parse_toml(text: str) -> dict[str, Any]:
    """Return the values of a file.

    Raises:
        TomlFaultError: it is invalid.
    """
    try:
        return tomllib.loads(text.removeprefix("\ufeff"))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise TomlFaultError(str(error)) from None


def table_at(text: str, path: Sequence[str]) -> Any:
    """Return the value at a path of keys, None without one."""
    found: Any = parse_toml(text)
    for key in path:
        found = found.get(key) if isinstance(found, dict) else None
    return found


def set_table(draft: Patched, path: Sequence[str], values: Mapping[str, Any]) -> None:
    """Set a table; an older one of the same name is replaced where it is.

    Raises:
        TomlFaultError: the file is invalid, or the table cannot be changed without touching the rest.
    """
    before = parse_toml(draft.text)
    if table_at(draft.text, path) == dict(values):
        return
    end = "\r\n" if "\r\n" in draft.text else "\n"
    body = end.join(rendered_table(path, values).split("\n"))
    start, stop = _span(draft.text, path)
    if start >= 0:
        draft.splice(start, stop, body)
    else:
        text = draft.text.removeprefix("\ufeff")
        lead = "" if not text else end if text.endswith("\n") else end + end
        draft.splice(len(draft.text), len(draft.text), lead + body)
    _prove(draft.text, _changed(before, path, dict(values)))


def remove_table(draft: Patched, path: Sequence[str]) -> None:
    """Remove a table, with the empty line before it.

    Raises:
        TomlFaultError: it cannot be removed without touching the rest.
    """
    before = parse_toml(draft.text)
    if table_at(draft.text, path) is None:
        return
    start, stop = _span(draft.text, path)
    if start < 0:
        raise TomlFaultError(f"[{'.'.join(path)}] is not written as a table of its own")
    text = draft.text
    for blank in ("\r\n", "\n"):
        if text[:start].endswith(blank * 2):
            start -= len(blank)
            break
    else:
        if not text[:start].strip("\ufeff\r\n"):
            start = min(start, 1 if text.startswith("\ufeff") else 0)
    draft.splice(start, stop, "")
    _prove(draft.text, _changed(before, path, None))


def rendered_table(path: Sequence[str], values: Mapping[str, Any]) -> str:
    """Return a table as text."""
    rows = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in values.items()]
    return "\n".join([f"[{'.'.join(path)}]", *rows, ""])


def _span(text: str, path: Sequence[str]) -> tuple[int, int]:
    """Return the span of a table: from its header to its last line that is not empty or a comment."""
    start = at = 0
    begun = False
    stop = 0
    for line in text.split("\n"):
        words = line.strip().removeprefix("\ufeff")
        if words.startswith("["):
            if begun and not _is_header(words, path, below=True):
                break
            if not begun and _is_header(words, path):
                begun, start = True, at + (len(line) - len(line.lstrip("\ufeff")))
        if begun and words and not words.startswith("#"):
            stop = min(at + len(line) + 1, len(text))
        at += len(line) + 1
    return (start, stop) if begun else (-1, -1)


def _is_header(words: str, path: Sequence[str], *, below: bool = False) -> bool:
    try:
        found: Any = tomllib.loads(words)
    except tomllib.TOMLDecodeError:
        return False
    for key in path:
        if not isinstance(found, dict) or list(found) != [key]:
            return False
        found = found[key]
    return below or found == {}


def _changed(values: dict[str, Any], path: Sequence[str], new: Any) -> dict[str, Any]:
    """Return the values with another one at a path; tables that become empty go."""
    key, *rest = path
    if rest and not isinstance(values.get(key, {}), dict):
        raise TomlFaultError(f"{key} is not a table")
    inner = _changed(values.get(key, {}), rest, new) if rest else new
    kept = {name: value for name, value in values.items() if name != key}
    return kept if inner is None or (rest and not inner) else {**kept, key: inner}


def _prove(text: str, expected: dict[str, Any]) -> None:
    if parse_toml(text) != expected:
        raise TomlFaultError("the table cannot be changed without touching the rest of the file")
