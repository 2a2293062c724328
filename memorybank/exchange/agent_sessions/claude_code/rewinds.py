"""Turns of the user in a log whose entries name their parents: a turn that follows an earlier point is a rewind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import KeysView


class Turns:
    """The entries of a log with the turn that they belong to, and where each turn begins."""

    def __init__(self) -> None:
        """Start before the first turn."""
        self._turn_of: dict[str, int] = {}
        # of the turns that still count: their ids, and the entries that they follow
        self._turns: list[tuple[str, str]] = []
        self._following: dict[str, int] = {}
        self._has_parents = False

    @property
    def idents(self) -> KeysView[str]:
        """The ids of all entries."""
        return self._turn_of.keys()

    def has(self, ident: str) -> bool:
        """Return whether an entry came before."""
        return ident in self._turn_of

    def came(self, ident: str, parent: Any = None) -> None:
        """Note an entry of the turn that is said."""
        self._turn_of[ident] = len(self._turns)
        # the first turn has no parent: going back before it is seen where others have one
        self._has_parents = self._has_parents or (isinstance(parent, str) and bool(parent))

    def said(self, ident: str, parent: Any, session: str) -> str:
        """Note a turn of the user; return the id of the first turn that it goes back before, "" if it goes on."""
        has_parent = isinstance(parent, str) and bool(parent)
        follows = parent if has_parent else session
        undone = self._undone(follows, has_parent=has_parent)
        about = self._turns[undone][0] if undone < len(self._turns) else ""
        for _, before in self._turns[undone:]:
            self._following.pop(before, None)
        del self._turns[undone:]
        self._following.setdefault(follows, len(self._turns))
        self._turns.append((ident, follows))
        self._has_parents = self._has_parents or has_parent
        return about

    def _undone(self, follows: str, *, has_parent: bool) -> int:
        """Return how many of the turns still stand."""
        whole = len(self._turns)
        if not has_parent and not self._has_parents:
            return whole
        same = self._following.get(follows, whole)
        return min(same, self._turn_of.get(follows, whole)) if has_parent else same
