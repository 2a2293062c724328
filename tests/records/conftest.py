"""The bank, clock and chance of the store's tests."""

from __future__ import annotations

from tests.store.conftest import bank, tree, way

__all__ = ["bank", "tree", "way"]
