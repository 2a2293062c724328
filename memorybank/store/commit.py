"""The one door: every change of a bank's files leaves through `commit`, or is shown and not made.

plan -> lock -> reread -> preview and contract check -> journal -> publish -> read back -> journal -> receipt.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from memorybank.contracts.rules import preview
from memorybank.document.edits import Append
from memorybank.document.receipt import FileReceipt, Receipt
from memorybank.document.sections import Document, outline
from memorybank.document.source import Source, diff_of, digest_of
from memorybank.document.write import (
    Moved,
    delete,
    lock,
    make_dirs,
    publish,
    read,
    read_back,
    resolve,
    settle,
)
from memorybank.errors import (
    ArtifactError,
    BankError,
    DiskError,
    EncodingRefusedError,
    NoFileError,
    OutsideError,
    PermissionRefusedError,
    SecretError,
    StaleEditError,
)
from memorybank.ids import new_id
from memorybank.shell import quoted
from memorybank.store.journal import begin, finish, keep_orphan, lines_written, read_operations
from memorybank.store.recover import changes_between, recover, texts_before
from memorybank.store.role import check_role

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from pathlib import Path

    from memorybank.document.edits import Edit
    from memorybank.store.actor import Actor
    from memorybank.store.bank import Bank
    from memorybank.store.journal import Operation

TRIES = 50
MARKDOWN = (".md", ".markdown")


class FileChange(NamedTuple):
    """What is to be done to one file.

    Either `edits` of a file that is there; or `text` as its whole new text, `base` being the digest it must have
    now ("" for a file that must not exist yet); or with `gone`, that the file is deleted while it has `base`.
    """

    path: Path
    name: str
    edits: tuple[Edit, ...] = ()
    text: str | None = None
    base: str = ""
    gone: bool = False


class Way(NamedTuple):
    """How a commit is to be done: by whom, with which clock and chance, and how long to wait.

    `force` lets a section that only grows be replaced, `accept_shrunk` takes a file that lost most of its text as
    meant, `allow_secrets` names the rules whose findings are none. `on_done` hears of an operation when it is done,
    whatever fails after it.
    """

    actor: Actor
    now: Callable[[], datetime]
    random_bytes: Callable[[int], bytes]
    timeout: float = 10.0
    dry_run: bool = False
    force: bool = False
    accept_shrunk: bool = False
    allow_secrets: tuple[str, ...] = ()
    on_wait: Callable[[str], None] | None = None
    on_done: Callable[[Receipt], None] | None = None


class _Step(NamedTuple):
    path: Path
    base: bytes | None
    new: bytes | None
    receipt: FileReceipt


def commit(bank: Bank, changes: Sequence[FileChange], verb: str, way: Way, *, undoes: str = "") -> Receipt:
    """Do all the changes as one operation, or none, and give the receipt.

    With `dry_run` nothing is written, not even the lock; the receipt carries the diffs. A save by another program
    between reading and publishing is noticed: the edits are played again on its text. After a crash the next commit
    finishes or takes back what was begun.

    Raises:
        BankError: whatever the edits, the contract or the machine refuse; no file is changed then.
    """
    changes = [each._replace(name=bank.name_of(each.path)) for each in changes]
    check_role(bank, way.actor.role, (each.name for each in changes))
    if way.dry_run:
        now = way.now()
        steps = [_step(bank, change, way, now, None) for change in changes]
        if not undoes:
            verb = _without_secrets(steps, verb, way)
        return _receipt("", verb, way, now, steps, 0.0)._replace(dry_run=True)
    if bank.read_only:
        raise PermissionRefusedError(path=bank.folder, why="this bank was only opened to be read")
    _ = bank.config  # a bank of a newer program is not written to
    resolve(bank.state, bank.roots)
    with lock(bank.state / "lock", timeout=way.timeout, holder=verb, on_wait=way.on_wait) as waited:
        _hide(bank)
        recent = read_operations(bank, tail=True)
        recover(bank, recent)
        now = way.now()
        steps = [_step(bank, change, way, now, recent) for change in changes]
        steps = [each for each in steps if each.base != each.new]
        if not undoes:
            verb = _without_secrets(steps, verb, way)
        receipt = _receipt(new_id("op", now, way.random_bytes), verb, way, now, steps, waited)
        if not steps:
            return receipt._replace(operation="")
        begin(bank, receipt, undoes=undoes)
        receipt = _publish_all(bank, changes, steps, receipt, way, recent, undoes)
        if way.on_done is not None:
            way.on_done(receipt)
        # the intent and the files are on the disk and tell what became of it: the next write settles what is left open
        with suppress(BankError):
            finish(bank, receipt.operation)
        return receipt


def _without_secrets(steps: list[_Step], verb: str, way: Way) -> str:
    """Refuse text that brings a secret into a file; give the verb, with what was allowed by name."""
    from memorybank.contracts.secrets import find_secrets

    allowed: list[str] = []
    # what only moves, as into the archive, is in the bank already
    moved = "\n".join((each.base or b"").decode("utf-8", "replace") for each in steps if each.new is None)
    for step in steps:
        for change in step.receipt.changes:
            for each in find_secrets(change.new):
                secret = change.new[each.start : each.end]
                if secret in change.old or secret in moved:
                    continue
                if each.rule not in way.allow_secrets:
                    raise SecretError(rule=each.rule, line=each.line)
                allowed.append(each.rule)
    return f"{verb} (allowed: {', '.join(sorted(set(allowed)))})" if allowed else verb


def _hide(bank: Bank) -> None:
    """Keep local state out of git, wherever the bank stands."""
    ignore = bank.state / ".gitignore"
    if not os.path.lexists(ignore):
        # a look that failed says "not there" as well
        with suppress(Moved):
            publish(ignore, base=None, new=b"*\n")


def _receipt(ident: str, verb: str, way: Way, now: datetime, steps: list[_Step], waited: float) -> Receipt:
    at = now.isoformat(timespec="seconds").replace("+00:00", "Z")
    files = tuple(each.receipt for each in steps)
    return Receipt(ident, verb, at, way.actor.tool, way.actor.session, files, waited)


def _step(bank: Bank, change: FileChange, way: Way, now: datetime, recent: list[Operation] | None) -> _Step:
    path = resolve(change.path, bank.roots)
    if change.text is not None or change.gone:
        return _whole(path, change, way)
    if path.suffix.casefold() not in MARKDOWN:
        raise OutsideError(path=change.name, why="it is not a Markdown file")
    try:
        data = read(path)
    except NoFileError:
        raise NoFileError(path=change.name) from None
    contract = bank.contract_of(change.name)
    data = _settled(path, data, 0 if way.accept_shrunk else _last_size(recent, change.name), known=contract is not None)
    before = outline(Source(data), change.name, contract=contract is not None)
    written = _written(bank, change, recent)
    try:
        stamp = f"{now:%Y-%m-%d %H:%M} UTC"
        result = preview(before, change.edits, contract=contract, stamp=stamp, force=way.force, written=written)
    except StaleEditError as error:
        raise _with_diff(bank, before, error) from error
    after = result.after
    new = after.source.data
    diff = diff_of(before.source.text, after.source.text, change.name) if way.dry_run else ""
    sections = tuple((str(address), _digest_at(after, address.section)) for address in result.addresses)
    receipt = FileReceipt(
        change.name,
        before.source.digest,
        after.source.digest,
        len(new),
        sections,
        result.healed,
        after.trail,
        diff,
    )
    return _Step(path, data, new, receipt)


def _written(bank: Bank, change: FileChange, recent: list[Operation] | None) -> list[str]:
    """Return the lines that were put into a file lately, newest first, for an edit that keeps a list's order."""
    if not any(isinstance(each, Append) and each.in_order for each in change.edits):
        return []
    if recent is None:
        recent = read_operations(bank, tail=True)
    return lines_written(recent, change.name)


