"""Words as a shell reads them back, for hints that are commands."""

from __future__ import annotations


def quoted(text: object) -> str:
    """Write one word of a command line, in quotes where it needs them."""
    import shlex

    return shlex.quote(str(text))


def command(verb: str, text: object, options: str = "") -> str:
    """Write a command with one word that somebody chose; one that begins with a dash stands behind the options."""
    word = quoted(text)
    if str(text).startswith("-"):
        return " ".join(filter(None, (verb, options, "--", word)))
    return " ".join(filter(None, (verb, word, options)))
