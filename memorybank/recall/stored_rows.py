"""Texts as SQLite takes them, which is as UTF-8 alone: names and texts of files may hold any bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

# bytes of a text that were no UTF-8, and the characters as which they are stored
_PRIVATE = {0xDC80 + byte: 0x10FF80 + byte for byte in range(128)}
_BYTES = {there: here for here, there in _PRIVATE.items()}


def stored(text: str) -> str:
    """Give a text as SQLite takes it: bytes that are no UTF-8, in names of files too, as private characters."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.translate(_PRIVATE).encode("utf-8", "replace").decode()
    return text


def restored(text: str) -> str:
    """Give a text back as it was before it was stored."""
    return text if text.isascii() else text.translate(_BYTES)


def stored_row(row: Iterable[object]) -> tuple[object, ...]:
    """Give values as SQLite takes them."""
    return tuple(stored(each) if isinstance(each, str) else each for each in row)


def restored_row(row: Iterable[Any]) -> tuple[Any, ...]:
    """Give values back as they were."""
    return tuple(restored(each) if isinstance(each, str) else each for each in row)
