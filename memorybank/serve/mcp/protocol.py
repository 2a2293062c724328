"""JSON-RPC and the two eras of MCP: with a handshake, and since 2026-07-28 with an envelope on each request."""

from __future__ import annotations

import json
from typing import Any

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Protocol

    class Source(Protocol):
        """What messages are read from."""

        def read(self, size: int, /) -> bytes | None:
            """Return the bytes that are there, b"" at the end."""

    class Sink(Protocol):
        """What messages are written to."""

        def write(self, data: bytes, /) -> int | None:
            """Write bytes, and return how many were taken."""


# the newest first: a client that asks for an unknown version is answered with the first
HANDSHAKE_VERSIONS = ("2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05")
MODERN_VERSIONS = ("2026-07-28",)
# the one version in which a line may hold several messages
BATCH_VERSION = "2025-03-26"
HANDSHAKE = "handshake"
MODERN = "modern"

PARSE_ERROR = -32700
INVALID_REQUEST = -32600
UNKNOWN_METHOD = -32601
INVALID_PARAMS = -32602
INTERNAL_ERROR = -32603
WRONG_VERSION = -32022

_META = "io.modelcontextprotocol/"
VERSION_KEY = f"{_META}protocolVersion"
CLIENT_KEY = f"{_META}clientInfo"
ABILITIES_KEY = f"{_META}clientCapabilities"
SERVER_KEY = f"{_META}serverInfo"

_CHUNK = 64 * 1024

# what `Server.kept` has while a request runs whose bank was found
FOUND_FOR = "found for"

# no answer now: the function answers later, with `Server.respond`
LATER: dict[str, Any] = {}


class RpcError(Exception):
    """An error of the protocol: a wrong message, an unknown method, arguments that a tool does not take."""

    def __init__(self, code: int, message: str, **data: Any) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.data = data

    def to_wire(self) -> dict[str, Any]:
        """Return the error object of JSON-RPC."""
        wire = {"code": self.code, "message": self.message}
        return {**wire, "data": self.data} if self.data else wire


class Batch:
    """Several messages of one line, which are answered in one line."""

    __slots__ = ("answers", "left")

    def __init__(self, count: int) -> None:
        self.left = count
        self.answers: list[dict[str, Any]] = []


class Request:
    """One request: its era and what the client says of itself are its own, for a client of 2026-07-28 opens nothing."""

    __slots__ = ("abilities", "batch", "client", "era", "ident", "is_cancelled", "method", "params", "version")

    def __init__(self, ident: str | int, method: str, params: dict[str, Any], batch: Batch | None = None) -> None:
        self.ident = ident
        self.method = method
        self.params = params
        self.batch = batch
        self.era = HANDSHAKE
        self.version = ""
        self.client: Mapping[str, Any] = {}
        self.abilities: Mapping[str, Any] = {}
        self.is_cancelled = False

    @property
    def meta(self) -> dict[str, Any]:
        """The `_meta` of the request, {} without one."""
        meta = self.params.get("_meta")
        return meta if isinstance(meta, dict) else {}


def lines_of(source: Source, most: int) -> Iterator[bytes]:
    """Read lines until the end; one that is longer than `most` is cut, but still longer than that."""
    held = bytearray()
    is_skipping = False
    while True:
        try:
            chunk = source.read(_CHUNK)
        except OSError:
            chunk = b""
        if not chunk:
            break
        *lines, rest = chunk.split(b"\n")
        for line in lines:
            held += line
            if not is_skipping:
                yield bytes(held)
            held.clear()
            is_skipping = False
        held += b"" if is_skipping else rest
        if len(held) > most:
            yield bytes(held)
            held.clear()
            is_skipping = True
    if held:
        yield bytes(held)


def encoded(message: Any) -> bytes:
    """Return a message as one line; bytes that are not UTF-8 are escaped lone surrogates, as in `--json`."""
    text = json.dumps(message, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "backslashreplace") + b"\n"


def parsed(line: bytes) -> Any:
    """Return the JSON of a line.

    Raises:
        RpcError: it is not JSON in UTF-8, or has a number that is too large.
    """
    try:
        return json.loads(line.decode("utf-8-sig"), parse_constant=_no_number, parse_float=_finite)
    except RecursionError:
        raise RpcError(PARSE_ERROR, "the message is nested too deeply") from None
    except ValueError as error:
        raise RpcError(PARSE_ERROR, f"not JSON in UTF-8: {error}") from None


def _finite(text: str) -> float:
    """Return a number; one that is too large would be sent back as Infinity, which is no JSON."""
    number = float(text)
    if number - number != 0:
        raise RpcError(INVALID_PARAMS, f"{text[:20]} is larger than any number that can be answered")
    return number


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no number of JSON")


def shortened(value: Any) -> str:
    """Return what a client sent as a message may repeat it."""
    text = value if isinstance(value, str) else type(value).__name__
    return text[:80]


def request_of(message: dict[str, Any], batch: Batch | None = None) -> Request:
    """Return the request that a message is.

    Raises:
        RpcError: it is not one, or its envelope is not complete.
    """
    ident, method, params = message["id"], message["method"], message.get("params", {})
    if not isinstance(ident, str | int) or isinstance(ident, bool):
        raise RpcError(INVALID_REQUEST, "the id of a request is a text or a whole number")
    if not isinstance(params, dict):
        raise RpcError(INVALID_PARAMS, "params is not an object")
    request = Request(ident, method, params, batch)
    asked = request.meta.get(VERSION_KEY)
    if asked is None:
        return request
    if asked not in MODERN_VERSIONS:
        supported = [*MODERN_VERSIONS, *HANDSHAKE_VERSIONS]
        requested = shortened(asked)
        message_text = f"unsupported protocol version {requested!r}"
        raise RpcError(WRONG_VERSION, message_text, supported=supported, requested=requested)
    abilities = request.meta.get(ABILITIES_KEY)
    if not isinstance(abilities, dict):
        raise RpcError(INVALID_PARAMS, f"_meta has no {ABILITIES_KEY}")
    client = request.meta.get(CLIENT_KEY)
    request.era, request.version, request.abilities = MODERN, asked, abilities
    request.client = client if isinstance(client, dict) else {}
    return request


def ident_in(head: bytes) -> str | int | None:
    """Return the id in the head of a message that is too large to parse; None if it is not before `params`."""
    _, found, rest = head.partition(b'"params"')[0].partition(b'"id":')
    if not found:
        return None
    try:
        value = json.loads(rest.split(b",")[0].strip().rstrip(b"}"))
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, str | int) and not isinstance(value, bool) else None
