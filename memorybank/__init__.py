"""memorybank: a project's memory as plain Markdown that people and AI coding agents edit together.

    from memorybank import Bank

    bank = Bank.open()
    bank.note("WAL mode needs a local disk", kind="gotcha")

Names are imported when they are first used, so that `import memorybank` costs nothing.
"""

from __future__ import annotations

__version__ = "0.1.0"

# not from typing: the program is not guarded against Ctrl-C before this module is loaded
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from memorybank.check.findings import Finding
    from memorybank.document.receipt import Receipt
    from memorybank.enums import GroupStatus, MemoryType, WorkflowMode
    from memorybank.errors import BankError
    from memorybank.facade.bank import Bank
    from memorybank.facade.search import MarkdownFolder
    from memorybank.recall.hits import Hit
    from memorybank.records.record import Record

_HOMES = {
    "Bank": "facade.bank",
    "BankError": "errors",
    "Finding": "check.findings",
    "GroupStatus": "enums",
    "Hit": "recall.hits",
    "MarkdownFolder": "facade.search",
    "MemoryType": "enums",
    "Receipt": "document.receipt",
    "Record": "records.record",
    "WorkflowMode": "enums",
}

__all__ = [
    "Bank",
    "BankError",
    "Finding",
    "GroupStatus",
    "Hit",
    "MarkdownFolder",
    "MemoryType",
    "Receipt",
    "Record",
    "WorkflowMode",
]


def __dir__() -> list[str]:
    """List the public names, also those that are not imported yet."""
    return sorted({*__all__, "__version__"})


def __getattr__(name: str) -> Any:
    """Import a public name from where it lives."""
    if name in _HOMES:
        from importlib import import_module

        return getattr(import_module(f"memorybank.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
