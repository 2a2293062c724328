"""A command whose text arguments may begin like an option: `- [ ] an item` is text, not a flag."""

from __future__ import annotations

from typing import Any

import click

# no word of a command line can hold NUL, so it marks a word as text on its way through the parser
_MARK = "\0"


class TextCommand(click.Command):
    """A command that takes words such as `- item` as text."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Hide from the parser that a word begins with a dash and a space."""
        return super().parse_args(
            ctx, [_MARK + word if word[:1] == "-" and word[1:2].isspace() else word for word in args]
        )


class Text(click.ParamType[str]):
    """Text as it was typed."""

    name = "text"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:  # noqa: ARG002  click's signature
        """Give the word as it was typed."""
        return str(value).removeprefix(_MARK)


TEXT = Text()
