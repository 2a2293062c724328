"""Skills over MCP (SEP-2640): the shipped skills with the digest and the size of each file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from memorybank.facade.agents.skills import skill_files, skill_names
from memorybank.serve.mcp.protocol import HANDSHAKE, INVALID_PARAMS, RpcError

if TYPE_CHECKING:
    from memorybank.serve.mcp.server import Server

SCHEME = "skill://"
_NOT_FOUND = -32002
_ENTRY = "SKILL.md"


def list_skills(_server: Server, params: dict[str, Any]) -> dict[str, Any]:
    """Return the skills with their files; there is one page.

    Raises:
        RpcError: a cursor was given.
    """
    if params.get("cursor") is not None:
        raise RpcError(INVALID_PARAMS, "invalid cursor: skills/list has one page")
    return {"skills": [_skill(name) for name in skill_names()]}


def get_skill(server: Server, params: dict[str, Any]) -> dict[str, Any]:
    """Return one skill by the URI of its `SKILL.md`.

    Raises:
        RpcError: there is no such skill.
    """
    uri = params.get("uri")
    for name in skill_names():
        if uri == f"{SCHEME}{name}/{_ENTRY}":
            return {"skill": _skill(name)}
    raise _unknown(server, "skill", uri, [f"{SCHEME}{name}/{_ENTRY}" for name in skill_names()])


def read_skill_file(server: Server, uri: str) -> dict[str, Any]:
    """Return a file of a skill, byte for byte.

    Raises:
        RpcError: no shipped skill has this file.
    """
    files = _files()
    if uri not in files:
        raise _unknown(server, "file of a skill", uri, list(files))
    return {"contents": [{"uri": uri, "mimeType": "text/markdown", "text": files[uri].decode("utf-8")}]}


def _files() -> dict[str, bytes]:
    return {f"{SCHEME}{name}/{path}": data for name in skill_names() for path, data in skill_files(name).items()}


def _skill(name: str) -> dict[str, Any]:
    from hashlib import sha256

    files = skill_files(name)
    resources = [
        {
            "uri": f"{SCHEME}{name}/{path}",
            "digest": f"sha256:{sha256(data).hexdigest()}",
            "size": len(data),
            "mimeType": "text/markdown",
        }
        for path, data in files.items()
    ]
    return {"uri": f"{SCHEME}{name}/{_ENTRY}", "frontmatter": _front_matter(files[_ENTRY]), "resources": resources}


def _front_matter(data: bytes) -> dict[str, Any]:
    import yaml

    _, block, _ = data.decode("utf-8").split("---\n", 2)
    values = yaml.safe_load(block)
    return values if isinstance(values, dict) else {}


def _unknown(server: Server, what: str, uri: object, known: list[str]) -> RpcError:
    from memorybank.serve.mcp.tools.arguments import near_miss

    close = near_miss(str(uri), known)
    advice = f"; did you mean {close}?" if close else ""
    code = _NOT_FOUND if server.era == HANDSHAKE else INVALID_PARAMS
    return RpcError(code, f"no {what} has the URI {str(uri)[:200]!r}{advice}", uri=str(uri)[:200], near=close)
