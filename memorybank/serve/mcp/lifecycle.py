"""The opening of a connection in both eras, and the methods that keep it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from memorybank.serve.mcp.features import HANDSHAKE, MODERN, capabilities
from memorybank.serve.mcp.instructions import instructions
from memorybank.serve.mcp.protocol import HANDSHAKE_VERSIONS, INVALID_PARAMS, MODERN_VERSIONS, RpcError, shortened

if TYPE_CHECKING:
    from memorybank.serve.mcp.server import Server

LEVELS = ("debug", "info", "notice", "warning", "error", "critical", "alert", "emergency")


def initialize(server: Server, params: dict[str, Any]) -> dict[str, Any]:
    """Answer the handshake: the version that was asked for if it is known, else the newest.

    Raises:
        RpcError: it names no version.
    """
    asked = params.get("protocolVersion")
    if not isinstance(asked, str):
        raise RpcError(INVALID_PARAMS, "initialize needs protocolVersion, such as 2025-11-25")
    version = asked if asked in HANDSHAKE_VERSIONS else HANDSHAKE_VERSIONS[0]
    server.opened(version, params.get("clientInfo"), params.get("capabilities"))
    return {
        "protocolVersion": version,
        "capabilities": capabilities(HANDSHAKE),
        "serverInfo": server.info,
        "instructions": instructions(server.options.tools, read_only=server.options.read_only),
    }


def discover(server: Server, _params: dict[str, Any]) -> dict[str, Any]:
    """Answer what a client of 2026-07-28 asks in place of a handshake."""
    return {
        "supportedVersions": list(MODERN_VERSIONS),
        "capabilities": capabilities(MODERN),
        "serverInfo": server.info,
        "instructions": instructions(server.options.tools, read_only=server.options.read_only),
    }


def ping(_server: Server, _params: dict[str, Any]) -> dict[str, Any]:
    """Answer a ping."""
    return {}


def set_level(server: Server, params: dict[str, Any]) -> dict[str, Any]:
    """Set which messages of the log the client gets.

    Raises:
        RpcError: there is no such level.
    """
    level = params.get("level")
    if level not in LEVELS:
        text = f"invalid level {shortened(level)!r}: choose from {', '.join(LEVELS)}"
        raise RpcError(INVALID_PARAMS, text, levels=list(LEVELS))
    server.level = LEVELS.index(level)
    return {}
