"""Resources: the memory files, their sections, records, a search and the state, each read as it is now."""

from __future__ import annotations

from contextlib import suppress
from time import gmtime, strftime
from typing import TYPE_CHECKING, Any

from memorybank.errors import BankError, NoFileError, OutsideError
from memorybank.serve.mcp.choose_bank import ASK_FOR_ROOTS, NeedsRoots
from memorybank.serve.mcp.offers.framing import framed, name_of
from memorybank.serve.mcp.offers.resource_uris import (
    FILE,
    RECORD,
    SEARCH,
    SECTION,
    STATUS,
    TEMPLATES,
    check_file,
    is_not_found,
    parse_uri,
    uri_of,
)
from memorybank.serve.mcp.protocol import HANDSHAKE, INVALID_PARAMS, RpcError

if TYPE_CHECKING:
    from memorybank.facade.bank import Bank
    from memorybank.serve.mcp.server import Server

MARKDOWN, JSON = "text/markdown", "application/json"
# the code of the era with a handshake; 2026-07-28 has invalid params
NOT_FOUND = -32002
PAGE = 50
_HITS = 10
_TIME = "%Y-%m-%dT%H:%M:%SZ"
_DESCRIPTIONS = {
    FILE: ("A memory file or record file", "A Markdown file of the bank, such as progress.md."),
    SECTION: ("A section", "One section of a memory file by its heading; subsections are Parent%2FChild."),
    RECORD: ("A record", "A memory, decision, bug or other record by its id, or a start of it that only it has."),
    SEARCH: ("A search", "What matches a query, best first: memory files, records, documents and sessions."),
}


def list_resources(server: Server, params: dict[str, Any]) -> dict[str, Any]:
    """Return a page of what can be read: the state, the memory files, then records, the newest first.

    Raises:
        RpcError: the cursor is invalid, or there is no bank.
    """
    bank = bank_of(server)
    at, last = _position(params.get("cursor"))
    rows = [_status_row(), *_file_rows(bank)] if at == 0 else []
    records = list(bank.list(limit=0))
    if last:
        # records that came meanwhile move the others down
        at = next((number + 1 for number, each in enumerate(records) if each.id == last), at)
    page = records[at : at + PAGE]
    rows += [_record_row(each) for each in page]
    left = len(records) > at + PAGE
    return {"resources": rows, **({"nextCursor": f"{at + PAGE}:{page[-1].id}"} if left else {})}


def list_templates(_server: Server, params: dict[str, Any]) -> dict[str, Any]:
    """Return the forms of URIs that name a resource by its words.

    Raises:
        RpcError: there is a cursor.
    """
    if params.get("cursor") is not None:
        raise RpcError(INVALID_PARAMS, "invalid cursor: resources/templates/list has one page")
    rows = [
        {"uriTemplate": TEMPLATES[kind], "name": kind, "title": title, "description": text, "mimeType": MARKDOWN}
        for kind, (title, text) in _DESCRIPTIONS.items()
    ]
    return {"resourceTemplates": rows}


def read_resource(server: Server, params: dict[str, Any]) -> dict[str, Any]:
    """Return what a URI names, as it is now.

    Raises:
        RpcError: nothing has this URI, or it cannot be read.
    """
    uri = params.get("uri")
    if not isinstance(uri, str):
        raise RpcError(INVALID_PARAMS, "resources/read needs uri, such as bank://file/progress.md")
    if uri.startswith("skill://"):
        from memorybank.serve.mcp.offers.skill_list import read_skill_file

        return read_skill_file(server, uri)
    try:
        kind, text = content_of(bank_of(server), uri)
    except NeedsRoots:
        return dict(ASK_FOR_ROOTS)
    except BankError as error:
        raise not_readable(server, uri, error) from error
    return {"contents": [{"uri": uri, "mimeType": kind, "text": text}]}


def content_of(bank: Bank, uri: str) -> tuple[str, str]:
    """Return the kind and the text of a resource.

    Raises:
        BankError: nothing has this URI, or it cannot be read.
    """
    kind, words = parse_uri(uri)
    if kind == STATUS:
        from memorybank.wire import to_answer

        return JSON, _as_json({"bank": name_of(bank), **to_answer(bank.status())})
    if kind == SEARCH:
        return MARKDOWN, framed(bank, f"search for {words[0]!r}", _hits(bank, words[0]))
    if kind == RECORD:
        record = bank.recall(words[0])
        address, digest = record.file, record.digest
        _inside(bank, record.file)
        text = bank.show(record.file).text
    else:
        _inside(bank, words[0])
        view = bank.show(words[0] if kind == FILE else f"{words[0]}#{words[1]}")
        address, digest, text = view.address, view.digest, view.text
    return MARKDOWN, framed(bank, f"{address} digest {digest}", text)


