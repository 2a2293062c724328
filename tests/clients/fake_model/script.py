"""What the model answers: turns that follow a prompt, and the rows of a conversation in one form for all APIs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


class Say(NamedTuple):
    """The model answers with a text, which ends its turn."""

    text: str


class Call(NamedTuple):
    """The model calls a tool. `namespace` is for clients that group the tools of a server."""

    tool: str
    arguments: Mapping[str, Any]
    namespace: str = ""


Turn = Say | Call
Script = dict[str, list[Turn]]
# what Claude Code says of a tool whose server has not started within 10 seconds after the call
NO_TOOL = "No such tool available"
_REPEATS = 10
SUMMARY = "<summary>The user and the agent worked on the shop.</summary>"


class Row(NamedTuple):
    """One entry of a conversation: the text of a user, a tool or the client itself, or an answer of the model."""

    text: str
    by_model: bool


def next_turn(script: Script, rows: Sequence[Row], *, has_tools: bool) -> Turn:
    """Return what the model answers now.

    The answer follows from the conversation alone, so a client may repeat a request, and requests beside the
    conversation (for a title, a suggestion) use up no turn. A call of a tool that the client does not have yet is
    repeated a few times, as a model does.
    """
    if not has_tools:
        return Say("Shop")
    if rows and "summary" in rows[-1].text and "TEXT ONLY" in rows[-1].text:
        return Say(SUMMARY)
    begun = [(at, prompt) for at, row in enumerate(rows) if not row.by_model for prompt in script if prompt in row.text]
    if not begun:
        return Say("Nothing to do.")
    at, prompt = begun[-1]
    refused = sum(NO_TOOL in row.text for row in rows[at:] if not row.by_model)
    done = sum(row.by_model for row in rows[at:]) - min(refused, _REPEATS)
    turns = script[prompt]
    return turns[done] if done < len(turns) else Say("Done.")


def texts_of(value: Any) -> Iterable[str]:
    """Yield every text in a JSON value, in order; texts of fields that hold binary data or signatures too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from texts_of(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts_of(inner)
