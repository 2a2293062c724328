"""The kinds of lines in a log of Claude Code that have no message."""

from __future__ import annotations

# kinds of lines that versions up to 2.1.332 write and that have no message, or a copy of one
KNOWN = frozenset(
    [
        "agent-name",
        "agent-setting",
        "ai-title",
        "api-request",
        "api-request-blob",
        "api-request-shape",
        "atis-latch",
        "attachment",
        "bridge-session",
        "cost-state",
        "custom-title",
        "error",
        "file-history-delta",
        "file-history-snapshot",
        "frame-link",
        "last-prompt",
        "mode",
        "permission-mode",
        "pr-link",
        "progress",
        "relocated",
        "result",
        "started",
        "tool_result",
        "tool_use",
        "tools-used",
        "worktree-state",
    ]
)
