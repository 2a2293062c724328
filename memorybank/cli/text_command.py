"""A command whose text may be typed without quotes, and may begin like an option: `- [ ] an item` is text, not a flag.

The rule for people: options stand anywhere before the text or behind it, all other words are the text, and what
follows `--` is text whatever it looks like.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import click

from memorybank.cli import typed_text as typed
from memorybank.shell import quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

# no word of a command line can hold NUL, so it marks a word as text on its way through the parser
_MARK = "\0"


class TextCommand(click.Command):
    """A command that takes words such as `- item` and `--no-verify is banned` as text."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Mark texts that begin with a dash, so that the parser does not take them for options.

        Raises:
            click.UsageError: an option is unknown, or it is not clear where an option's text ends.
        """
        known = {name for param in self.params for name in (*param.opts, *param.secondary_opts)} | {
            *ctx.help_option_names
        }
        marked = [_MARK + word if _is_text(word, known) else word for word in args]
        try:
            rest = super().parse_args(ctx, [*marked])
        except click.NoSuchOption as error:
            from memorybank.cli.other_names import with_meant

            meant = with_meant(error)
            # a text that looks like this option is less likely
            marked = marked if meant is error else []
            error = meant
            raise click.UsageError(f"{error.format_message()}{self._advice(ctx, error, marked)}", ctx) from None
        if not ctx.resilient_parsing:
            self._refuse_unclear(ctx, marked)
        # an option that takes no text is given such words as well
        ctx.params.update({name: _plain(value) for name, value in ctx.params.items()})
        return rest

    def _advice(self, ctx: click.Context, error: click.NoSuchOption, args: Sequence[str]) -> str:
        """Return how to pass a word that looks like an option as text, or which command has the option."""
        from memorybank.cli.other_names import has_option

        other = has_option(ctx, error.option_name)
        if other:
            return f" {other} has it."
        if not args or not any(isinstance(param, click.Argument) and param.type is TEXT for param in self.params):
            return ""
        typed_words = _sorted_out(self, args)
        words = [*typed_words.options, "--", *(word for word, _ in typed_words.plain)]
        return f" Text that begins with a dash stands after --: {ctx.command_path} {' '.join(map(quoted, words))}"

    def _refuse_unclear(self, ctx: click.Context, args: Sequence[str]) -> None:
        """Refuse `cache is slow --why the disk is far`: the words after an option's first word may belong to it."""
        at = [isinstance(param, Words) for param in self.params if isinstance(param, click.Argument)]
        if True not in at:
            return
        texts = _sorted_out(self, args).plain[at.index(True) :]
        option = next((option for _, option in texts if option), "")
        if len(texts) > 1 and option:
            raise click.UsageError(f"It is not clear where the text of {option} ends: put it in quotes.", ctx)


class _Sorted(NamedTuple):
    """The words of a command line: options with their values, and the others.

    Beside each of the others stands the option whose one-word text it follows, if any: it may belong to that.
    """

    options: list[str]
    plain: list[tuple[str, str]]


def _sorted_out(command: click.Command, args: Sequence[str]) -> _Sorted:
    params = {name: param for param in command.params for name in (*param.opts, *param.secondary_opts)}
    found = _Sorted([], [])
    rest = [*args]
    follows = ""
    while rest:
        word = rest.pop(0)
        name, equals, _ = word.partition("=")
        param = params.get(name if word[:2] == "--" else word[:2])
        if word == "--":
            found.plain.extend((each.removeprefix(_MARK), "") for each in rest)
            break
        if word[:1] != "-" or not isinstance(param, click.Option):
            found.plain.append((word.removeprefix(_MARK), follows))
            follows = ""
            continue
        found.options.append(word)
        follows = ""
        is_whole = param.is_flag or equals or (word[:2] != "--" and len(word) > len("-x"))
        if not is_whole and rest:
            value = rest.pop(0)
            found.options.append(value.removeprefix(_MARK))
            if (param.type is TEXT or value.endswith(",")) and not any(map(str.isspace, value)):
                follows = name
    return found


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


class Words(click.Argument):
    """The last argument of a command: one text, in quotes or as several words, which are joined with spaces."""

    def process_value(self, ctx: click.Context, value: Any) -> Any:
        """Return the words as one text, None for none."""
        given = super().process_value(ctx, value)
        return " ".join(given) if given else None


def text_words(name: str, *, metavar: str, required: bool = True, type: Any = TEXT) -> Callable[[Any], Any]:  # noqa: A002  click's word
    """Return the decorator for a last argument that may be typed without quotes."""
    return click.argument(name, cls=Words, nargs=-1, type=type, required=required, metavar=metavar)


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
