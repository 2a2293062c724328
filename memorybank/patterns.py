"""Regular expressions that are compiled when they are first used: a command imports many, and uses few of them."""

from __future__ import annotations

import re
from typing import Any, cast


class _Later:
    """A pattern that is not compiled yet; its methods are those of the compiled one, looked up once."""

    def __init__(self, pattern: str, flags: int) -> None:
        self._given = (pattern, flags)

    def __getattr__(self, name: str) -> Any:
        found = getattr(re.compile(*self._given), name)
        setattr(self, name, found)
        return found


def later(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """Return a pattern that is compiled at its first use, as `re.compile` would."""
    return cast("re.Pattern[str]", _Later(pattern, flags))
