"""A new record as a value: its id, fields and file text, checked but not yet written."""

from __future__ import annotations

import os
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.document.frontmatter import MAX_CHARACTERS, find_block
from memorybank.document.inline import title_in
from memorybank.document.source import with_eol
from memorybank.document.text import check_text, dedented
from memorybank.errors import BankError, FieldError, NoFileError, UnsupportedTextError
from memorybank.files.write import read, resolve
from memorybank.ids import chosen, new_id, slug_of
from memorybank.records.fields import check_fields, check_line, check_link, check_metadata, check_tags, check_title
from memorybank.records.find import folder_of
from memorybank.records.record import Link, Record, parse, render, render_sections, split_title
from memorybank.records.templates import load_type
from memorybank.records.types import RecordType
from memorybank.store.journal.commit import FileChange
from memorybank.times import stamp_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way

_MOST_NAMESAKES = 100


class Draft(NamedTuple):
    """A record that is not written yet, and the change that writes it, to commit alone or with other changes."""

    record: Record
    change: FileChange


class NewRecord(NamedTuple):
    """What a new record is made of.

    `sections` fills in the type's sections below `content`; with `blank`, the template's own text is used, to be filled
    in by hand. `created` and `overrides` (source_tool, source_repo, session, updated) keep the values of an import.
    `ident` is an id that is known to be free, `folder` a folder below the type's own. With `undated`, a record without
    `created` stays without a date.
    """

    content: str = ""
    kind: RecordType | str = "fact"
    title: str = ""
    summary: str = ""
    tags: Iterable[str] = ()
    project: str = ""
    status: str = ""
    metadata: Mapping[str, Any] | None = None
    links: Iterable[Link] = ()
    fields: Mapping[str, Any] | None = None
    sections: Sequence[tuple[str, str]] = ()
    blank: bool = False
    created: str = ""
    folder: str = ""
    overrides: Mapping[str, str] | None = None
    ident: str = ""
    undated: bool = False


def draft(bank: BankFolder, new: NewRecord, way: Way, *, taken: set[str] | None = None) -> Draft:
    """Make a new record: its id, fields and file text. Nothing is written.

    `taken` holds ids already used in the same operation.

    Raises:
        NoTypeError: the type is unknown.
        FieldError: a field has an invalid value, or a required field or section is missing.
        UnsupportedTextError: there is no text, or it contains invisible characters.
    """
    kind = new.kind if isinstance(new.kind, RecordType) else load_type(bank, new.kind)
    if kind.name == "paf":
        raise FieldError(field="type", why="a fact is a line in pafs.md, not a file", hint="bank paf add -h")
    now = stamp_of(way.author.now())
    created = new.created or now
    content, fields, overrides = new.content, new.fields or {}, new.overrides or {}
    if new.blank:
        content = split_title(kind.body)[1].lstrip("\r\n")
    body = _body(kind, _text(content), [(_section_name(name), _text(text)) for name, text in new.sections])
    title = check_title(new.title)
    is_dated = bool(new.created) or not new.undated
    if is_dated and any(field.name == "date" for field in kind.fields):
        fields = {"date": created[:10], **fields}
    own = not kind.folder.startswith("docs/")
    if not title and new.sections:
        title = title_in(content or next((text for _, text in new.sections if text.strip()), ""))
    if not title and not body:
        raise UnsupportedTextError(why="it is empty", hint="bank save TEXT")
    folder_path = folder_of(bank, kind) / new.folder
    ident = new.ident or _fresh_id(kind, folder_path, way, taken, created)
    heading = "" if title else split_title(body)[0]
    slug = slug_of(title or check_line("summary", new.summary) or title_in(heading or body))
    stem = kind.file.replace("{id}", ident).replace("{slug}", slug).replace("{date}", created[:10])
    values: dict[str, Any] = {
        "id": ident if "{id}" in kind.file else "",
        "type": kind.name,
        # the heading stays as it was typed; lists show its words
        "title": title_in(heading) if title_in(heading) != heading else "",
        "status": _status(kind, new.status),
        "summary": check_line("summary", new.summary),
        "tags": list(check_tags(new.tags)),
        "project": check_line("project", new.project or bank.config.project),
        # a file in docs/ does not name its author: the journal and git do
        "source_tool": way.author.actor.tool if own else "",
        "source_repo": _repository_of(bank) if own else "",
        "session": way.author.actor.session if own else "",
        **{name: check_line(name, text) for name, text in overrides.items()},
        "created": created if own and is_dated else "",
        "updated": overrides.get("updated", ""),
        **check_fields(kind, fields),
        **_linked(new.links),
        "metadata": check_metadata(new.metadata or {}),
    }
    path = folder_path / f"{_free_stem(folder_path, stem, title) if not values['id'] else stem}.md"
    resolve(path, bank.roots)
    text = render(values, title, body)
    if find_block(text) is None:
        why = f"the front matter would be longer than {MAX_CHARACTERS} characters"
        raise FieldError(field="metadata", why=why, hint="keep long text in the body")
    name = bank.name_of(path)
    return Draft(parse(text.encode(), name, kind.name), FileChange(path, text=text))


