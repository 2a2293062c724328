"""The kinds of lines in a rollout file of Codex, seen from their first bytes."""

from __future__ import annotations

from memorybank.corrections.transcripts.line_heads import head_pattern

_NAME = rb'"([^"\\\n]++)"'
_HEAD = head_pattern(
    rb'FIELDS"type"~:~'
    + _NAME
    + rb'(?:~,~"payload"~:~\{FIELDS"type"~:~'
    + _NAME
    + rb'(?:~,FIELDS"item"~:~\{~"type"~:~'
    + _NAME
    + rb")?+)?+",
    rb"type|payload|item",
)
_SKIPPED = frozenset([b"turn_context", b"world_state", b"token_usage_record"])
_ITEMS = frozenset(
    [
        b"message",
        b"function_call",
        b"function_call_output",
        b"custom_tool_call",
        b"custom_tool_call_output",
        b"local_shell_call",
        b"local_shell_call_output",
    ]
)
_EVENTS = frozenset([b"user_message", b"agent_message", b"turn_aborted", b"thread_rolled_back", b"task_started"])
_COMPLETED = frozenset([b"UserMessage", b"AgentMessage"])
# kinds that versions up to 0.171 write and that have no message
KNOWN = frozenset(
    [
        *("turn_context", "world_state", "token_usage_record"),
        *(
            f"response_item/{name}"
            for name in (
                "additional_tools",
                "reasoning",
                "web_search_call",
                "ghost_snapshot",
                "compaction",
                "tool_search_call",
                "tool_search_output",
                "image_generation_call",
                "other",
            )
        ),
        *(
            f"event_msg/{name}"
            for name in (
                "agent_reasoning",
                "agent_reasoning_raw_content",
                "agent_reasoning_section_break",
                "context_compacted",
                "entered_review_mode",
                "error",
                "exec_command_begin",
                "exec_command_end",
                "exec_command_output_delta",
                "exited_review_mode",
                "item_started",
                "mcp_tool_call_begin",
                "mcp_tool_call_end",
                "patch_apply_begin",
                "patch_apply_end",
                "plan_update",
                "session_configured",
                "stream_error",
                "task_complete",
                "thread_name_updated",
                "thread_settings_applied",
                "token_count",
                "turn_diff",
                "view_image_tool_call",
                "warning",
                "web_search_begin",
                "web_search_end",
            )
        ),
        *(
            f"event_msg/item_completed/{name}"
            for name in (
                "CommandExecution",
                "ContextCompaction",
                "FileChange",
                "HookPrompt",
                "ImageView",
                "McpToolCall",
                "Plan",
                "Reasoning",
                "TodoList",
                "WebSearch",
            )
        ),
    ]
)


def look(block: bytes, begin: int, end: int) -> str:
    """Return the kind of a line that has no message; "" if it may have one, or its beginning does not show it."""
    found = _HEAD.match(block, begin, end)
    if not found:
        return ""
    kind, inner, item = found.groups()
    if kind == b"response_item" and inner is not None:
        is_wanted = inner in _ITEMS
    elif kind == b"event_msg" and inner is not None:
        is_wanted = inner in _EVENTS or (inner == b"item_completed" and (item is None or item in _COMPLETED))
    else:
        is_wanted = kind not in _SKIPPED
    return "" if is_wanted else b"/".join(filter(None, found.groups())).decode("utf-8", "replace")
