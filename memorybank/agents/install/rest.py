"""What a JSON file says without our parts: the same before and after each change, or the change is not written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from memorybank.agents.install.jsonc import is_blank, parse
from memorybank.agents.install.pieces import JsonDefault, JsonItems, JsonKey, Piece, is_our_item

if TYPE_CHECKING:
    from collections.abc import Sequence


def rest_of(text: str, pieces: Sequence[Piece]) -> Any:
    """Return the values of a file without the places of these pieces, and without objects that are empty then.

    Raises:
        JsonFaultError: the text is invalid.
    """
    rest = {} if is_blank(text) else parse(text).value
    for piece in pieces:
        if isinstance(piece, JsonKey | JsonItems | JsonDefault):
            rest = _without(rest, piece, piece.path)
    return {} if rest is None else rest


def _without(value: Any, piece: Piece, path: tuple[str, ...]) -> Any:
    """Return a value without what is at a path in it; None if nothing is left."""
    if not path:
        if isinstance(piece, JsonItems) and isinstance(value, list):
            return [each for each in value if not is_our_item(each, piece.path, piece.values)] or None
        return None
    if not isinstance(value, dict):
        return value
    kept = {}
    for key, inner in value.items():
        left = _without(inner, piece, path[1:]) if key == path[0] else inner
        if key != path[0] or left is not None:
            kept[key] = left
    return kept or None
