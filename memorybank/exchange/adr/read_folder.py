"""Import architecture decision records, as adr-tools, MADR, log4brains and people write them, as decisions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.document.source import digest_of
from memorybank.errors import BankError
from memorybank.exchange.account import Account, words_of
from memorybank.exchange.adr.body import body_of
from memorybank.exchange.adr.clause import plain_text
from memorybank.exchange.adr.dates import read_date
from memorybank.exchange.adr.fields import NUMBER, OTHER_STATUS, STATUS, choose_date, choose_status
from memorybank.exchange.adr.file_names import MARKDOWN, OTHERS, is_review, numbers_of, stem_of, suffix_of, wishes_of
from memorybank.exchange.adr.links import Mover, anchor_of, flattened, path_from, without_links
from memorybank.exchange.adr.page import split_log
from memorybank.exchange.adr.record import read_adr, why_no_decision
from memorybank.exchange.adr.references import BY, OF, Book
from memorybank.exchange.incoming import Incoming, ReadResult
from memorybank.exchange.safe_read import FileTree, ForeignError, refusal_of, text_of
from memorybank.records.find import folder_of
from memorybank.records.record import Link
from memorybank.records.templates import load_type

if TYPE_CHECKING:
    from collections.abc import Container, Mapping
    from pathlib import Path

    from memorybank.exchange.adr.body import Body
    from memorybank.exchange.adr.fields import Chosen
    from memorybank.exchange.adr.record import Adr
    from memorybank.exchange.adr.references import Target
    from memorybank.store.folder import BankFolder

FORMAT = "adr"
_NAMED = 3


class _Decision(NamedTuple):
    """A record with its links to others, its status and its text below our headings."""

    adr: Adr
    number: int
    links: tuple[Link, ...]
    status: Chosen
    body: Body


def read_adrs(bank: BankFolder, source: FileTree, origin: str) -> ReadResult:
    """Read a folder of decision records; `origin` is its name.

    Raises:
        ForeignError: no file in it is a decision record.
    """
    return _Folder(bank, source, origin).read()


class _Folder:
    """The import of one folder: its files are read first, because they refer to each other."""

    def __init__(self, bank: BankFolder, source: FileTree, origin: str) -> None:
        self.bank = bank
        self.source = source
        self.origin = origin
        self.account = Account()
        self.data: dict[str, bytes] = {}
        self.wishes: Mapping[str, str] = {}

    def read(self) -> ReadResult:
        adrs = self._chosen(self._parsed())
        if not adrs:
            raise ForeignError(
                path=self.source.root, why="no file in it is a decision record with a Status or a Decision"
            )
        numbers = numbers_of(self.data)
        self.wishes = wishes_of(self.data)
        book = Book({adr.name: int(adr.number or numbers.get(adr.name, 0)) for adr in adrs})
        decisions = {adr.name: self._decision(adr, book, numbers) for adr in adrs}
        self._answer_links(decisions)
        folder = folder_of(self.bank, load_type(self.bank, "decision"))
        anchors = {name: _anchors(each) for name, each in decisions.items()}
        records = tuple(self._incoming(each, folder, book, anchors) for each in decisions.values())
        return ReadResult(FORMAT, records, (), self.source.misfits, self.account)

    def _entry(self, name: str) -> str:
        return f"{self.origin}/{name}"

    def _tell(self, name: str, why: str, text: str = "") -> None:
        self.account.reported(self._entry(name), why, text, where=name)

    def _parsed(self) -> list[Adr]:
        found = []
        for name in self.source.names:
            if suffix_of(name) not in MARKDOWN:
                what = OTHERS.get(suffix_of(name))
                why = f"{what} is not read, convert it to Markdown" if what else "it is not a Markdown file"
                self.account.skipped(self._entry(name), why, where=name)
                continue
            try:
                data = self.source.bytes_of(name)
                text = _text(data)
                above, pieces = split_log(text)
                for number, piece in pieces:
                    found.append(
                        self._read(_name_in(name, number, self.data), piece, piece.encode("utf-8", "surrogateescape"))
                    )
                if not pieces:
                    found.append(self._read(name, text, data))
                elif above.strip():
                    self.account.came(self._entry(name), above)
                    self.account.skipped(self._entry(name), "the text above its first decision", where=name)
            except BankError as error:
                self.account.skipped(self._entry(name), refusal_of(error), where=name)
        return found

    def _read(self, name: str, text: str, data: bytes) -> Adr:
        self.account.came(self._entry(name), text)
        self.data[name] = data
        return read_adr(name, text)

    def _chosen(self, adrs: list[Adr]) -> list[Adr]:
        """Return the files that are decisions; the others are reported."""
        numbers = numbers_of(self.data)
        by_number: dict[int, tuple[str, ...]] = {}
        for adr in adrs:
            number = int(adr.number or numbers.get(adr.name, 0))
            if number and adr.has_decision and not is_review(adr.name, adr.title):
                by_number[number] = (*by_number.get(number, ()), adr.name)
        chosen = []
        for adr in adrs:
            why = why_no_decision(adr, numbers, by_number)
            if why:
                self.account.skipped(self._entry(adr.name), why, where=adr.name)
            else:
                chosen.append(adr)
        return chosen

    def _decision(self, adr: Adr, book: Book, numbers: Mapping[str, int]) -> _Decision:
        links: dict[Link, None] = {}
        for relation in adr.relations:
            found = book.find(adr.name, relation.target)
            if found == adr.name:
                continue
            if found:
                links[Link(relation.rel, self.wishes[found])] = None
            elif relation.is_sure and _names_a_record(relation.target):
                links[Link(relation.rel, relation.target.file or f"ADR-{relation.target.number}")] = None
        strong = {link.to for link in links if link.rel != "relates"}
        kept = tuple(link for link in links if link.rel != "relates" or link.to not in strong)
        status = choose_status(adr.statuses, is_replaced=any(link.rel == BY for link in kept))
        body = body_of(adr.heads, adr.page, adr.parts)
        return _Decision(adr, int(adr.number or numbers.get(adr.name, 0)), kept, status, body)

    def _answer_links(self, decisions: dict[str, _Decision]) -> None:
        """Let a record that is superseded name its successor, which its own file may not do."""
        by_wish = {self.wishes[name]: name for name in decisions}
        for name, each in list(decisions.items()):
            for link in each.links:
                other = by_wish.get(link.to, "") if link.rel == OF else ""
                answer = Link(BY, self.wishes[name])
                if other and answer not in decisions[other].links:
                    old = decisions[other]
                    decisions[other] = old._replace(links=(answer, *(row for row in old.links if row.to != answer.to)))
                    if old.status.value != "superseded":
                        self._tell(other, f"{name} says that it supersedes it, but its status is {old.status.value}")

    def _incoming(
        self, each: _Decision, folder: Path, book: Book, anchors: Mapping[str, Mapping[str, str]]
    ) -> Incoming:
        adr, name, entry = each.adr, each.adr.name, self._entry(each.adr.name)
        date, moment = choose_date(adr.dates, each.status.day, name)
        mover = Mover(
            name,
            lambda target: book.at_path(name, target),
            path_from(folder, self.source.root, name, self.bank.project),
            lambda file, anchor: anchors.get(file, {}).get(anchor, anchor),
        )
        moved = mover.moved(each.body.text)
        metadata: dict[str, Any] = {**adr.metadata, **each.status.metadata, **date.metadata}
        if each.number:
            metadata[NUMBER] = each.number
        for why in (*adr.reports, *each.status.reports, *date.reports):
            self._tell(name, why)
        if each.body.is_filled:
            self._tell(name, "it has no section for the decision: an empty one is added")
        if moved.lost:
            targets = ", ".join(moved.lost[:_NAMED])
            targets += ", …" if len(moved.lost) > _NAMED else ""
            count = f"{len(moved.lost)} links lead" if len(moved.lost) > 1 else "a link leads"
            self._tell(name, f"{count} to what is not there or not in the project, kept as text: {targets}")
        self._settle(each, moved.old, date.value, metadata)
        return Incoming(
            entry,
            digest_of(self.data[name]),
            "decision",
            adr.title,
            moved.text,
            wish=self.wishes[name],
            status=each.status.value,
            tags=adr.tags,
            source_tool=FORMAT,
            created=moment,
            metadata=metadata,
            links=each.links,
            fields={"decider": flattened(adr.deciders), **({"date": date.value} if date.value else {})},
            points={token: self.wishes[file] for token, file in moved.points.items()},
        )

    def _settle(self, each: _Decision, old_targets: tuple[str, ...], day: str, metadata: dict[str, Any]) -> None:
        """Account for the words that are kept in another form, and keep front matter whose words are not."""
        adr, entry = each.adr, self._entry(each.adr.name)
        for text in (*adr.used, *old_targets, *(old for old, _ in each.body.renamed)):
            self.account.turned(entry, text)
        # the number, and the word before it
        before = without_links(adr.page.title).partition(adr.title)[0] if adr.number else ""
        self.account.turned(entry, before)
        for statement in adr.dates:
            read = read_date(plain_text(statement.text))
            if read.is_exact and read.day == day:
                self.account.turned(entry, statement.text)
        for statement in adr.statuses:
            # what stands in two places is one field
            shown = f"{each.status.value} {metadata.get(STATUS, '')} {metadata.get(OTHER_STATUS, '')}"
            if not words_of(statement.text) - words_of(shown):
                self.account.turned(entry, statement.text)
        # titles in other places than the one that is taken
        for title in adr.titles if adr.page.title else adr.titles[1:]:
            self.account.turned(entry, " ".join((words_of(title) & words_of(adr.title)).elements()))


def _name_in(name: str, number: str, taken: Container[str]) -> str:
    """Return a name for a decision in a file with several: `log#007.md`."""
    head, dot, suffix = name.rpartition(".")
    new = f"{head}#{number}{dot}{suffix}"
    while new in taken:
        number = f"{number}+"
        new = f"{head}#{number}{dot}{suffix}"
    return new


def _text(data: bytes) -> str:
    """Return a file's text with LF at its line ends; text in UTF-16 is known by its byte order mark."""
    is_wide = data[:2] in (b"\xff\xfe", b"\xfe\xff")
    text = data.decode("utf-16", "replace") if is_wide else text_of(data)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _names_a_record(target: Target) -> bool:
    """Return whether a target that is no record of the folder looks like one."""
    stem = stem_of(target.file.partition("#")[0])
    is_file = suffix_of(target.file.partition("#")[0]) in MARKDOWN and (stem[:1].isdigit() or bool(numbers_of([stem])))
    return "://" not in target.file and (is_file or bool(target.number and not target.file))


def _anchors(each: _Decision) -> dict[str, str]:
    """Return the new anchors of the headings that have our name now."""
    return {
        anchor_of(old): anchor_of(new) for old, new in each.body.renamed if new and anchor_of(old) != anchor_of(new)
    }
