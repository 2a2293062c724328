"""Marker words: what people say when they correct, in several languages."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable


class Markers(NamedTuple):
    """The markers of some languages, and those of the settings."""

    openers: tuple[str, ...] = ()


def load_markers(languages: Iterable[str] = (), extra: Iterable[str] = ()) -> Markers:
    """Return the markers of some languages, of all without one, and the user's own."""
    return Markers(("no", "actually", "instead", *extra) if "en" in (languages or ("en",)) else tuple(extra))
