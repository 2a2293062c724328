"""Keys and list items of a JSON text, put in and taken out by spans; all other bytes stay as they are."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from memorybank.agents.install.jsonc import Node, is_blank, parse

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from memorybank.agents.install.patched import Patched

_UNIT = "  "
# more items get a line each, also in a list of one line: who reads the diff has to see each permission
_IN_LINE = 3


def find(text: str, path: Sequence[str]) -> Node | None:
    """Return the value at a path of keys; None if it is not there, as in a text without a value.

    Raises:
        JsonFaultError: the text is not JSON.
    """
    found = None if is_blank(text) else parse(text)
    for key in path:
        found = found.child(key) if found is not None else None
    return found


def set_key(draft: Patched, path: Sequence[str], value: Any) -> list[tuple[str, ...]]:
    """Set the value at a path of keys, and return the objects and lists that were made on the way.

    Raises:
        JsonFaultError: the text is not JSON.
        TypeError: something on the path is not an object.
    """
    node, depth = _deepest(draft, path)
    if depth == len(path):
        if node.value != value:
            draft.splice(node.start, node.stop, _rendered(draft.text, value, node.start))
        return []
    if node.members is None:
        raise TypeError(".".join(path[:depth]) or "the file")
    missing = path[depth:]
    for key in reversed(missing[1:]):
        value = {key: value}
    _insert(draft, node, value, key=missing[0])
    return [tuple(path[: depth + number + 1]) for number in range(len(missing) - 1)]


def add_items(draft: Patched, path: Sequence[str], values: Sequence[Any]) -> list[tuple[str, ...]]:
    """Add what is missing to the list at a path of keys, and return the objects and lists that were made.

    Raises:
        JsonFaultError: the text is not JSON.
        TypeError: something on the path is not an object, or its end is not a list.
    """
    _fill(draft)
    node = find(draft.text, path)
    if node is None:
        return [*set_key(draft, path, list(values)), tuple(path)] if values else []
    if node.items is None:
        raise TypeError(".".join(path))
    is_long = len([value for value in values if value not in node.value]) > _IN_LINE and "\n" in draft.text.strip()
    for value in values:
        list_now = find(draft.text, path)
        if list_now is not None and value not in list_now.value:
            _insert(draft, list_now, value, is_long=is_long)
    return []


def remove_key(draft: Patched, path: Sequence[str]) -> None:
    """Remove a key, if it is there."""
    parent = find(draft.text, path[:-1])
    for number, member in enumerate(parent.members or () if parent else ()):
        if parent is not None and member.key == path[-1]:
            _cut(draft, parent, number, [each.start for each in parent.members or ()], member.node.stop)
            return


def remove_items(draft: Patched, path: Sequence[str], is_ours: Callable[[Any], bool]) -> None:
    """Remove the items of a list that are ours."""
    while True:
        node = find(draft.text, path)
        items = (node.items or ()) if node else ()
        number = next((number for number, item in enumerate(items) if is_ours(item.value)), -1)
        if node is None or number < 0:
            return
        _cut(draft, node, number, [each.start for each in items], items[number].stop)


def prune(draft: Patched, path: Sequence[str]) -> None:
    """Remove the object or list at a path, if it is empty and holds no comment."""
    node = find(draft.text, path)
    if node is not None and node.value in ({}, []) and not draft.text[node.start + 1 : node.stop - 1].strip():
        if path:
            remove_key(draft, path)
        else:
            draft.splice(node.start + 1, node.stop - 1, "")


def _fill(draft: Patched) -> None:
    """Put an empty object into a file that has none, behind its comments; blank lines stay around it."""
    text = draft.text
    if is_blank(text):
        has_comments = bool(text.strip("\ufeff \t\r\n"))
        at = len(text) if has_comments or not text.endswith("\n") else len(text.rstrip("\r\n"))
        end = _line_end(text)
        start = end if has_comments and not text.endswith("\n") else ""
        stop = "" if text.endswith("\n") and not has_comments else end
        draft.splice(at, at, f"{start}{{}}{stop}")


def _deepest(draft: Patched, path: Sequence[str]) -> tuple[Node, int]:
    _fill(draft)
    node = parse(draft.text)
    for depth, key in enumerate(path):
        inner = node.child(key)
        if inner is None:
            return node, depth
        node = inner
    return node, len(path)


def _insert(draft: Patched, node: Node, value: Any, *, key: str | None = None, is_long: bool = False) -> None:
    """Add a member or an item at the end of an object or list, in the style of its place; on a line if `is_long`."""
    text = draft.text
    lead = "" if key is None else f"{json.dumps(key, ensure_ascii=False)}: "
    last = _last(node)
    inner = text[node.start + 1 : node.stop - 1]
    is_inline = "\n" not in inner and bool(inner.strip()) and not text[: node.stop].rstrip().endswith("\n")
    if last is None and not inner.strip():
        # an empty one in a file of one line stays on the line; else it is opened
        is_inline = "\n" not in text.strip() and len(text.strip("\ufeff \t\r\n")) > len("{}")
        if is_inline:
            draft.splice(node.start + 1, node.stop - 1, lead + json.dumps(value, ensure_ascii=False))
            return
        base = _indent_at(text, node.start)
        body = lead + _rendered(text, value, node.start, deeper=1)
        end = _line_end(text)
        draft.splice(node.start + 1, node.stop - 1, f"{end}{base}{_unit(text)}{body}{end}{base}")
        return
    comma = node.commas[-1] if node.commas else -1
    after = "," if comma >= 0 else ""
    # behind the last comment, so that each comment stays with its line
    at = node.stop - 1
    while text[at - 1] in " \t\r\n":
        at -= 1
    if is_inline and not is_long:
        body = lead + json.dumps(value, ensure_ascii=False)
        if text[:at].endswith("*/") or last is None:
            body = f" {body}"
            draft.splice(at, at, body + after)
        else:
            draft.splice(at, at, f"{' ' if ', ' in inner or comma >= 0 or len(node.commas) < 2 else ''}{body}{after}")  # noqa: PLR2004
    else:
        start = -1 if is_inline else _start_of_last(node)
        indent = _indent_at(text, start) if start >= 0 else _indent_at(text, node.start) + _unit(text)
        body = lead + _rendered(text, value, start if start >= 0 else node.start, deeper=int(start < 0))
        draft.splice(at, at, f"{_line_end(text)}{indent}{body}{after}")
    if last is not None and comma < 0:
        draft.splice(last, last, ",")


def _last(node: Node) -> int | None:
    """Return where the last member or item ends."""
    if node.members:
        return node.members[-1].node.stop
    return node.items[-1].stop if node.items else None


def _start_of_last(node: Node) -> int:
    rows = node.members or node.items
    return rows[-1].start if rows else -1


def _cut(draft: Patched, node: Node, number: int, starts: list[int], stop: int) -> None:
    """Remove a member or item with its comma and the white space before it."""
    text = draft.text
    start = starts[number]
    comma = node.commas[number]
    if comma >= 0:
        stop = comma + 1
    while text[start - 1] in " \t\r\n":
        start -= 1
    rest = text[stop : text.find("\n", stop) if "\n" in text[stop:] else len(text)]
    if _ends_in_line_comment(text, start) and rest.strip():
        # what follows must not become a part of the comment
        start = text.index("\n", start) + 1
    is_last = number == len(starts) - 1
    if is_last and number == 0 and not (text[node.start + 1 : start] + text[stop : node.stop - 1]).strip():
        draft.splice(node.start + 1, node.stop - 1, "")
        return
    if number == 0 and start == node.start + 1 and "\n" not in text[node.start : starts[0]] and not is_last:
        # the first of one line: the next one takes its place
        stop = max(stop, starts[1])
    draft.splice(start, stop, "")
    if is_last and comma < 0 and number:
        before = node.commas[number - 1]
        draft.splice(before, before + 1, "")


def _ends_in_line_comment(text: str, at: int) -> bool:
    line = text[text.rfind("\n", 0, at) + 1 : at]
    return re.search(r'//[^"]*$', line) is not None or line.lstrip().startswith("//")


def _rendered(text: str, value: Any, at: int, *, deeper: int = 0) -> str:
    if "\n" not in text.strip() and len(text.strip("\ufeff \t\r\n")) > len("{}"):
        return json.dumps(value, ensure_ascii=False)
    unit = _unit(text)
    base = _indent_at(text, at) + unit * deeper
    lines = json.dumps(value, ensure_ascii=False, indent=unit).split("\n")
    return f"{_line_end(text)}{base}".join(lines)


def _indent_at(text: str, at: int) -> str:
    line = text[text.rfind("\n", 0, at) + 1 : at].lstrip("\ufeff")
    return line[: len(line) - len(line.lstrip(" \t"))]


def _unit(text: str) -> str:
    found = re.search(r"\n([ \t]+)[\"/]", text)
    return found.group(1) if found else _UNIT


def _line_end(text: str) -> str:
    return "\r\n" if re.search(r"(?<!\r)\n", text) is None and "\r\n" in text else "\n"
