"""All errors a caller can get: each has a stable code, a message, a next command to type and an exit status.

The exit status depends on the family only, so an agent can branch on it: 3 not found, 4 conflict (read again
and retry), 5 refused, 6 locked, 7 I/O or permission error, 8 set-up. Constructors take values and write the message.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from memorybank.shell import quoted

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


class BankError(Exception):
    """The base class of all errors; never raised itself.

    `where` is the place (a path, an address, a line). `details` are extra JSON fields for programs. `options` are the
    command line options that would make the command succeed, `instead` is a word of it and what it should be.
    """

    code: ClassVar[str] = "bank"
    exit_status: ClassVar[int] = 70

    def __init__(self, message: str, *, hint: str, where: str = "", **details: object) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.where = where
        self.details = details
        self.options: dict[str, str | tuple[str, ...]] = {}
        self.instead = ("", "")

    def to_wire(self) -> dict[str, object]:
        """Return the fields that `--json`, MCP and the web page show."""
        return {"code": self.code, "message": self.message, "hint": self.hint, "where": self.where, **self.details}


class NotFoundError(BankError):
    """A file, section, item or record does not exist."""

    exit_status = 3


class NoBankError(NotFoundError):
    """There is no bank in this folder or above it, or none in the folder that was named."""

    code = "no-bank"

    def __init__(self, *, start: Path | str, named: bool = False, there: bool = True, why: str = "", hint: str = ""):  # noqa: ANN204
        make = "" if there else f"mkdir -p {quoted(start)} && "
        hint = hint or (f"{make}bank init {quoted(start)}" if named else "bank init")
        why = why or (f"no bank in {start}" if named else f"no bank found in {start} or above it")
        super().__init__(why, hint=hint, where=str(start))


class NoFileError(NotFoundError):
    """The file does not exist."""

    code = "no-file"

    def __init__(self, *, path: Path | str, near: Sequence[str] = (), hint: str = "") -> None:
        close = f"; did you mean {', '.join(near)}?" if near else ""
        hint = hint or (f"bank outline {quoted(near[0])}" if near else "bank outline")
        super().__init__(f"file not found: {path}{close}", hint=hint, where=str(path), near=list(near))


class NoAnchorError(NotFoundError):
    """The file has no section of that name."""

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
    """No list item matches, or an item of another kind was needed."""

    code = "no-item"

    def __init__(
        self, *, address: str, item: str, near: Sequence[str] = (), what: str = "item", hint: str = ""
    ) -> None:
        close = f"; did you mean {' or '.join(repr(text) for text in near)}?" if near else ""
        super().__init__(
            f"no {what} in {address} matches {item!r}{close}",
            hint=hint or f"bank item list {quoted(address)}",
            where=address,
            near=list(near),
        )


class NoRecordError(NotFoundError):
    """No operation or record has that id; `store/several.py` has the error for several."""

    code = "no-record"

    def __init__(
        self, *, ident: str, kind: str = "operation", near: Sequence[str] = (), hint: str = "bank history"
    ) -> None:
        close = f"; did you mean {', '.join(near)}?" if near else ""
        super().__init__(f"no {kind} matches {ident!r}{close}", hint=hint, where=ident, near=list(near))


class NoTypeError(NotFoundError):
    """No record type has that name."""

    code = "no-type"

    def __init__(self, *, name: str, near: Sequence[str] = (), known: Sequence[str] = ()) -> None:
        close = f"; did you mean {' or '.join(near)}?" if near else f": choose from {', '.join(known)}"
        super().__init__(f"invalid record type {name!r}{close}", hint="bank types", where=name, near=list(near))


class ConflictError(BankError):
    """The file is not as the caller last read it: read again and retry."""

    exit_status = 4


class StaleEditError(ConflictError):
    """The lines to edit changed since they were read; nothing was written.

    `digest` is the current digest. `diff` is a unified diff from what the caller read, if that is still known, to
    the current text.
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
    """Several sections have that name, so the edit is ambiguous."""

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
    """The record already has a successor; a second one would split its history."""

    code = "superseded"

    def __init__(self, *, ident: str, by: str) -> None:
        super().__init__(f"{ident} is already superseded by {by}", hint=f"bank lineage {ident}", where=ident, by=by)


class RefusedError(BankError):
    """The request is valid input but not allowed."""

    exit_status = 5


class SpillError(RefusedError):
    """The new text would change the structure of the file around it."""

    code = "spill"

    def __init__(self, *, address: str, why: str, hint: str = "") -> None:
        super().__init__(
            f"the text would change the structure of the file: {why}",
            hint=hint or "remove headings, open fences, comments and underlines from the text",
            where=address,
        )


class ContractError(RefusedError):
    """The file's contract does not allow this edit."""

    code = "contract"

    def __init__(self, *, address: str, why: str, hint: str) -> None:
        super().__init__(f"the contract does not allow this: {why}", hint=hint, where=address)


class SecretError(RefusedError):
    """The text seems to contain a secret. The secret itself is never shown."""

    code = "secret"

    def __init__(self, *, rule: str, line: int, text: str = "the text") -> None:
        super().__init__(
            f"line {line} of {text} looks like a secret ({rule})",
            hint=f"remove it, or, if it is not a secret, add --allow-secret {rule}",
            rule=rule,
            line=line,
        )


