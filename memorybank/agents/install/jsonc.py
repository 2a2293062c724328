"""JSON with comments and trailing commas, as spans of the text: nothing is written anew, so no other byte changes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.patterns import later

if TYPE_CHECKING:
    from collections.abc import Callable

_BLANK = " \t\r\n"
_DEPTH = 200


class JsonFaultError(ValueError):
    """The text is not JSON: why, and where."""

    def __init__(self, why: str, text: str, at: int) -> None:
        line = text.count("\n", 0, at) + 1
        column = at - (text.rfind("\n", 0, at) + 1) + 1
        super().__init__(f"line {line}, column {column}: {why}")


class Parts(NamedTuple):
    """The members of an object or the items of a list; `commas` are after each of them, -1 without one."""

    members: tuple[Member, ...] | None = None
    items: tuple[Node, ...] | None = None
    commas: tuple[int, ...] = ()


class Node:
    """A value and its span. Its parts are read when they are asked for: most of a large file never is."""

    __slots__ = ("_parts", "start", "stop", "value")

    def __init__(self, start: int, stop: int, value: Any, parts: Parts | Callable[[], Parts]) -> None:
        """`parts` may be a function that reads them."""
        self.start, self.stop, self.value, self._parts = start, stop, value, parts

    @property
    def parts(self) -> Parts:
        """The members or items."""
        if not isinstance(self._parts, Parts):
            self._parts = self._parts()
        return self._parts

    @property
    def members(self) -> tuple[Member, ...] | None:
        """The members, if it is an object."""
        return self.parts.members

    @property
    def items(self) -> tuple[Node, ...] | None:
        """The items, if it is a list."""
        return self.parts.items

    @property
    def commas(self) -> tuple[int, ...]:
        """The offset of the comma after each member or item, -1 without one."""
        return self.parts.commas

    def child(self, key: str) -> Node | None:
        """Return the value of a key."""
        return next((each.node for each in self.members or () if each.key == key), None)


class Member(NamedTuple):
    """A key with its value; the span begins at the key."""

    key: str
    start: int
    node: Node


def parse(text: str) -> Node:
    """Return the value of a text; comments and trailing commas are allowed.

    Raises:
        JsonFaultError: it is invalid, or an object has a key twice.
    """
    reader = _Reader(text)
    at = reader.blank(text.startswith("\ufeff"))
    node = reader.value(at, 0)
    end = reader.blank(node.stop)
    if end < len(text):
        raise JsonFaultError("text after the end", text, end)
    return node


def is_blank(text: str) -> bool:
    """Whether a text has nothing but white space and comments.

    Raises:
        JsonFaultError: a comment has no end.
    """
    return _Reader(text).blank(text.startswith("\ufeff")) == len(text)


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text

    def blank(self, at: int) -> int:
        """Return the offset after white space and comments."""
        text = self.text
        while at < len(text):
            if text[at] in _BLANK:
                at += 1
            elif text.startswith("//", at):
                found = text.find("\n", at)
                at = len(text) if found < 0 else found
            elif text.startswith("/*", at):
                found = text.find("*/", at + 2)
                if found < 0:
                    raise JsonFaultError("a comment without an end", text, at)
                at = found + 2
            else:
                break
        return at

    def value(self, at: int, depth: int) -> Node:
        text = self.text
        if depth > _DEPTH:
            raise JsonFaultError("nested too deeply", text, at)
        match text[at : at + 1]:
            case "{" | "[" as opening:
                read = self.read_object if opening == "{" else self.read_list
                # plain JSON is read by the parser in C: 50 times as fast
                found = self.plain(at) if depth else None
                return read(at, depth) if found is None else Node(at, *found, lambda: read(at, depth).parts)
            case '"':
                value, stop = self.string(at)
                return Node(at, stop, value, Parts())
            case "":
                raise JsonFaultError("the text ends where a value is expected", text, at)
        scalar = _SCALAR.match(text, at)
        if scalar is None:
            raise JsonFaultError("not a value", text, at)
        try:
            return Node(at, scalar.end(), json.loads(scalar.group()), Parts())
        except ValueError:
            raise JsonFaultError(f"{scalar.group()[:40]!r} is not a value", text, at) from None

    def plain(self, at: int) -> tuple[int, Any] | None:
        """Return where an object or list ends, and its value; None if it has comments or faults."""
        try:
            value, stop = _PLAIN.raw_decode(self.text, at)
        except (ValueError, RecursionError):
            return None
        return stop, value

    def string(self, at: int) -> tuple[str, int]:
        found = _STRING.match(self.text, at)
        if found is None:
            raise JsonFaultError("a string without an end", self.text, at)
        try:
            return json.loads(found.group()), found.end()
        except ValueError:
            raise JsonFaultError("an invalid string", self.text, at) from None

    def read_object(self, at: int, depth: int) -> Node:
        members: list[Member] = []
        commas: list[int] = []
        start, at = at, self.blank(at + 1)
        seen: dict[str, Any] = {}
        while self.text[at : at + 1] != "}":
            if self.text[at : at + 1] != '"':
                raise JsonFaultError("a key in quotes is expected", self.text, at)
            key, stop = self.string(at)
            if key in seen:
                raise JsonFaultError(f"the key {key!r} is there twice", self.text, at)
            colon = self.blank(stop)
            if self.text[colon : colon + 1] != ":":
                raise JsonFaultError("a colon is expected", self.text, colon)
            node = self.value(self.blank(colon + 1), depth + 1)
            seen[key] = node.value
            members.append(Member(key, at, node))
            at = self.comma(node.stop, commas, "}")
        return Node(start, at + 1, seen, Parts(members=tuple(members), commas=tuple(commas)))

    def read_list(self, at: int, depth: int) -> Node:
        items: list[Node] = []
        commas: list[int] = []
        start, at = at, self.blank(at + 1)
        while self.text[at : at + 1] != "]":
            node = self.value(at, depth + 1)
            items.append(node)
            at = self.comma(node.stop, commas, "]")
        values = [each.value for each in items]
        return Node(start, at + 1, values, Parts(items=tuple(items), commas=tuple(commas)))

    def comma(self, at: int, commas: list[int], closing: str) -> int:
        """Note the comma after a value, and return where the next one or the end is."""
        at = self.blank(at)
        if self.text[at : at + 1] == ",":
            commas.append(at)
            return self.blank(at + 1)
        commas.append(-1)
        if self.text[at : at + 1] != closing:
            raise JsonFaultError(f"a comma or {closing} is expected", self.text, at)
        return at


_STRING = later(r'"(?:[^"\\\x00-\x1f]|\\.)*"')
_SCALAR = later(r"[-+.\w]+")


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError
    return found


_PLAIN = json.JSONDecoder(object_pairs_hook=_once_each)
