"""The syntax tree of a module, for the tests that read the package's own source."""

from __future__ import annotations

import ast
import gc
from functools import cache


@cache
def nodes_of(text: str) -> tuple[ast.AST, ...]:
    """Return every node of a module, read once for all the checks.

    The nodes are kept out of the garbage collector's sight: walking over them takes longer than all the checks.
    """
    gc.disable()
    try:
        return tuple(ast.walk(ast.parse(text)))
    finally:
        gc.freeze()
        gc.enable()
