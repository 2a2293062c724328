"""An event of a session log: the same for every client."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

# said: a text; call, result: a tool is used and answers; denied: the user refused a call, with or without a comment;
# interrupted: the user stopped the assistant; rewound: the session went back to an earlier turn;
# compacted: a summary replaced what was before; reverted: the user undid an edit
Kind = Literal["said", "call", "result", "denied", "interrupted", "rewound", "compacted", "reverted", "other"]
# human: a person typed it; assistant: the main agent; subagent: an agent of it; harness: the client, hooks, programs
Speaker = Literal["human", "assistant", "subagent", "harness"]


class Event(NamedTuple):
    """One event, in the order of its log.

    `line` is the number of its line from 1, and `offset` the byte at which that line begins. `ident` is the client's id
    of the entry; the same one stands in several logs if a session was resumed or forked. `at` is a time as
    `times.stamp_of` writes it, "" without a valid one. `text` of a denial is the user's comment. `tool`, `call` (the id
    that joins a call with its result) and `arguments` are those of a tool; a denial has those of the denied call if the
    log has it. `about` is the id of the entry that an interrupt or a rewind is about. `is_mid_turn` is whether it was
    typed while the assistant worked. `is_sure` is whether a field of the log says who spoke; without such a field it
    was guessed from the text.
    """

    kind: Kind
    speaker: Speaker
    text: str = ""
    at: str = ""
    session: str = ""
    ident: str = ""
    line: int = 0
    offset: int = 0
    tool: str = ""
    call: str = ""
    arguments: Mapping[str, Any] = {}
    about: str = ""
    is_error: bool = False
    is_mid_turn: bool = False
    is_sure: bool = True
