"""The URIs of resources: what each names, and that none of them leads out of the bank."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import quote, unquote_to_bytes

from memorybank.errors import BankError, FieldError, OutsideError

SCHEME = "bank://"
STATUS = "status"
FILE, SECTION, RECORD, SEARCH = "file", "section", "record", "search"
TEMPLATES = {
    FILE: "bank://file/{+file}",
    SECTION: "bank://section/{file}/{section}",
    RECORD: "bank://record/{id}",
    SEARCH: "bank://search/{query}",
}
_MOST = 4096


class Resource(NamedTuple):
    """What a URI names: its kind, and its words, decoded."""

    kind: str
    words: tuple[str, ...] = ()


def uri_of(kind: str, *words: str) -> str:
    """Return the URI of a resource; `/` in a word is kept apart from those between words, except in a file's name."""
    quoted = [quote(word.encode("utf-8", "surrogateescape"), safe="/" if kind == FILE else "") for word in words]
    return SCHEME + "/".join([kind, *quoted])


def parse_uri(uri: str) -> Resource:
    """Return what a URI names, each word decoded once.

    Raises:
        FieldError: it is not a URI of this server.
        OutsideError: it names a file that no bank has.
    """
    if not uri.startswith(SCHEME) or len(uri) > _MOST or not uri.isascii():
        raise _unknown(uri)
    kind, slash, rest = uri.removeprefix(SCHEME).partition("/")
    if kind == STATUS and not slash:
        return Resource(STATUS)
    if kind not in TEMPLATES or not rest:
        raise _unknown(uri)
    parts = [rest] if kind in {FILE, RECORD, SEARCH} else rest.split("/", 1)
    words = tuple(unquote_to_bytes(part).decode("utf-8", "surrogateescape") for part in parts)
    if len(words) != (2 if kind == SECTION else 1) or not all(word.strip() for word in words):
        raise _unknown(uri)
    if kind in {FILE, SECTION}:
        check_file(words[0])
    return Resource(kind, words)


def check_file(name: str) -> None:
    """Refuse a name that is not that of a Markdown file inside the bank.

    Raises:
        OutsideError: it climbs out, is absolute or hidden, or no Markdown file.
    """
    parts = name.replace("\\", "/").split("/")
    is_plain = all(part and part[0] != "." for part in parts) and ":" not in parts[0]
    if not is_plain or not name.endswith(".md") or any(ord(letter) < ord(" ") or letter == "#" for letter in name):
        raise OutsideError(path=name, why="a resource is a Markdown file of the bank")


def is_not_found(error: BankError) -> bool:
    """Whether an error says that a URI names nothing, rather than that something cannot be read."""
    return error.exit_status == 3 or isinstance(error, FieldError | OutsideError)  # noqa: PLR2004  see errors.py


def _unknown(uri: str) -> FieldError:
    kinds = f"bank://status, {', '.join(TEMPLATES.values())}"
    return FieldError(
        field="uri", why=f"no resource has the URI {uri[:200]!r}: choose from {kinds}", hint="bank outline"
    )
