"""Loading: the memory files as they stand, or what a stage of the work needs within a budget."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.errors import BankError, FieldError, NoFileError
from memorybank.facade.face import Face
from memorybank.ids import chosen
from memorybank.listing import Listing

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Annotated, NotRequired, TypedDict

    from memorybank.contracts.read_triggers import Trigger
    from memorybank.document.sections import Document
    from memorybank.recall.loading.load import Context
    from memorybank.recall.loading.stages import Table
    from memorybank.records.corrections.waiting import CorrectionQueue
    from memorybank.store.folder import BankFolder
    from memorybank.workflow.notes.queue_status import QueueStatus
    from memorybank.workflow.skills import Skill

    class LoadedFileWire(TypedDict):
        """A file or a section with its text; what is missing or cannot be read has no text."""

        file: str
        address: str
        digest: NotRequired[str]
        text: NotRequired[str]
        sections: NotRequired[list[Annotated[Any, SectionDigest]]]
        missing: NotRequired[bool]
        hint: NotRequired[str]
        error: NotRequired[Annotated[Any, BankError]]

    class LoadedFilesWire(TypedDict):
        """The JSON form of a loaded files."""

        bank_folder: str
        layout: str
        files: list[LoadedFileWire]
        count: int
        waiting_notes: Annotated[Any, QueueStatus] | None
        waiting_corrections: Annotated[Any, CorrectionQueue] | None

    class StagesWire(TypedDict):
        """The JSON form of a stages."""

        stages: list[dict[str, str]]
        count: int
        names: dict[str, str]
        first: dict[str, list[str]]
        moments: dict[str, str]


class SectionDigest(NamedTuple):
    """A section by its address, and its digest."""

    address: str
    digest: str


class TriggerList(Listing["Trigger"]):
    """The moments of the work at which to read."""

    __slots__ = ()
    plural = "triggers"


class LoadedFile(NamedTuple):
    """A file or a section with its text and digest.

    `sections` is None where they were not asked for. A file that is not there yet is `missing`; `remedy` is the command
    that brings it back or makes it. One that cannot be read has the `error`.
    """

    file: str
    address: str
    digest: str = ""
    text: str = ""
    sections: tuple[SectionDigest, ...] | None = None
    missing: bool = False
    remedy: str = ""
    error: BankError | None = None

    def to_wire(self) -> LoadedFileWire:
        """Return the JSON form: the place, and either the error, or `missing`, or digest, text and sections."""
        from memorybank.wire import to_wire

        place: LoadedFileWire = {"file": self.file, "address": self.address}
        if self.error is not None:
            return {**place, "error": to_wire(self.error)}
        if self.missing:
            return {**place, "missing": True, "hint": self.remedy}
        read: LoadedFileWire = {**place, "digest": self.digest, "text": self.text}
        return read if self.sections is None else {**read, "sections": to_wire(self.sections)}


class LoadedFiles(NamedTuple):
    """Memory files as they stand, the notes that are queued, and the corrections that wait for a decision."""

    bank_folder: str
    layout: str
    files: tuple[LoadedFile, ...]
    waiting_notes: QueueStatus | None
    waiting_corrections: CorrectionQueue | None

    def to_wire(self) -> LoadedFilesWire:
        """Return the JSON form: the files as a list."""
        from memorybank.wire import to_wire

        return {
            "bank_folder": self.bank_folder,
            "layout": self.layout,
            "files": to_wire(self.files),
            "count": len(self.files),
            "waiting_notes": to_wire(self.waiting_notes),
            "waiting_corrections": to_wire(self.waiting_corrections),
        }


class Stages(NamedTuple):
    """What each stage and mode loads: the names of the columns, and a row of texts for each pair of the two."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    table: Table

    def to_wire(self) -> StagesWire:
        """Return the JSON form: the rows by column, and the words that the table takes for stages and moments."""
        table = self.table
        return {
            "stages": [dict(zip(self.columns, row, strict=True)) for row in self.rows],
            "count": len(self.rows),
            "names": dict(table.names),
            "first": {name: list(kinds) for name, kinds in table.first.items()},
            "moments": dict(table.moments),
        }


