"""Every error a caller may meet: a stable code, a sentence, the next command to type, and an exit status.

The exit status is given by family, few enough for an agent to branch on: 3 not found, 4 conflict (read again
and retry), 5 refused, 6 locked, 7 the machine, 8 set-up. Constructors take values and write the sentence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from memorybank.shell import quoted

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


class BankError(Exception):
    """The root of the family; never raised itself.

    `where` is the place (a path, an address, a line), `details` are for machines, `options` are what it would take.
    """

    code: ClassVar[str] = "bank"
    exit_status: ClassVar[int] = 70

    def __init__(self, message: str, *, hint: str, where: str = "", **details: object) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.where = where
        self.details = details
        self.options: dict[str, str] = {}

    def to_wire(self) -> dict[str, object]:
        """Give the fields that `--json`, MCP and the web page show."""
        return {"code": self.code, "message": self.message, "hint": self.hint, "where": self.where, **self.details}


class NotFoundError(BankError):
    """Something that was named does not exist."""

    exit_status = 3


class NoBankError(NotFoundError):
    """No bank was found from here upwards, or none stands where one was named."""

    code = "no-bank"

    def __init__(self, *, start: Path | str, named: bool = False, there: bool = True, why: str = "", hint: str = ""):  # noqa: ANN204
        make = "" if there else f"mkdir -p {quoted(start)} && "
        hint = hint or (f"{make}bank init {quoted(start)}" if named else "bank init")
        why = why or (f"there is no bank in {start}" if named else f"no bank was found in {start} or above it")
        super().__init__(why, hint=hint, where=str(start))


class NoFileError(NotFoundError):
    """A file that was named is not there."""

    code = "no-file"

    def __init__(self, *, path: Path | str, near: Sequence[str] = (), hint: str = "") -> None:
        close = f"; did you mean {', '.join(near)}?" if near else ""
        hint = hint or (f"bank outline {quoted(near[0])}" if near else "bank outline")
        super().__init__(f"there is no file {path}{close}", hint=hint, where=str(path), near=list(near))


class NoAnchorError(NotFoundError):
    """A section that was named is not in the file."""

    code = "no-anchor"

    def __init__(self, *, file: str, section: str, near: Sequence[str] = (), command: str = "") -> None:
        close = f"; did you mean {' or '.join(repr(name) for name in near)}?" if near else ""
        super().__init__(
            f"{file} has no section {section!r}{close}" if section else f"name a section of {file}",
            hint=command or f"bank outline {quoted(file)}",
            where=f"{file}#{section}",
            near=list(near),
        )


class NoItemError(NotFoundError):
    """No list item answers to what was given, or more than one does."""

    code = "no-item"

    def __init__(
        self, *, address: str, item: str, near: Sequence[str] = (), what: str = "item", hint: str = ""
    ) -> None:
        close = f"; did you mean {' or '.join(repr(text) for text in near)}?" if near else ""
        super().__init__(
            f"no single {what} of {address} is {item!r}{close}",
            hint=hint or f"bank item list {quoted(address)}",
            where=address,
            near=list(near),
        )


class NoRecordError(NotFoundError):
    """An operation or record id is unknown, or its prefix is not unique."""

    code = "no-record"

    def __init__(
        self, *, ident: str, kind: str = "operation", near: Sequence[str] = (), hint: str = "bank history"
    ) -> None:
        close = f"; did you mean {', '.join(near)}?" if near else ""
        super().__init__(f"no single {kind} is called {ident!r}{close}", hint=hint, where=ident, near=list(near))


class NoTypeError(NotFoundError):
    """There is no record type of that name."""

    code = "no-type"

    def __init__(self, *, name: str, near: Sequence[str] = (), known: Sequence[str] = ()) -> None:
        close = f"; did you mean {' or '.join(near)}?" if near else f"; types are {', '.join(known)}"
        super().__init__(f"there is no record type {name!r}{close}", hint="bank types", where=name, near=list(near))


class ConflictError(BankError):
    """What stands on disk is not what the caller saw: read again and retry."""

    exit_status = 4


class StaleEditError(ConflictError):
    """The lines to be edited changed since they were read; nothing was written.

    `digest` is the digest now, `diff` a unified diff from what the caller saw (when it is still known) to now.
    """

    code = "stale-edit"

    def __init__(self, *, address: str, expected: str, digest: str, diff: str = "", hint: str = "") -> None:
        super().__init__(
            f"{address} changed since it was read: expected {expected}, found {digest}",
            hint=hint or f"bank show {quoted(address)}",
            where=address,
            expected=expected,
            digest=digest,
            diff=diff,
        )


class DuplicateAnchorError(ConflictError):
    """A name stands for more than one section, so an edit would have to guess."""

    code = "dup-anchor"

    def __init__(
        self, *, file: str, section: str, lines: Sequence[int], addresses: Sequence[str] = (), hint: str = ""
    ) -> None:
        times = "more than once, on lines" if len(lines) > 1 else "already, on line"
        told = f": {', '.join(addresses)}" if addresses else ""
        super().__init__(
            f"{file} has {section!r} {times} {' and '.join(map(str, lines))}{told}",
            hint=hint or (f"bank show {quoted(addresses[0])}" if addresses else f"bank outline {quoted(file)}"),
            where=f"{file}#{section}",
            lines=list(lines),
            addresses=list(addresses),
        )


class SupersededError(ConflictError):
    """The record already has a successor, and a second one would fork its line."""

    code = "superseded"

    def __init__(self, *, ident: str, by: str) -> None:
        super().__init__(f"{ident} is already superseded by {by}", hint=f"bank lineage {ident}", where=ident, by=by)


class RefusedError(BankError):
    """The request was understood and is not done."""

    exit_status = 5


class SpillError(RefusedError):
    """New text would change the structure of what stands around it."""

    code = "spill"

    def __init__(self, *, address: str, why: str, hint: str = "") -> None:
        super().__init__(
            f"the text would change the structure of the file: {why}",
            hint=hint or "give the text without headings, open fences, comments or underlines",
            where=address,
        )


class ContractError(RefusedError):
    """The edit is not one the file's contract allows."""

    code = "contract"

    def __init__(self, *, address: str, why: str, hint: str) -> None:
        super().__init__(f"the contract does not allow it: {why}", hint=hint, where=address)


