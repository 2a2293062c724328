"""The error for a name that several records, operations or banks have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memorybank.errors import DuplicateAnchorError, NoRecordError

if TYPE_CHECKING:
    from collections.abc import Sequence

_SHOWN = 5


class SeveralRecordsError(NoRecordError):
    """Several records match the id, label or name; nothing was chosen.

    It can be caught as a record that was not found. Its code and status are those of all ambiguous names.
    """

    code = DuplicateAnchorError.code
    exit_status = DuplicateAnchorError.exit_status

    def __init__(self, *, ident: str, kind: str, found: Sequence[str], hint: str) -> None:
        super().__init__(ident=ident, kind=kind, near=found[:_SHOWN], hint=hint)
        more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
        self.message = f"{ident!r} may be {len(found)} {kind}s: {', '.join(found[:_SHOWN])}{more}"
        self.args = (self.message,)
        self.instead = (ident, found[0])


def none_or_several(
    *, ident: str, found: Sequence[str], kind: str = "operation", near: Sequence[str] = (), hint: str = "bank history"
) -> NoRecordError:
    """Return the error for a name that not exactly one thing has; `near` are the closest names, if nothing has it."""
    if len(found) > 1:
        return SeveralRecordsError(ident=ident, kind=kind, found=found, hint=hint)
    return NoRecordError(ident=ident, kind=kind, near=near, hint=hint)
