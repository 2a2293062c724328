"""A command whose text arguments may begin like an option: `- [ ] an item` is text, not a flag."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from memorybank.cli import typed_text as typed

if TYPE_CHECKING:
    from collections.abc import Collection

# no word of a command line can hold NUL, so it marks a word as text on its way through the parser
_MARK = "\0"


class TextCommand(click.Command):
    """A command that takes words such as `- item` and `--no-verify is banned` as text."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Mark texts that begin with a dash, so that the parser does not take them for options."""
        known = {name for param in self.params for name in (*param.opts, *param.secondary_opts)} | {
            *ctx.help_option_names
        }
        rest = super().parse_args(ctx, [_MARK + word if _is_text(word, known) else word for word in args])
        # an option that takes no text is given such words as well
        ctx.params.update({name: _plain(value) for name, value in ctx.params.items()})
        return rest


def _is_text(word: str, options: Collection[str]) -> bool:
    if word[:1] != "-" or word[1:2].isspace():
        return word[:1] == "-"
    name, _, more = word.partition(" ")
    return word[:2] == "--" and (bool(more.strip()) or word[:3] == "---") and "=" not in name and name not in options


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return value.removeprefix(_MARK)
    return tuple(map(_plain, value)) if isinstance(value, tuple) else value


class TextParam(click.ParamType[str]):
    """Text as it was typed; a lone dash means standard input, see `read_dashes`."""

    name = "text"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:  # noqa: ARG002  click's signature
        """Return the word as it was typed."""
        return str(value).removeprefix(_MARK)


TEXT = TextParam()


def read_dashes(command: click.Command, given: dict[str, Any]) -> None:
    """Replace a lone dash that was given as a text by standard input.

    Raises:
        click.UsageError: more than one text is a dash.
    """
    for param in command.params:
        value = given.get(param.name or "")
        if param.type is TEXT and (value == "-" or (isinstance(value, tuple) and "-" in value)):
            text = typed.read_input().decode("utf-8", "surrogateescape")
            if isinstance(param, click.Option):
                # the last line's ending is the pipe's, where a text is a value
                text = text.removesuffix("\n").removesuffix("\r")
            several = isinstance(value, tuple)
            if several and value.count("-") > 1:
                raise click.UsageError(typed.ONE_TEXT)
            given[param.name or ""] = tuple(text if each == "-" else each for each in value) if several else text