class SecretError(RefusedError):
    """The text seems to hold a secret. The secret itself is never shown."""

    code = "secret"

    def __init__(self, *, rule: str, line: int) -> None:
        super().__init__(
            f"line {line} of the text looks like a secret ({rule})",
            hint=f"take it out, or pass --allow-secret {rule} when it is none",
            rule=rule,
            line=line,
        )


class OutsideError(RefusedError):
    """A path leads out of the bank and its project."""

    code = "outside"

    def __init__(self, *, path: Path | str, why: str = "") -> None:
        reason = f": {why}" if why else ""
        super().__init__(
            f"{str(path)!r} is not inside the bank or its project{reason}",
            hint="name a Markdown file below the project's folder",
            where=str(path),
        )


class EncodingRefusedError(RefusedError):
    """The file's bytes are not text that may be edited now."""

    code = "encoding"

    def __init__(self, *, path: Path | str, why: str, hint: str = "") -> None:
        super().__init__(
            f"{path} is not edited: {why}",
            hint=hint or f"look at it, and at: bank history {quoted(path)}",
            where=str(path),
        )


class FrontMatterError(RefusedError):
    """The front matter cannot be read or changed safely."""

    code = "front-matter"

    def __init__(self, *, path: str, line: int, why: str) -> None:
        super().__init__(
            f"the front matter of {path} is not usable, line {line}: {why}",
            hint=f"mend line {line} of {path} by hand",
            where=f"{path}:{line}",
        )
        self.line = line
        self.why = why