class OutsideError(RefusedError):
    """The path is outside the bank and its project."""

    code = "outside"

    def __init__(self, *, path: Path | str, why: str = "") -> None:
        reason = f": {why}" if why else ""
        message = f"{str(path)!r} is not a valid path in the bank or its project{reason}"
        super().__init__(message, hint="name a Markdown file inside the project folder", where=str(path))


class EncodingRefusedError(RefusedError):
    """The file cannot be edited now, because its bytes are not valid text or its text cannot be changed safely."""

    code = "encoding"

    def __init__(self, *, path: Path | str, why: str, hint: str = "") -> None:
        super().__init__(f"cannot edit {path}: {why}", hint=hint or f"bank history {quoted(path)}", where=str(path))


class FrontMatterError(RefusedError):
    """The front matter cannot be read or changed safely."""

    code = "front-matter"

    def __init__(self, *, path: str, line: int, why: str) -> None:
        super().__init__(
            f"invalid front matter in {path}, line {line}: {why}",
            hint=f"fix line {line} of {path} by hand",
            where=f"{path}:{line}",
        )
        self.line = line
        self.why = why


class UnterminatedError(RefusedError):
    """A fence, comment or HTML block is never closed, so the text after it cannot be edited safely."""

    code = "unterminated"

    def __init__(self, *, path: str, line: int, kind: str) -> None:
        super().__init__(
            f"the {kind} opened on line {line} of {path} is never closed",
            hint=f"close the {kind} that begins on line {line}",
            where=f"{path}:{line}",
            line=line,
        )


class UntrustedError(RefusedError):
    """A command that the bank declares is not approved on this machine, so it was not run."""

    code = "untrusted"

    def __init__(self, *, names: Sequence[str]) -> None:
        super().__init__(f"not approved on this machine: {', '.join(names)}", hint="bank trust", names=list(names))


class LimitError(RefusedError):
    """The file or text is over a limit: it is too large, or has too many headings."""

    code = "limit"

    def __init__(self, *, path: Path | str, why: str, hint: str = "split the file") -> None:
        super().__init__(f"{path} is over a limit: {why}", hint=hint, where=str(path))


class ArtifactError(RefusedError):
    """The file to create already exists, or its name cannot be used."""

    code = "artifact"

    def __init__(self, *, path: Path | str, why: str, hint: str = "") -> None:
        super().__init__(f"{path}: {why}", hint=hint or f"fix {path}", where=str(path))


class FieldError(RefusedError):
    """The record field cannot have that value, or its status cannot change that way."""

    code = "field"

    def __init__(self, *, field: str, why: str, hint: str) -> None:
        super().__init__(f"{field}: {why}", hint=hint, where=field)


class UnsupportedTextError(RefusedError):
    """The text cannot be stored: it is empty, not valid UTF-8, too long or not one line."""

    code = "text"

    def __init__(self, *, why: str, hint: str) -> None:
        super().__init__(f"invalid text: {why}", hint=hint)


class LockedError(BankError):
    """Another process has locked the bank for longer than the caller would wait."""

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
    """The operating system reported an I/O or permission error."""

    exit_status = 7


class DiskError(MachineError):
    """Reading or writing failed; the file has its old bytes or its new ones."""

    code = "disk"

    def __init__(self, *, path: Path | str, why: str) -> None:
        message = f"cannot read or write {path}: {why}"
        super().__init__(message, hint="fix the cause, then try again", where=str(path))


class ReadbackError(MachineError):
    """The file, read back after writing, has different content."""

    code = "readback"

    def __init__(self, *, path: Path | str) -> None:
        hint = "bank history shows the kept bytes; bank check checks the file"
        super().__init__(f"{path} does not contain what was written to it", hint=hint, where=str(path))


class PermissionRefusedError(MachineError):
    """The user may not write (or read) the file or folder."""

    code = "permission"

    def __init__(self, *, path: Path | str, why: str) -> None:
        super().__init__(f"permission denied for {path}: {why}", hint=f"ls -ld {quoted(path)}", where=str(path))


class NotAFileError(MachineError):
    """The path is a folder, device, pipe or socket, not a file."""

    code = "permission"

    def __init__(self, *, path: Path | str, what: str = "not a regular file") -> None:
        super().__init__(f"{path} is {what}", hint=f"ls -ld {quoted(path)}", where=str(path))


class SetUpError(BankError):
    """The bank or the installation must be fixed before the command can work."""

    exit_status = 8

    def __init__(self, *, path: Path | str, why: str, hint: str = "") -> None:
        super().__init__(f"{path}: {why}", hint=hint or f"fix {path}", where=str(path))


class ConfigError(SetUpError):
    """`bank.toml`, the journal or a template is invalid."""

    code = "config"


class NewerVersionError(SetUpError):
    """The bank was written by a newer version of memorybank, in a layout that this version does not know."""

    code = "newer-version"

    def __init__(self, *, path: Path | str, found: int, known: int) -> None:
        why = f"it has layout {found}, but this version knows layouts up to {known}"
        super().__init__(path=path, why=why, hint="upgrade memorybank")
