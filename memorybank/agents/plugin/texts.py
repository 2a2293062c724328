"""What the plugin says to its user."""

from __future__ import annotations

from typing import Any

DESCRIPTION = (
    "A project's memory in plain Markdown: decisions, lessons, tasks and their proof, kept across sessions without "
    "losing a line"
)
HOOKS = (
    "One line about the memory at the start, raw writes to it refused with the command to use, a checkpoint before "
    "compaction, one reminder at the end. They do nothing in a project without a memory bank."
)
_INSTALL = "install it from a clone of memorybank with `pipx install .` or `uv tool install .`"


def missing_message() -> dict[str, Any]:
    """Return the answer of a hook where `bank` is not installed: a line for the user, and one for the agent.

    Without an apostrophe, because a shell prints it from between two of them.
    """
    user = f"memorybank: the plugin needs the command `bank`, which is not on the PATH: {_INSTALL}, and start again"
    agent = (
        "The plugin `bank` is installed, but its command `bank` is not on the PATH, so there is no project memory in "
        f"this session. Do not try its commands or tools; if the user asks, say how: {_INSTALL}."
    )
    return {"systemMessage": user, "hookSpecificOutput": {"hookEventName": "SessionStart", "additionalContext": agent}}


README = """\
# memorybank for Claude Code

A project's memory in plain Markdown, which people and agents edit together without losing a line: the focus of the
work, decisions with their reasons, lessons, tasks, and proof that they are done. It is a folder `.memorybank/` in your
repository, so you read, review and merge it like code.

## What the plugin brings

- The skills `session-memory` and `session-memory-reader`, which teach Claude when to read the memory and how to write.
- The commands `/bank:load`, `/bank:note`, `/bank:decide`, `/bank:wrap-up` and `/bank:bank`.
- The MCP server `bank`: tools to load, search, note, show, edit, decide and prove.
- Hooks: one line about the memory at the start of a session, raw writes to its files refused with the command to use
  instead, a checkpoint before compaction, and one reminder at the end. Without a memory bank they do nothing.

## Install

The plugin runs the command `bank`, which must be on your `PATH`. It needs Python 3.11 or newer. In a clone of this
repository:

```sh
pipx install .      # or: uv tool install .
```

Then in Claude Code 2.1.275 or newer, with the repository that holds the marketplace:

```text
/plugin install bank --marketplace OWNER/REPO
```

Or from a clone: `/plugin marketplace add FOLDER`, then `/plugin install bank@bank-marketplace`. Make a memory bank in
your project with `bank init`.

A plugin cannot allow commands. To let Claude read and note without a question, run `bank install claude-code` instead,
which writes skills, server, hooks and permissions into the project's own settings. One of the two is enough.

## Privacy

All files stay on your machine and in your repository. Nothing is sent anywhere, and the memory comes to Claude as
data, not as instructions.
"""
