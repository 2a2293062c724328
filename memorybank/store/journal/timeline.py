"""The past texts of a file, as far as they are kept, and where the lines of an operation are today.

A file's operations are links of a chain: each starts with the digest that the one before left, or someone else wrote
in between. Changes in between are found by comparing both texts. If one is no longer kept, lines are searched for by
their words, and only in their own section.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from memorybank.contracts.change_marks import recalled
from memorybank.document.names import is_same_name
from memorybank.document.sections import key_of, outline
from memorybank.document.source import BOM, Source, digest_of, lines_of
from memorybank.document.trail import (
    STAMP,
    OverlapError,
    changes_between,
    drifting,
    followed,
    is_settled,
    net_of,
    replay,
    reverse,
    settled,
    trimmed,
)
from memorybank.errors import NoRecordError
from memorybank.files.read import implausible
from memorybank.store.journal.log import changes_of, kept_text, standing_undos

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from memorybank.document.receipt import FileReceipt
    from memorybank.document.sections import Document, Section, Splice
    from memorybank.store.folder import BankFolder
    from memorybank.store.journal.log import Operation


class Link(NamedTuple):
    """What one operation did to the file: the file's number in the operation, and its receipt."""

    operation: Operation
    number: int
    receipt: FileReceipt


class Timeline:
    """One file through its operations, oldest first, up to its current bytes (`data` is None if there is no file)."""

    def __init__(self, bank: BankFolder, name: str, operations: Sequence[Operation], data: bytes | None) -> None:
        self.bank = bank
        self.name = name
        self.data = data
        self.digest = "" if data is None else digest_of(data)
        self.contract = bank.contract_of(name)
        self.links = [
            Link(operation, number, receipt)
            for operation in operations
            for number, receipt in enumerate(operation.receipt.files)
            if receipt.file == name
        ]
        self._undone = {undo.undoes for undo in standing_undos(operations)}
        self._known: dict[str, str | None] = {"": "", self.digest: "" if data is None else Source(data).text}

    def changes(self, link: Link) -> tuple[Splice, ...] | None:
        """Return an operation's changes of the file, each with its role; None if they are no longer kept."""
        try:
            return recalled(changes_of(self.bank, link.operation, link.number), self.contract)
        except NoRecordError:
            return None

    def text_of(self, digest: str) -> str | None:
        """Return the file's text with this digest, without a byte order mark; None if it is not kept."""
        if digest not in self._known:
            self._known[digest] = self._text_of(digest)
        return self._known[digest]

    def data_of(self, digest: str) -> bytes | None:
        """Return the file's bytes with this digest; None if they are not kept."""
        text = self.text_of(digest)
        data = (text or "").encode("utf-8", "surrogateescape")
        return None if text is None else data if digest_of(data) == digest else BOM + data

    def last_kept(self, operation: str = "") -> tuple[Operation, bytes] | None:
        """Return the last operation whose text of the file is kept, and the text; or those of the named operation.

        Empty text, and bytes that are not text, are skipped unless the operation is named.
        """
        for link in reversed(self.links):
            if link.receipt.after and operation in ("", link.operation.id):
                data = self.data_of(link.receipt.after)
                if data is not None and (operation or (data.strip(b"\0 \t\r\n") and not implausible(data, None))):
                    return link.operation, data
        return None

    def edited_texts(self) -> Iterator[str]:
        """Yield the kept texts that operations left and that someone else then edited, newest first.

        The text that the last operation left is included.
        """
        for number in reversed(range(len(self.links))):
            if number + 1 == len(self.links) or not self._follows(number + 1):
                text = self.text_of(self.links[number].receipt.after)
                if text:
                    yield text

    def _text_of(self, digest: str) -> str | None:
        for text in (self._forward(digest), self._backward(digest)):
            if text is not None and _is(text, digest):
                return text
        return None

    def _forward(self, digest: str) -> str | None:
        """Build the text from an earlier one: the file's first text, or one that was kept whole."""
        kept = kept_text(self.bank, digest)
        if kept is not None:
            return Source(kept).text
        end = next((i for i, each in enumerate(self.links) if each.receipt.after == digest), None)
        if end is None:
            return None
        first = end
        while first and self._start(first) is None and self._follows(first):
            first -= 1
        text = self._start(first)
        for link in self.links[first : end + 1]:
            changes = self.changes(link)
            text = None if text is None or changes is None else replay(text, changes)
            text = None if text is None else text.removeprefix("\ufeff")
        return text

    def _start(self, number: int) -> str | None:
        digest = self.links[number].receipt.before
        if digest in self._known:
            return self._known[digest]
        kept = kept_text(self.bank, digest)
        return None if kept is None else Source(kept).text

    def _follows(self, number: int) -> bool:
        return self.links[number - 1].receipt.after == self.links[number].receipt.before

    def _backward(self, digest: str) -> str | None:
        """Build the text from the current one, if no one else has written since."""
        first = next((i for i in reversed(range(len(self.links))) if self.links[i].receipt.before == digest), None)
        if first is None:
            return None
        end = first
        while end + 1 < len(self.links) and self.links[end].receipt.after not in self._known and self._follows(end + 1):
            end += 1
        text = self._known.get(self.links[end].receipt.after)
        for link in reversed(self.links[first : end + 1]):
            changes = self.changes(link)
            text = None if text is None or changes is None else reverse(text, changes)
            text = None if text is None else text.removeprefix("\ufeff")
        return text

    def back_at(self, digest: str, number: int) -> int:
        """Return the first link that counts, from `number` on, if the file has this digest before it.

        Operations that were all undone, together with their undos, are skipped if they led back to the same text.
        """
        found = number
        for i in range(number, len(self.links)):
            operation = self.links[i].operation
            if not operation.undoes and operation.id not in self._undone:
                break
            found = i + 1 if self.links[i].receipt.after == digest else found
        return found

    def stands(self, number: int) -> list[Splice]:
        """Return the merged changes of a link, each part at its position in the current text.

        Raises:
            OverlapError: some of its lines changed since, or cannot be told apart from others.
        """
        changes = self.changes(self.links[number])
        if changes is None:
            raise OverlapError
        return _Search(self, net_of(changes), self.links[number].receipt).run(number)