class SkillList(Listing["Skill"]):
    """Skills: those that the bank lists come first."""

    __slots__ = ()
    plural = "skills"


def stages_of(bank: BankFolder | None) -> Stages:
    """Return the table of stages of a bank; that of the shipped template without one."""
    from memorybank.recall.loading.load import table_of
    from memorybank.recall.loading.stages import LAYERS, rows_of

    table = table_of(bank)
    return Stages(("stage", "mode", *LAYERS), tuple(tuple(row) for row in rows_of(table)), table)


class Loading(Face):
    """The methods of a bank that load."""

    __slots__ = ()

    def load_files(
        self, files: Sequence[str] = (), *, trigger: str = "", sections: bool = True, mark: bool = False
    ) -> LoadedFiles:
        """Return memory files or sections with their digests; all memory files when none is named.

        `trigger` is a moment of the work, see `triggers`, and chooses what is read then. Without `sections` whole
        files are not parsed, which takes half the time. With `mark` the current session has read them, for `gate`.

        Raises:
            FieldError: there is no such trigger.
            NoFileError: none of the files is there.
            BankError: the one file that was named cannot be read; of several, the error stands in its place.
        """
        from memorybank.records.corrections.waiting import queue_of
        from memorybank.workflow.notes.queue_status import wait_of

        folder = self._folder
        wanted = tuple(files) or (self._reads_of(trigger) if trigger else folder.main_files)
        loaded: list[LoadedFile] = []
        for address in wanted:
            try:
                loaded.append(self._load_one(address, sections=sections))
            except BankError as error:
                if trigger and self._is_not_made_yet(error):
                    loaded.append(LoadedFile(error.where.partition("#")[0], error.where, missing=True))
                    continue
                if len(wanted) == 1:
                    raise
                # one file that cannot be read hides nothing of the others
                from memorybank.document.addresses import parse_address

                loaded.append(LoadedFile(parse_address(address).file, address, error=error))
        if mark:
            from memorybank.workflow.gate import mark_reads

            mark_reads(folder, [(each.address, each.digest) for each in loaded if each.digest], self._way())
        waiting = (wait_of(folder), queue_of(folder))
        return LoadedFiles(str(folder.folder), folder.layout.name, tuple(loaded), *waiting)

    def load(
        self,
        *,
        stage: str = "",
        mode: str = "",
        budget_tokens: int | None = None,
        budget_chars: int | None = None,
        trigger: str = "",
        files: Sequence[str] = (),
        query: str = "",
        group: str = "",
        session_id: str = "",
        git: bool = False,
        mark: bool = False,
    ) -> Context:
        """Return what a stage of the work needs, within a budget, with an account of what was left out.

        The stages are understand, decompose, plan, implement, verify and review, the modes rapid, standard and
        rigorous. Tokens are estimated. Pinned items and the User Standards come first. Without a budget, the one of
        bank.toml holds (`[load] budget_tokens` or `budget_chars`), else everything is loaded. `git` adds the branch,
        the changed files, the newest commits and the tracked files of the project. With `mark` the current session has
        read those memory files and sections of which nothing was left out, for `gate`.

        Raises:
            FieldError: a stage, mode or trigger is unknown, or two budgets are given.
            NoRecordError: there is no such group or session.
        """
        from memorybank.recall.loading.load import LoadOptions, load_context

        options = LoadOptions(
            stage=stage,
            mode=mode,
            budget_tokens=budget_tokens,
            budget_chars=budget_chars,
            trigger=trigger,
            files=tuple(files),
            query=query,
            group=group,
            session=session_id,
            current=self._current_session(),
            git=git,
        )
        context = load_context(self._folder, options, self._caller.now())
        if mark:
            from memorybank.workflow.gate import mark_reads

            wanted = tuple(files) or (self._reads_of(trigger) if trigger else self._folder.main_files)
            mark_reads(self._folder, self._whole_in(context, wanted), self._way())
        return context

    def _whole_in(self, context: Context, wanted: Sequence[str]) -> list[tuple[str, str]]:
        """Return the memory files and sections that were loaded whole, each with its digest."""
        from memorybank.document.addresses import parse_address
        from memorybank.document.names import is_same_name
        from memorybank.recall.loading.contracts import LAYER
        from memorybank.store.view import look

        left = [parse_address(each.address) for each in (*context.omitted, *context.shortened) if each.layer == LAYER]
        found: list[tuple[str, str]] = []
        for address in wanted:
            place = parse_address(address)
            is_cut = any(
                each.file == place.file and (not place.section or is_same_name(each.section, place.section))
                for each in left
            )
            try:
                found += [] if is_cut else [(address, look(self._folder, address).digest)]
            except BankError:
                # missing, or unread: the context names it
                continue
        return found

    def stages(self) -> Stages:
        """Return the table of what each stage and mode loads in this bank."""
        return stages_of(self._folder)

    @staticmethod
    def triggers() -> TriggerList:
        """Return the moments of the work at which to read, and what is read then."""
        from memorybank.contracts.read_triggers import TRIGGERS

        return TriggerList(TRIGGERS)

    def skills(self) -> SkillList:
        """Return the skills that the bank lists, then the other ones that are installed for the project or its user."""
        from memorybank.store.home import persons_folder
        from memorybank.workflow.skills import skills_of

        return SkillList(skills_of(self._folder, persons_folder()))

    def _reads_of(self, trigger: str) -> tuple[str, ...]:
        from memorybank.contracts.read_triggers import TRIGGERS
        from memorybank.document.addresses import near

        for each in TRIGGERS:
            if each.name == chosen(trigger, [each.name]):
                return each.reads
        names = [each.name for each in TRIGGERS]
        close = near(trigger, names)
        advice = f"did you mean {close[0]}?" if close else f"choose from {', '.join(names)}"
        raise FieldError(field="trigger", why=f"there is no trigger {trigger!r}: {advice}", hint="bank load --for list")

    def _is_not_made_yet(self, error: BankError) -> bool:
        """Return whether a bank of another tool has not yet what is to be read at a moment."""
        from memorybank.errors import NoAnchorError

        return not self._folder.layout.contracted and isinstance(error, NoAnchorError | NoFileError)

    def _load_one(self, text: str, *, sections: bool) -> LoadedFile:
        from memorybank.document.source import Source
        from memorybank.files.read import read, resolve

        folder = self._folder
        file, section = text, ""
        if "#" in text or not folder.layout.contracted:
            from memorybank.store.view import address_in

            file, section, _ = address_in(folder, text)
        path, name = folder.locate(file)
        try:
            source = Source(read(resolve(path, folder.roots)))
        except NoFileError:
            if section or file not in folder.main_files:
                named = self._address_named(text)
                if named:
                    return self._load_one(named, sections=sections)
                folder.existing(file)
                raise
            return LoadedFile(name, name, missing=True, remedy=self._remedy_for(name))
        if not section and not sections:
            return LoadedFile(name, name, source.digest, source.text)
        from memorybank.document.addresses import address_of, resolve_section
        from memorybank.document.sections import outline

        contract = folder.contract_of(name)
        document = outline(source, name, contract=contract is not None)
        if not section:
            return LoadedFile(name, name, source.digest, source.text, _digests(document))
        spec = contract.spec_of(section) if contract else None
        found = resolve_section(document, section, aliases=(spec.name, *spec.other_names) if spec else ())
        body = document.source.text[found.start : found.end]
        return LoadedFile(name, str(address_of(document, found)), document.digest_of(found), body)

    def _address_named(self, name: str) -> str:
        """Return the address that a plain name means, such as `decisions`; "" for none, or several."""
        from memorybank.workflow.lines.plain_names import address_named, is_plain

        try:
            return address_named(self._folder, name) if is_plain(name) else ""
        except BankError:
            return ""

    def _remedy_for(self, file: str) -> str:
        from memorybank.shell import quoted
        from memorybank.store.manage.lost_text import find_lost

        lost = find_lost(self._folder, file, None) is not None
        return f"bank restore {quoted(file)}" if lost else self._folder.init_command


def _digests(document: Document) -> tuple[SectionDigest, ...]:
    from memorybank.document.addresses import address_of

    return tuple(
        SectionDigest(str(address_of(document, section)), document.digest_of(section))
        for section in document.sections[1:]
    )
