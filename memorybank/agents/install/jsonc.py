"""JSON with comments and trailing commas, as spans of the text: nothing is written anew, so no other byte changes."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from memorybank.patterns import later

_BLANK = " \t\r\n"
_DEPTH = 200


class JsonFaultError(ValueError):
    """The text is not JSON: why, and where."""

    def __init__(self, why: str, text: str, at: int) -> None:
        line = text.count("\n", 0, at) + 1
        column = at - (text.rfind("\n", 0, at) + 1) + 1
        super().__init__(f"line {line}, column {column}: {why}")


class Node(NamedTuple):
    """A value: its span, and its members (for an object) or items (for a list); `commas` are after each of them."""

    start: int
    stop: int
    value: Any
    members: tuple[Member, ...] | None = None
    items: tuple[Node, ...] | None = None
    # the offset of the comma after each member or item, -1 without one
    commas: tuple[int, ...] = ()

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
    at = reader.blank(1 if text.startswith("\ufeff") else 0)
    node = reader.value(at, 0)
    end = reader.blank(node.stop)
    if end < len(text):
        raise JsonFaultError("text after the end", text, end)
    return node


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
            case "{":
                return self.read_object(at, depth)
            case "[":
                return self.read_list(at, depth)
            case '"':
                value, stop = self.string(at)
                return Node(at, stop, value)
            case "":
                raise JsonFaultError("the text ends where a value is expected", text, at)
        found = _SCALAR.match(text, at)
        if found is None:
            raise JsonFaultError("not a value", text, at)
        try:
            return Node(at, found.end(), json.loads(found.group()))
        except ValueError:
            raise JsonFaultError(f"{found.group()[:40]!r} is not a value", text, at) from None

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
        return Node(start, at + 1, seen, members=tuple(members), commas=tuple(commas))

    def read_list(self, at: int, depth: int) -> Node:
        items: list[Node] = []
        commas: list[int] = []
        start, at = at, self.blank(at + 1)
        while self.text[at : at + 1] != "]":
            node = self.value(at, depth + 1)
            items.append(node)
            at = self.comma(node.stop, commas, "]")
        values = [each.value for each in items]
        return Node(start, at + 1, values, items=tuple(items), commas=tuple(commas))

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
