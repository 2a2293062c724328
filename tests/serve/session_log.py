"""A log of a session as Claude Code writes it, made line by line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

COMMENT = "keep build, only remove dist"
DENIAL = (
    "The user doesn't want to proceed with this tool use. The tool use was rejected (eg. if it was a file edit, the "
    f"new_string was NOT written to the file). To tell you how to proceed, the user said:\n{COMMENT}"
)


class Log:
    """A log that grows."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.number = 0

    def add(self, kind: str, content: Any, **more: Any) -> None:
        self.number += 1
        row = {
            "parentUuid": f"u{self.number - 1}" if self.number > 1 else None,
            "isSidechain": False,
            "type": kind,
            "message": {"role": kind, "content": content},
            "uuid": f"u{self.number}",
            "timestamp": f"2026-11-30T09:00:{self.number:02}.000Z",
            "sessionId": "s",
            "version": "2.1.332",
            **more,
        }
        with self.path.open("a") as file:
            file.write(json.dumps(row, separators=(",", ":")) + "\n")

    def types(self, text: str) -> None:
        human = {"origin": {"kind": "human"}, "promptSource": "typed", "turnOrigin": "human"}
        self.add("user", text, **human)

    def answers(self, text: str) -> None:
        self.add("assistant", [{"type": "text", "text": text}])

    def calls(self, command: str, ident: str) -> None:
        self.add("assistant", [{"type": "tool_use", "id": ident, "name": "Bash", "input": {"command": command}}])

    def returns(self, ident: str, text: str, **more: Any) -> None:
        self.add("user", [{"type": "tool_result", "tool_use_id": ident, "content": text}], **more)

    def denies(self, command: str, ident: str = "t1") -> None:
        self.calls(command, ident)
        said = {"userFeedback": COMMENT, "holdsPersonsWords": True, "toolDenialKind": "user-rejected"}
        content = [{"type": "tool_result", "tool_use_id": ident, "content": DENIAL, "is_error": True}]
        self.add("user", content, toolUseResult=f"Error: {DENIAL}", **said)
