"""What a row of the table of tools is."""

from __future__ import annotations

from typing import Any, NamedTuple


class Param(NamedTuple):
    """What a parameter is for, and its choices if it has some."""

    text: str
    choices: tuple[str, ...] = ()
    default: Any = None


class Tool(NamedTuple):
    """One tool. `reads` it only, or it `loses` something; `long` calls are interrupted when they are cancelled."""

    name: str
    title: str
    text: str
    operations: dict[str, str]
    params: dict[str, Param]
    answers: tuple[str, ...] = ()
    reads: bool = False
    loses: bool = False
    repeats: bool = False
    opens: bool = False
    long: bool = False
    core: bool = False
    always: bool = False
    needs: tuple[str, ...] = ()
    # operations whose list has pages: `offset` says where one begins
    pages: tuple[str, ...] = ()
    # its method adds the line to the log of calls
    logs: bool = False


def reading(**given: Any) -> dict[str, Any]:
    """Return the fields of a tool that only reads, with others."""
    return {"reads": True, "repeats": True, **given}


EXPECT = Param("Digest that you read; refuses a change of others in between.")
LIMIT = Param("At most so many.")
OFFSET = "Leave out so many of the first: the next_offset of the page before."
TAGS = Param("Tags, all of which must match.")
SINCE = Param("A day, or 7d for a week ago.")
MEMORY = Param("Id, or the start of one.")
SESSION = Param("Id, label or 'current'.")
