"""What the server can do: each method with the function that answers it, imported at the first request.

A function takes the server and the request's `params`, and returns the result. A feature is added here: its methods,
its notifications, and its capability. `HANDSHAKE_CAPABILITIES` are of that era alone.
"""

from __future__ import annotations

from typing import Any, NamedTuple

BOTH = "both"
HANDSHAKE = "handshake"
MODERN = "modern"
_DAY = 86_400_000


class Method(NamedTuple):
    """The module and the function that answer a method, in which era, and how many milliseconds a client may keep it.

    Only an answer that may be kept, in 2026-07-28, has `ttl` (0 or more).
    """

    module: str
    function: str
    era: str = BOTH
    ttl: int | None = None


METHODS: dict[str, Method] = {
    "initialize": Method("lifecycle", "initialize", HANDSHAKE),
    "ping": Method("lifecycle", "ping", HANDSHAKE),
    "logging/setLevel": Method("lifecycle", "set_level", HANDSHAKE),
    "server/discover": Method("lifecycle", "discover", MODERN, _DAY),
    "tools/list": Method("tools.listed", "list_tools", BOTH, _DAY),
    "tools/call": Method("tools.call", "call_tool"),
    "resources/list": Method("offers.resources", "list_resources", BOTH, 0),
    "resources/templates/list": Method("offers.resources", "list_templates", BOTH, _DAY),
    "resources/read": Method("offers.resources", "read_resource", BOTH, 0),
    "resources/subscribe": Method("offers.notify", "subscribe", HANDSHAKE),
    "resources/unsubscribe": Method("offers.notify", "unsubscribe", HANDSHAKE),
    "subscriptions/listen": Method("offers.notify", "listen", MODERN),
    "prompts/list": Method("offers.prompts", "list_prompts", BOTH, _DAY),
    "prompts/get": Method("offers.prompts", "get_prompt"),
    "completion/complete": Method("offers.completion", "complete"),
    "skills/list": Method("offers.skill_list", "list_skills", BOTH, _DAY),
    "skills/get": Method("offers.skill_list", "get_skill", BOTH, _DAY),
}

# the function is called in the order of the requests
NOTIFICATIONS: dict[str, Method] = {
    "notifications/roots/list_changed": Method("choose_bank", "roots_changed", HANDSHAKE),
    # of a request that has no answer yet, and none that waits
    "notifications/cancelled": Method("offers.notify", "cancelled"),
}

# what an era does not have is left out by `capabilities`
CAPABILITIES: dict[str, dict[str, Any]] = {
    "tools": {},
    "resources": {"subscribe": True, "listChanged": True},
    "prompts": {},
    "completions": {},
}
EXTENSIONS: dict[str, dict[str, Any]] = {"io.modelcontextprotocol/skills": {}}
# of the era with a handshake alone
HANDSHAKE_CAPABILITIES: dict[str, dict[str, Any]] = {"logging": {}}


def capabilities(era: str) -> dict[str, Any]:
    """Return what the server says it can do in an era."""
    found = {**CAPABILITIES, **(HANDSHAKE_CAPABILITIES if era == HANDSHAKE else {})}
    return {**found, "extensions": EXTENSIONS} if EXTENSIONS else found
