"""The bank and the way of writing of the work's tests, with a clock that goes on."""

from __future__ import annotations

from tests.workflow.conftest import bank, later, section, way

__all__ = ["bank", "later", "section", "way"]