class UnterminatedError(RefusedError):
    """A fence, comment or HTML block is never closed, so what follows it has no safe place."""

    code = "unterminated"

    def __init__(self, *, path: str, line: int, kind: str) -> None:
        super().__init__(
            f"the {kind} opened on line {line} of {path} is never closed",
            hint=f"close the {kind} of line {line}",
            where=f"{path}:{line}",
            line=line,
        )


class UntrustedError(RefusedError):
    """A command that the bank declares was not approved on this machine, so it is not run."""

    code = "untrusted"

    def __init__(self, *, names: Sequence[str]) -> None:
        super().__init__(f"not approved on this machine: {', '.join(names)}", hint="bank trust", names=list(names))


class LimitError(RefusedError):
    """The file is beyond what is edited: too large, or with too many headings."""

    code = "limit"

    def __init__(self, *, path: Path | str, why: str) -> None:
        super().__init__(f"{path} is not handled: {why}", hint="split the file", where=str(path))


class FieldError(RefusedError):
    """A record's field cannot have that value, or a status cannot follow the one it has."""

    code = "field"

    def __init__(self, *, field: str, why: str, hint: str) -> None:
        super().__init__(f"{field} cannot be set: {why}", hint=hint, where=field)


class UnsupportedTextError(RefusedError):
    """The given text cannot become one line of a contract."""

    code = "text"

    def __init__(self, *, why: str, hint: str) -> None:
        super().__init__(f"the text cannot be written: {why}", hint=hint)


class LockedError(BankError):
    """Another process holds the bank for longer than the caller would wait."""

    code = "locked"
    exit_status = 6

    def __init__(self, *, holder: str, waited: float) -> None:
        super().__init__(
            f"the bank is locked by {holder or 'another process'}; waited {waited:.1f} s",
            hint="try again, or wait longer with --timeout 60",
            holder=holder,
            waited=round(waited, 3),
        )


class MachineError(BankError):
    """The operating system said no."""

    exit_status = 7


class DiskError(MachineError):
    """Reading or writing failed; the file holds its old bytes or its new ones."""

    code = "disk"

    def __init__(self, *, path: Path | str, why: str) -> None:
        message = f"{path} could not be read or written: {why}"
        super().__init__(message, hint="mend the cause, then try again", where=str(path))


class ReadbackError(MachineError):
    """What was read back is not what was written."""

    code = "readback"

    def __init__(self, *, path: Path | str) -> None:
        super().__init__(
            f"{path} does not hold what was written to it",
            hint="bank history shows the kept bytes; bank check looks the file over",
            where=str(path),
        )


class PermissionRefusedError(MachineError):
    """The file or folder may not be written (or read) by this user."""

    code = "permission"

    def __init__(self, *, path: Path | str, why: str) -> None:
        super().__init__(f"no permission for {path}: {why}", hint=f"ls -ld {quoted(path)}", where=str(path))


class NotAFileError(MachineError):
    """A folder, device, pipe or socket stands where a file should."""

    code = "permission"

    def __init__(self, *, path: Path | str, what: str = "not a regular file") -> None:
        super().__init__(f"{path} is {what}", hint=f"ls -ld {quoted(path)}", where=str(path))


class SetUpError(BankError):
    """The bank or the installation needs mending before the command can work."""

    exit_status = 8

    def __init__(self, *, path: Path | str, why: str, hint: str = "") -> None:
        super().__init__(f"{path}: {why}", hint=hint or f"mend {path}", where=str(path))


class ConfigError(SetUpError):
    """`bank.toml`, the journal or a template cannot be understood."""

    code = "config"


class ArtifactError(SetUpError):
    """A file to be made is there already, or its name cannot be used."""

    code = "artifact"


class NewerVersionError(SetUpError):
    """The bank was written by a newer program whose layout this one does not know."""

    code = "newer-version"

    def __init__(self, *, path: Path | str, found: int, known: int) -> None:
        why = f"it has layout {found}; this program knows up to {known}"
        super().__init__(path=path, why=why, hint="install a newer memorybank")