def _digest_at(document: Document, name: str) -> str:
    from memorybank.document.anchors import find_sections

    found = find_sections(document, name) if name else []
    return document.digest_of(found[0]) if len(found) == 1 else document.source.digest


def _whole(path: Path, change: FileChange, way: Way) -> _Step:
    try:
        data = read(path)
    except NoFileError:
        data = None
    digest = digest_of(data) if data is not None else ""
    if digest != change.base:
        if data is not None and not change.base:
            raise ArtifactError(path=change.name, why="it is there already", hint=f"bank show {quoted(change.name)}")
        raise StaleEditError(
            address=change.name,
            expected=change.base or "no file",
            digest=digest or "no file",
            hint=f"bank history {quoted(change.name)}",
        )
    old = Source(data or b"")
    new = (
        None
        if change.gone
        else old.to_bytes(change.text or "")
        if data
        else (change.text or "").encode("utf-8", "surrogateescape")
    )
    text = "" if new is None else change.text or ""
    diff = diff_of(old.text, text, change.name) if way.dry_run else ""
    after = digest_of(new) if new is not None else ""
    # what is gone comes back as a new file, with its byte order mark
    trail = changes_between(old.whole if change.gone else old.text, text)
    receipt = FileReceipt(change.name, digest, after, len(new or b""), ((change.name, after),), (), trail, diff)
    return _Step(path, data, new, receipt)


