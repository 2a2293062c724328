"""The errors of workflows; they belong to the same families as the other errors of `memorybank`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memorybank.errors import ConfigError, ConflictError, NoItemError, NoRecordError, RefusedError
from memorybank.shell import command, quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memorybank.workflow.contradictions.earlier import Contradiction


class SchemaError(ConfigError):
    """A workflow artifact does not match the published schema."""

    code = "schema"

    def __init__(self, *, path: str, faults: Sequence[str]) -> None:
        more = f", and {len(faults) - 1} more" if len(faults) > 1 else ""
        super().__init__(
            path=path, why=f"{faults[0]}{more}", hint=f"fix {path}; its schema is docs/workflow.schema.json"
        )
        self.details["faults"] = list(faults)


class NoActiveError(NoRecordError):
    """No workflow is active, or more than one, so it is unknown which one is meant."""

    def __init__(self, *, active: Sequence[str]) -> None:
        why = f"{len(active)} workflows are active: {', '.join(active[:3])}" if active else "no workflow is active"
        hint = (
            f"bank workflow show {active[0]}"
            if active
            else 'bank workflow start BUILD "What should be true at the end"'
        )
        super(NoRecordError, self).__init__(why, hint=hint, where="active", near=list(active[:3]))


class NothingArchivedError(NoItemError):
    """No item of a section was ever moved to the archive."""

    def __init__(self, *, address: str) -> None:
        why = f"{address} has no archived items"
        super(NoItemError, self).__init__(why, hint="bank rotate --dry-run", where=address, near=[])


class GateError(RefusedError):
    """A gate is not passed yet: something must be answered or read first."""

    code = "gate"

    def __init__(self, *, why: str, hint: str, missing: Sequence[str] = ()) -> None:
        super().__init__(why, hint=hint, missing=list(missing))


class ContradictionError(ConflictError):
    """The new decision contradicts an earlier one, a pattern, a learning or a fact on the same subject.

    `verb` and `options` are the command that was refused, `supersedes` what it replaces already.
    """

    code = "contradiction"

    def __init__(
        self,
        *,
        text: str,
        found: Contradiction,
        verb: str = "bank note",
        options: Sequence[str] = ("--as", "decision"),
        supersedes: Sequence[str] = (),
    ) -> None:
        former = found.ident or found.said.partition(" - ")[0]
        names = (*supersedes, former)
        words = [*options, *(word for each in names for word in ("--supersedes", each))]
        super().__init__(
            f"it contradicts {_KINDS[found.kind]} on {found.subject!r} in {found.address}: "
            f"{found.old!r}, now {found.new!r}. The earlier one says: {found.said}. "
            "Use --supersedes to replace it, or --anyway to keep both",
            hint=command(verb, text, " ".join(map(quoted, words))),
            where=found.address,
            kind=found.kind,
            ident=found.ident,
            said=found.said,
        )
        self.options = {"--supersedes": names if supersedes else former}


_KINDS = {
    "decision": "an earlier decision",
    "pattern": "a pattern",
    "learning": "a learning",
    "paf": "an architectural fact",
}
