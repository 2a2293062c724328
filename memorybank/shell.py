"""Words as a shell reads them back, for hints that are commands."""

from __future__ import annotations


def quoted(text: object) -> str:
    """Write one word of a command line, in quotes where it needs them."""
    import shlex

    return shlex.quote(str(text))
