"""The next command of an error: this run's command line with what was wrong in it corrected, and all else as typed."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from memorybank.cli.typed_text import words
from memorybank.errors import NotFoundError
from memorybank.shell import end_of_options, quoted, with_each, with_word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memorybank.errors import BankError

_NOTE = "bank note -h"


def next_command(error: BankError, verbs: int) -> str:
    """Return the command to type after an error; its own hint where the command line cannot be corrected.

    The first `verbs` words of the command line are the command's name.
    """
    given = words()
    if error.code == "text" and error.hint == _NOTE:
        # the message about an empty text is that of a note in every command that writes a line
        return f"{_line(given[:verbs])} -h"
    if not given or "-" in given:
        # the text came from standard input: the command line alone does not have it
        return error.hint
    if error.options:
        return _with_options(error, given)
    if error.instead[0].strip():
        changed = with_word(given[verbs:], *error.instead)
        return _line([*given[:verbs], *changed]) if changed else error.hint
    if error.hint.startswith("--"):
        return _with_value(error, given)
    return _with_address(error, given) if isinstance(error, NotFoundError) else error.hint


def _with_options(error: BankError, given: Sequence[str]) -> str:
    """Add the options that an error asks for, if the command has them."""
    is_ours = not error.hint.startswith("bank ") or error.hint.startswith(" ".join(["bank", given[0], ""]))
    return _line(with_each(given, error.options)) if is_ours else error.hint


def _with_value(error: BankError, given: Sequence[str]) -> str:
    """Put the value of a hint such as `--number 8` in place of the one that was typed for this option."""
    try:
        name, *values = shlex.split(error.hint)
    except ValueError:
        return error.hint
    is_typed = any(each == name or each.startswith(f"{name}=") for each in given[: end_of_options(given)])
    return _line(with_each(given, {name: values[0]})) if len(values) == 1 and is_typed else error.hint


def _with_address(error: BankError, given: Sequence[str]) -> str:
    """Put the address that an error has in place of a plain name."""
    close = error.details.get("near")
    address = close[0] if isinstance(close, list) and len(close) == 1 else ""
    is_ours = error.hint.endswith(f" {quoted(address)}") and error.where in given
    if "#" not in address or not is_ours:
        return error.hint
    return _line([address if each == error.where else each for each in given])


def _line(given: Sequence[str]) -> str:
    return f"bank {' '.join(map(quoted, given))}"
