"""Command lines quoted for a shell, for hints that are commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def quoted(text: object) -> str:
    """Return one word of a command line, quoted if the shell needs it."""
    import shlex

    return shlex.quote(str(text))


def command(verb: str, text: object, options: str = "") -> str:
    """Return a command with one word from a user; a word that begins with a dash is put after the options and `--`."""
    word = quoted(text)
    if str(text).startswith("-"):
        return " ".join(filter(None, (verb, options, "--", word)))
    return " ".join(filter(None, (verb, word, options)))


def end_of_options(words: Sequence[str]) -> int:
    """Return the index where the options of a command line end: at its first `--`, otherwise at its end."""
    return list(words).index("--") if "--" in words else len(words)


def option_of(words: Sequence[str], name: str) -> str:
    """Return the value of an option on a command line, "" if it has none."""
    at = _place(words, name)
    if at < 0:
        return ""
    return words[at].partition("=")[2] if "=" in words[at] else "".join(words[at + 1 : at + 2])


def without_option(words: Sequence[str], name: str) -> list[str]:
    """Return the words of a command line without an option and its value."""
    left = list(words)
    while (at := _place(left, name)) >= 0:
        del left[at : at + (1 if "=" in left[at] else 2)]
    return left


def with_each(words: Sequence[str], options: Mapping[str, str | tuple[str, ...]]) -> list[str]:
    """Return the words of a command line with these option values: replaced in place, or added after the others.

    Several values are given one after the other; all earlier ones of that option are replaced.
    """
    changed = list(words)
    for name, value in options.items():
        if not isinstance(value, str):
            changed = without_option(changed, name)
            end = end_of_options(changed)
            changed[end:end] = [word for each in value for word in (name, each)]
            continue
        at = _place(changed, name)
        end = end_of_options(changed)
        start, stop = (end, end) if at < 0 else (at, at + (1 if "=" in changed[at] else 2))
        changed[start:stop] = [name, value]
    return changed


def with_word(words: Sequence[str], old: str, new: str) -> list[str]:
    """Return the words of a command line with one in place of another, which may stand there as several words.

    Without it, the list is empty.
    """
    parts = old.split()
    for at in range(len(words)):
        for length in range(1, len(parts) + 1):
            if " ".join(words[at : at + length]).split() == parts:
                return [*words[:at], new, *words[at + length :]]
    return []


def _place(words: Sequence[str], name: str) -> int:
    known = enumerate(words[: end_of_options(words)])
    return next((at for at, each in known if each == name or each.startswith(f"{name}=")), -1)