def _settled(path: Path, data: bytes, size: int | None, *, known: bool) -> bytes:
    """Wait for a text that is just being saved; an empty file that was never ours and has no contract is just that."""
    try:
        return settle(path, data, size)
    except EncodingRefusedError:
        if size is None and not known and not read(path):
            return b""
        raise


def _last_size(recent: list[Operation] | None, name: str) -> int | None:
    """Tell the size the file had after our last write of it, so that an emptied file is not taken for a small one."""
    for operation in reversed(recent or []):
        for each in operation.receipt.files:
            if each.file == name and operation.state != "aborted":
                return each.size
    return None


def _publish_all(
    bank: Bank,
    changes: Sequence[FileChange],
    steps: list[_Step],
    receipt: Receipt,
    way: Way,
    recent: list[Operation],
    undoes: str,
) -> Receipt:
    by_name = {each.name: each for each in changes}
    done: list[_Step] = []
    for number in range(len(steps)):
        step = steps[number]
        for tries_left in reversed(range(TRIES)):
            try:
                _publish(step)
                # known as done before it is read back: what cannot be read back is taken back
                done.append(step)
                if step.new is not None:
                    read_back(step.path, step.new, step.base)
                break
            except Moved as moved:
                if moved.orphan is not None:
                    keep_orphan(bank, f"{receipt.operation}-{number}-{tries_left}", moved.orphan)
                if tries_left == 0:
                    _take_back(bank, done, receipt.operation)
                    raise DiskError(path=step.path, why="another program keeps writing it") from moved
                try:
                    step = _step(bank, by_name[step.receipt.file], way, way.now(), recent)
                except BankError:
                    _take_back(bank, done, receipt.operation)
                    raise
                files = (*receipt.files[:number], step.receipt, *receipt.files[number + 1 :])
                receipt = receipt._replace(files=files)
                begin(bank, receipt, undoes=undoes)
            except BankError:
                _take_back(bank, done, receipt.operation)
                raise
    return receipt


def _publish(step: _Step) -> None:
    if step.new is None:
        delete(step.path, base=step.base or b"")
        return
    if step.base is None:
        make_dirs(step.path.parent)
    publish(step.path, base=step.base, new=step.new)


def _take_back(bank: Bank, done: list[_Step], operation: str) -> None:
    """Put back what this operation already published, as far as nobody has edited it since."""
    for step in reversed(done):
        try:
            if step.base is None:
                delete(step.path, base=step.new or b"")
            else:
                publish(step.path, base=step.new, new=step.base)
        except (Moved, BankError):
            # left for `bank check`: the journal line stays begun, and says what was meant
            return
    try:
        finish(bank, operation, "aborted")
    except BankError:
        return  # a full disk: recovery finds the old bytes and says the same


def _with_diff(bank: Bank, document: Document, error: StaleEditError) -> StaleEditError:
    """Tell what changed since the caller read, as far back as the journal knows the file's text."""
    from memorybank.document.anchors import find_sections, parse_address

    name = parse_address(error.where).section
    now = find_sections(document, name) if name else []
    expected = str(error.details["expected"])
    text_now = document.source.text[slice(*now[0].span)] if now else document.source.text
    for text in texts_before(bank, document):
        old = outline(Source(document.source.to_bytes(text)), document.path, contract=document.contract)
        found = find_sections(old, name) if name else []
        if old.source.digest == expected or any(old.digest_of(each) == expected for each in found):
            text_then = old.source.text[slice(*found[0].span)] if found else old.source.text
            diff = diff_of(text_then, text_now, document.path)
            return StaleEditError(
                address=error.where, expected=expected, digest=str(error.details["digest"]), diff=diff
            )
    return error