class _Search:
    """Follows parts of a text through later operations; `is_lost` while their position is unknown."""

    def __init__(self, line: Timeline, parts: Sequence[Splice], receipt: FileReceipt) -> None:
        self.line = line
        self.drifts = drifting(parts)
        self.receipt = receipt
        self.is_lost = False

    def run(self, number: int) -> list[Splice]:
        links = self.line.links
        digest = links[number].receipt.after
        number += 1
        while number < len(links) or digest != self.line.digest:
            number = self.line.back_at(digest, number)
            after = links[number].receipt.before if number < len(links) else self.line.digest
            if after != digest:
                self.by_hand(digest, after)
            if number == len(links):
                break
            link = links[number]
            changes = self.line.changes(link)
            if not link.receipt.before or not link.receipt.after or changes is None:
                raise OverlapError
            self.follow(changes)
            digest, number = link.receipt.after, number + 1
        if self.is_lost:
            self.look(self.line.digest)
        return settled(self.drifts)

    def follow(self, changes: Sequence[Splice]) -> None:
        if not self.is_lost:
            self.drifts = followed(self.drifts, changes)
            return
        # their position is unknown: a change of the same words may be one of theirs
        said = {line for part in settled(self.drifts) for line in lines_of(part.new or part.above) if line.strip()}
        for each in map(trimmed, changes):
            if each.role != STAMP and said & {*lines_of(each.old), *lines_of(each.new)}:
                raise OverlapError

    def by_hand(self, before: str, after: str) -> None:
        """Follow what someone else changed between two operations."""
        one, other = self.line.text_of(before), self.line.text_of(after)
        if not self.is_lost and one is not None and other is not None:
            drifts = followed(self.drifts, changes_between(one, other))
            if is_settled(drifts) or not is_settled(self.drifts):
                self.drifts = drifts
                return
            # perhaps their section moved: search for them by their words, which must not occur elsewhere
            self.look(before)
        self.is_lost = True
        if other is not None:
            self.look(after)

    def look(self, digest: str) -> None:
        """Search for the lost parts by their words, in their own section of a text."""
        text = self.line.text_of(digest)
        if text is None:
            raise OverlapError
        source = Source(text.encode("utf-8", "surrogateescape"))
        document = outline(source, self.line.name, contract=self.line.contract is not None)
        # it is not known when the date was set again, so the current date stays
        parts = [part for part in settled(self.drifts) if part.role != STAMP]
        self.drifts = drifting(sorted(self._found(document, part) for part in parts))
        self.is_lost = False

    def _found(self, document: Document, part: Splice) -> Splice:
        text = document.source.text
        needle = part.new or part.above
        places = [
            at
            for section in self._sections(document, part)
            for at in _places(text, needle, section.start, section.own_end)
        ]
        if len(places) != 1:
            raise OverlapError
        return part._replace(start=places[0] if part.new else places[0] + len(needle))

    def _sections(self, document: Document, part: Splice) -> Iterator[Section]:
        """Yield the sections that may contain a part: its own, by its path or its name in the contract."""
        names = [part.place] if part.place else [each.partition("#")[2] for each, _ in self.receipt.sections]
        contract = self.line.contract
        wanted = {key_of(name) for name in names}
        for name in names:
            spec = contract.spec_of(name) if contract is not None else None
            wanted |= {key_of(each) for each in (spec.name, *spec.other_names)} if spec is not None else set()
        for each in document.sections:
            is_named = {key_of(each.name), key_of(document.path_of(each))} & wanted
            if is_named or any(is_same_name(each.name, name) for name in wanted):
                yield each


def _places(text: str, needle: str, start: int, end: int) -> list[int]:
    """Return the offsets where whole lines occur between two offsets of a text."""
    places, at = [], text.find(needle, start, end) if needle else -1
    while at >= 0:
        stop = at + len(needle)
        if (at == 0 or text[at - 1] in "\r\n") and (stop == len(text) or needle[-1] in "\r\n" or text[stop] in "\r\n"):
            places.append(at)
        at = text.find(needle, at + 1, end)
    return places


def _is(text: str, digest: str) -> bool:
    data = text.encode("utf-8", "surrogateescape")
    return digest in (digest_of(data), digest_of(BOM + data))