def _repository_of(bank: BankFolder) -> str:
    return bank.origin.name if bank.is_users_own else bank.config.name or bank.project.name


def _text(text: str) -> str:
    return dedented(with_eol(check_text(text), "\n"))


def _section_name(name: str) -> str:
    line = check_line("section", name)
    if not line.strip("# "):
        raise FieldError(field="section", why="it has no name", hint='--section "Name=text"')
    return line


def _body(kind: RecordType, content: str, sections: Sequence[tuple[str, str]]) -> str:
    content = content.strip("\r\n")
    if not sections:
        return content if content.strip() else ""
    known = {section.name.casefold(): section.name for section in kind.sections}
    texts: dict[str, str] = {}
    for name, text in sections:
        if known and name.casefold() not in known:
            from memorybank.document.addresses import near

            close = near(name, list(known.values())) or list(known.values())
            raise FieldError(
                field=name,
                why=f"type {kind.name} has no such section; did you mean {close[0]!r}?",
                hint=f"bank types show {kind.name}",
            )
        texts[known.get(name.casefold(), name)] = text
    missing = [
        section.name for section in kind.sections if section.required and not texts.get(section.name, "").strip()
    ]
    if missing and not content.strip():
        raise FieldError(
            field=missing[0], why=f"type {kind.name} requires this section", hint=f"bank types show {kind.name}"
        )
    order = [section.name for section in kind.sections] or list(texts)
    filled = render_sections((name, texts[name]) for name in order if name in texts)
    return f"{content}\n\n{filled}" if content.strip() else filled


def _status(kind: RecordType, status: str) -> str:
    names = [name for name, _ in kind.statuses]
    status = chosen(status, names)
    if status and names and status not in names:
        raise FieldError(
            field="status",
            why=f"invalid status {status!r}: choose from {', '.join(names)}",
            hint=f"--status {names[0]}",
        )
    return status or kind.first_status


def _fresh_id(kind: RecordType, folder: Path, way: Way, taken: set[str] | None, created: str) -> str:
    """Return an id that no file name in the folder starts with; two processes differ only by chance."""
    day = datetime.fromisoformat(created)
    try:
        names = os.listdir(folder)  # noqa: PTH208  ten thousand names, as text
    except (FileNotFoundError, NotADirectoryError):
        names = []
    while True:
        ident = new_id(kind.prefix, day, way.author.random_bytes)
        if ident not in (taken or ()) and not any(name.startswith(ident) for name in names):
            if taken is not None:
                taken.add(ident)
            return ident


def _free_stem(folder: Path, stem: str, title: str) -> str:
    """Return a file name that no document with another title uses; one with the same title is the same document."""
    for number in range(1, _MOST_NAMESAKES):
        name = stem if number == 1 else f"{stem}-{number}"
        try:
            there = parse(read(folder / f"{name}.md"), name, "")
        except NoFileError:
            return name
        except BankError:
            continue
        if there.title == title:
            return name
    return stem


def _linked(links: Iterable[Link]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for link in links:
        rel, to = check_link(link)
        if to not in found.setdefault(rel, []):
            found[rel].append(to)
    return found
