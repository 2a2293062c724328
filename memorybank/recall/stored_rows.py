"""Convert texts for SQLite, which only accepts UTF-8: names and texts of files may have any bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

# surrogates for bytes that are not UTF-8, and the private characters that are stored instead
_PRIVATE = {0xDC80 + byte: 0x10FF80 + byte for byte in range(128)}
_BYTES = {there: here for here, there in _PRIVATE.items()}


def stored(text: str) -> str:
    """Return a text for SQLite: bytes that are not UTF-8, also in file names, become private characters."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.translate(_PRIVATE).encode("utf-8", "replace").decode()
    return text


def restored(text: str) -> str:
    """Return a stored text in its original form."""
    return text if text.isascii() else text.translate(_BYTES)


def stored_row(row: Iterable[object]) -> tuple[object, ...]:
    """Return values in the form for SQLite."""
    return tuple(stored(each) if isinstance(each, str) else each for each in row)


def restored_row(row: Iterable[Any]) -> tuple[Any, ...]:
    """Return stored values in their original form."""
    return tuple(restored(each) if isinstance(each, str) else each for each in row)


def text_key(heading: object, body: object) -> int:
    """Return a hash of an entry's text, by which its vector is found; 64 bits, signed as SQLite has them."""
    # only an index that changes needs it
    from hashlib import blake2b

    return int.from_bytes(blake2b(f"{heading}\n{body}".encode(), digest_size=8).digest(), "little", signed=True)
