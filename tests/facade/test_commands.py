"""docs/python.md has a method for each command, and each method is there: a table without holes."""

from __future__ import annotations

import inspect
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from memorybank import Bank
from memorybank.cli.main import cli
from tests.running import import_everything

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = Path(__file__).parents[2] / "docs" / "python.md"
ROW = re.compile(r"^\| (`[^|]*) \| ([^|]*) \|$", re.MULTILINE)
CODE = re.compile(r"`([^`]+)`")
# for the terminal only, and said so on the page
NO_METHOD = {"mcp", "completion", "help", "hook", "merge-driver", "tour", "version"}


def commands(command: click.Command, words: tuple[str, ...] = ()) -> Iterator[str]:
    """Yield all commands that do something, a group that runs without a word of its own too."""
    if not isinstance(command, click.Group):
        yield " ".join(words)
        return
    if words and command.invoke_without_command:
        yield " ".join(words)
    context = click.Context(command)
    for name in command.list_commands(context):
        inner = command.get_command(context, name)
        assert inner is not None
        yield from commands(inner, (*words, name))


def methods(part: type, prefix: str = "") -> Iterator[str]:
    """Yield the public methods of a part of the facade and of the namespaces in it."""
    for name in dir(part):
        value = inspect.getattr_static(part, name)
        if name.startswith("_"):
            continue
        if isinstance(value, property):
            inner = namespace_of(value)
            if inner is not None:
                yield from methods(inner, f"{prefix}{name}.")
        elif isinstance(value, classmethod):
            yield f"{part.__name__}.{name}"
        else:
            yield f"{prefix}{name}"


def namespace_of(value: property) -> type | None:
    """Return the class that a property returns, if its methods belong to the facade; None for plain values."""
    assert value.fget is not None
    name = value.fget.__annotations__["return"]
    for path, module in list(sys.modules.items()):
        part = vars(module).get(name) if path.startswith("memorybank.facade.") else None
        if isinstance(part, type) and part.__module__ == path:
            return part
    return None


def tables() -> tuple[dict[str, list[str]], list[str]]:
    """Return the methods of each command, and the methods that have no command."""
    with_command, without = (
        PAGE.read_text(encoding="utf-8").split("| command | method |")[1].split("| method | what for |")
    )
    rows = {CODE.findall(left)[0]: CODE.findall(right) for left, right in ROW.findall(with_command)}
    return rows, [name for left, _ in ROW.findall(without) for name in CODE.findall(left)]


def test_every_command_has_a_method() -> None:
    rows, _ = tables()
    assert sorted(rows) == sorted(set(commands(cli)) - NO_METHOD)


def test_every_method_has_a_command_or_a_reason() -> None:
    import_everything()
    rows, without = tables()
    shown = {method for row in rows.values() for method in row}
    assert sorted(shown | set(without)) == sorted(set(methods(Bank)))
    assert shown & set(without) == set()
