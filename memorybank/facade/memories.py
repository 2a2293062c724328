"""Memories: saved, found again, changed, removed; one Markdown file each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from memorybank.facade.face import Face, check_limit
from memorybank.listing import Listing

if TYPE_CHECKING:
    import builtins
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from memorybank.facade.caller import Caller
    from memorybank.records.find import BrokenRecord
    from memorybank.records.memories.editor import EditCopy
    from memorybank.records.memories.memories import SavedRecord
    from memorybank.records.memories.other_banks import RecordPlace
    from memorybank.records.record import Link, Record
    from memorybank.store.folder import BankFolder


class RecordList(Listing["Record"]):
    """Records without their text, newest first.

    `total` is how many there are without the limit, and `broken` names the files that could not be read. `places` has
    the bank of each record; it is empty when only this bank was searched.
    """

    __slots__ = ("broken", "places")
    plural = "records"
    beside = ("broken",)

    broken: Sequence[BrokenRecord]

    def __init__(
        self,
        records: Iterable[Record],
        *,
        total: int,
        broken: Sequence[BrokenRecord],
        places: Sequence[RecordPlace] = (),
    ) -> None:
        super().__init__(records, total=total)
        self.broken = broken
        self.places = places

    def rows(self) -> Iterable[Record | RecordPlace]:
        """Return what the JSON form is made of: the records, with their banks where several were searched."""
        return self.places or self


class Memories(Face):
    """The methods of a bank for its memories."""

    __slots__ = ()

    def save(
        self,
        content: str = "",
        *,
        type: str = "fact",  # noqa: A002  the field's name
        tags: Sequence[str] = (),
        title: str = "",
        summary: str = "",
        project: str = "",
        status: str = "",
        metadata: Mapping[str, Any] | None = None,
        fields: Mapping[str, Any] | None = None,
        links: Sequence[str] = (),
        sections: Mapping[str, str] | Sequence[tuple[str, str]] = (),
        source_tool: str = "",
        source_repo: str = "",
    ) -> SavedRecord:
        """Save a memory of a type, see `types`.

            bank.save("This project uses Python 3.11 with FastAPI", tags=["python", "stack"])

        `fields` are those that the type declares, `sections` the texts of its sections by name. A link is an id, or
        `REL:ID` such as `supersedes:ID`. `source_tool` and `source_repo` are those at hand when left out. A decision is
        saved even if it contradicts an earlier one, which is in the `advice`; `decide` refuses it.

        Raises:
            NoTypeError: the type is unknown.
            FieldError: a value is invalid, or a required field or section is missing.
            BankError: the text or the write is refused; nothing is written.
        """
        from memorybank.records.draft import NewRecord
        from memorybank.records.memories.memories import save

        new = NewRecord(
            content,
            kind=type,
            tags=tags,
            title=title,
            summary=summary,
            project=project,
            status=status,
            metadata=metadata,
            fields=fields,
            links=parse_links(links),
            sections=cast("list[tuple[str, str]]", sections),  # pairs
            overrides={
                name: text for name, text in (("source_tool", source_tool), ("source_repo", source_repo)) if text
            },
        )
        saved = save(self._folder, new, self._way())
        if saved.record.type == "decision":
            from memorybank.workflow.contradictions.earlier import advice_on

            saved = saved._replace(advice=(*saved.advice, *advice_on(self._folder, saved.record)))
        return self._saved(saved)

    def recall(self, memory_id: str, *, archived: bool = False) -> Record:
        """Return a whole record, by its id or a prefix that only it has.

        Raises:
            NoRecordError: no record matches, or several do.
            FrontMatterError: it cannot be read; the error has the line and the reason.
        """
        from memorybank.records.memories.memories import recall

        return recall(self._folder, memory_id, archived=archived)

    def recall_remote(self, memory_id: str, *, project: str = "") -> RecordPlace:
        """Return a whole record of the hub of the team, with its project there.

        Raises:
            NoRecordError: no record matches, or several do.
            FrontMatterError: it cannot be read.
            BankError: the hub does not answer.
        """
        from memorybank.team.hub.hub_search import recall_hub

        return recall_hub(self._folder, memory_id, project=project)

    def recall_everywhere(self, memory_id: str, *, project: str = "", archived: bool = False) -> RecordPlace:
        """Return a whole record with its bank: of this bank, else of another one that this machine has seen.

        With `project`, only a record of that project.

        Raises:
            NoRecordError: no record matches, or several of other banks do.
            FrontMatterError: it cannot be read.
        """
        from memorybank.records.memories.other_banks import recall_everywhere

        return recall_everywhere(self._folder, self._caller.home, memory_id, project=project, archived=archived)

    def list(
        self,
        *,
        type: Sequence[str] = (),  # noqa: A002  the field's name
        tags: Sequence[str] = (),
        any_tags: Sequence[str] = (),
        project: str = "",
        source_tool: str = "",
        source_repo: str = "",
        session_id: str = "",
        status: str = "",
        since: str | datetime = "",
        until: str | datetime = "",
        metadata_filter: Mapping[str, Any] | None = None,
        archived: bool = False,
        all_banks: bool = False,
        remote: bool = False,
        limit: int = 20,
    ) -> RecordList:
        """Return the newest memories, without their text; all of them with a `limit` of 0.

            bank.list(type="decision", tags=["auth"], since="30d")

        All `tags` must be there, and one of `any_tags`. `since` and `until` are days or times, or `7d`, `12h`, `2w` for
        so long ago. With `all_banks` or a `project`, the other banks that this machine has seen are searched too. With
        `remote`, the memories in the hub of the team are listed instead.

        Raises:
            NoTypeError: a type is unknown.
            FieldError: the hub has no such filter, `since` or `until` is not a day or time, or `limit` is below 0.
        """
        from memorybank.records.filter import Filter, check_known, select

        check_limit(limit, least=0)
        wanted = Filter(
            kinds=tuple(type),
            tags=tuple(tags),
            any_tags=tuple(any_tags),
            project=project,
            source_tool=source_tool,
            source_repo=source_repo,
            session=session_id,
            status=status,
            since=self._moment(since, "since"),
            until=self._moment(until, "until"),
            metadata=metadata_filter or {},
        )
        if remote:
            from memorybank.facade.search import check_remote
            from memorybank.team.hub.hub_search import list_hub

            check_remote(wanted, archived=archived, all_banks=all_banks)
            page = list_hub(self._folder, wanted, limit=limit)
            records = [place.record for place in page.records]
            return RecordList(records, total=page.total, broken=page.broken, places=page.records)
        if all_banks or project:
            from memorybank.records.memories.other_banks import select_everywhere

            page = select_everywhere(self._folder, self._caller.home, wanted, archived=archived, limit=limit)
            records = [place.record for place in page.records]
            return RecordList(records, total=page.total, broken=page.broken, places=page.records)
        found = select(self._folder, wanted, archived=archived, limit=limit)
        if not found.total:
            check_known(self._folder, wanted)
        return RecordList(found.records, total=found.total, broken=found.broken)

    def list_recent(
        self,
        *,
        limit: int = 10,
        type: Sequence[str] = (),  # noqa: A002  the field's name
        source_repo: str = "",
    ) -> RecordList:
        """Return the newest memories; the same as `list`."""
        return self.list(limit=limit, type=type, source_repo=source_repo)

    def update(
        self,
        memory_id: str,
        *,
        content: str | None = None,
        title: str | None = None,
        summary: str | None = None,
        tags: Sequence[str] | None = None,
        status: str = "",
        project: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        fields: Mapping[str, Any] | None = None,
        expect: str = "",
    ) -> SavedRecord:
        """Change a memory: only the lines of what is given change, and the date of the change.

        `tags` replace those that are there; `+x` and `-y` add and remove. `expect` is the digest that `recall`
        returned.

        Raises:
            StaleEditError: the record no longer has the digest `expect`.
            FieldError: a value is invalid, or the status cannot follow the one it has.
            FrontMatterError: the front matter cannot be changed safely.
        """
        from memorybank.records.memories.memories import update

        saved = update(
            self._folder,
            memory_id,
            self._way(),
            content=content,
            title=title,
            summary=summary,
            tags=tags,
            status=status,
            project=project,
            metadata=metadata,
            fields=fields,
            expect=expect,
        )
        return self._saved(saved)

    def delete(self, memory_id: str, *, hard: bool = False) -> SavedRecord:
        """Move a memory to the archive, or with `hard` remove its file; `undo` brings it back either way.

        Raises:
            NoRecordError: no record matches, or several do.
        """
        from memorybank.records.memories.memories import delete

        return self._saved(delete(self._folder, memory_id, self._way(), hard=hard))

    def edit_copy(self, memory_id: str, *, begin_with: Path | None = None) -> RecordCopy:
        """Return a copy of a record's file to be edited by hand; its `save` checks it and writes it back.

        The copy holds the text of the file `begin_with` when one is given. Also for a record whose front matter cannot
        be read: this is how to fix it.

        Raises:
            NoRecordError: no record matches, or several do.
            NoFileError: there is no file `begin_with`.
        """
        from memorybank.files.read import read
        from memorybank.records.memories.editor import open_copy

        text = None if begin_with is None else read(begin_with)
        copy = open_copy(self._folder, memory_id, self._way(), text=text)
        return RecordCopy(self._folder, self._caller, copy, begin_with)


class RecordCopy(Face):
    """A copy of a record's file, which a person edits. It is local state and stays until it is removed."""

    __slots__ = ("_begin_with", "_copy")

    def __init__(self, folder: BankFolder, caller: Caller, copy: EditCopy, begin_with: Path | None) -> None:
        super().__init__(folder, caller)
        self._copy = copy
        self._begin_with = begin_with

    @property
    def path(self) -> Path:
        """The file to edit."""
        return self._copy.path

    @property
    def data(self) -> bytes:
        """What the copy held at first."""
        return self._copy.data

    @property
    def record(self) -> Record:
        """The record as it was when the copy was made."""
        return self._copy.target.record

    @property
    def record_data(self) -> bytes:
        """What the record's file held when the copy was made."""
        return self._copy.target.source.data

    def save(self) -> SavedRecord | None:
        """Write what the copy holds now over the record, if that is unchanged; None when there is nothing to change.

        Raises:
            FieldError: the text is not a valid record of its type, or has another id.
            FrontMatterError: its front matter cannot be read.
            StaleEditError: the record changed meanwhile; the error carries the diff.
            BankError: the write is refused.
        """
        from memorybank.records.memories.editor import let_go, put_back

        saved = put_back(self._folder, self._copy, self._way())
        if saved is None:
            return None
        begun = self._begin_with
        if begun is not None and not saved.receipt.dry_run and begun.parent.parent == self._folder.state:
            # the text that was refused before is now written
            let_go(self._copy._replace(path=begun))
        return self._saved(saved)


def parse_links(links: Sequence[str]) -> builtins.list[Link]:
    """Return links from their text: an id alone, or `REL:ID`.

    Raises:
        FieldError: there is no such relation, or the target is empty.
    """
    from memorybank.records.fields import parse_link

    return [parse_link(link) for link in links]