def bank_of(server: Server) -> Bank:
    """Return the bank of a request that is no call of a tool.

    Raises:
        RpcError: no bank was found, or it is not certain which is meant.
        NeedsRoots: a client of 2026-07-28 has to be asked first, in an answer to one of `MAY_ASK`.
    """
    try:
        bank: Bank = server.bank()
        _ = bank.path
    except BankError as error:
        raise rpc_error(INVALID_PARAMS, error) from error
    return bank


def rpc_error(code: int, error: BankError, **beside: object) -> RpcError:
    """Return the error of the protocol for one of a bank: its four fields are the data."""
    found = RpcError(code, error.message)
    found.data = {**error.to_wire(), **beside}
    return found


def not_readable(server: Server, uri: str, error: BankError) -> RpcError:
    """Return the error for a resource: in the era with a handshake, what is not there has a code of its own."""
    code = NOT_FOUND if server.era == HANDSHAKE and is_not_found(error) else INVALID_PARAMS
    return rpc_error(code, error, uri=uri[:200])


def _inside(bank: Bank, file: str) -> None:
    """Refuse a file that is in the project only, or that a link leads out of the bank.

    The bank would find such a file by its name, too, and a section by its plain name.

    Raises:
        NoFileError: the bank has no such file.
        OutsideError: the file is not in the bank.
    """
    check_file(file)
    place = bank.path / file
    if not place.is_symlink() and not place.exists():
        raise NoFileError(path=file, near=_near(bank, file))
    if not place.resolve().is_relative_to(bank.path.resolve()):
        raise OutsideError(path=file, why="a resource is a Markdown file of the bank")


def _near(bank: Bank, name: str) -> list[str]:
    from memorybank.serve.mcp.tools.arguments import near_miss

    close = near_miss(name, [each.file for each in bank.outline()])
    return [close] if close else []


def _position(cursor: object) -> tuple[int, str]:
    """Return where a page begins, and the id of the record before it."""
    if cursor is None:
        return 0, ""
    at, colon, last = cursor.partition(":") if isinstance(cursor, str) else ("", "", "")
    if not (at.isascii() and at.isdecimal() and colon and last) or len(at) > 9:  # noqa: PLR2004  digits
        raise RpcError(INVALID_PARAMS, f"invalid cursor {str(cursor)[:80]!r}: pass nextCursor of the page before")
    return int(at), last


def _status_row() -> dict[str, Any]:
    text = "Where the bank is, its files with their digests, what is unfinished, queued or due."
    return {
        "uri": f"bank://{STATUS}",
        "name": STATUS,
        "title": "The bank's state",
        "description": text,
        "mimeType": JSON,
    }


def _file_rows(bank: Bank) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for file in bank.status().bank.files:
        if file.fault:
            continue
        row: dict[str, Any] = {
            "uri": uri_of(FILE, file.file),
            "name": file.file,
            "mimeType": MARKDOWN,
            "size": file.size,
        }
        annotations: dict[str, Any] = {"audience": ["user", "assistant"], "priority": 0.8}
        with suppress(OSError):
            annotations["lastModified"] = strftime(_TIME, gmtime(bank.path_of(file.file).stat().st_mtime))
        rows.append({**row, "title": file.file.removesuffix(".md"), "annotations": annotations})
    return rows


def _record_row(record: Any) -> dict[str, Any]:
    row = {"uri": uri_of(RECORD, record.id), "name": record.id, "title": record.title, "mimeType": MARKDOWN}
    if record.summary:
        row["description"] = record.summary
    modified = record.updated or record.created
    return {**row, "annotations": {"priority": 0.4, **({"lastModified": modified} if "T" in modified else {})}}


def _hits(bank: Bank, query: str) -> str:
    found = bank.search(query, limit=_HITS)
    if not found:
        return "Nothing matches."
    return "\n\n".join(f"{each.address} ({each.score:.2f}, digest {each.digest})\n{each.text}" for each in found)


def _as_json(value: object) -> str:
    import json

    return json.dumps(value, ensure_ascii=False, indent=1)
