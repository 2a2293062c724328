"""What a shell may complete: the names that are in a bank. Reads only, and never more than a shell shows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from memorybank.facade.caller import Caller
    from memorybank.store.folder import BankFolder

MOST = 200
_DESIGNS = "docs/plans/designs/"
_ID = re.compile(r"[a-z]+-\d{8}-[0-9a-z]+")


class Candidate(NamedTuple):
    """A word that a shell may put in, and what it is."""

    word: str
    about: str = ""


def candidates(what: str, bank: BankFolder, caller: Caller) -> Iterable[Candidate]:
    """Return the names of one kind in a bank, such as `record` or `tag`; none for an unknown kind."""
    find = _FINDERS.get(what)
    return find(bank, caller) if find else ()


def notes(bank: BankFolder, _caller: Caller) -> Iterator[Candidate]:
    """Yield the kinds of note, with the section of each."""
    from memorybank.workflow.lines.placement import kinds_of

    yield from (Candidate(kind, address) for kind, address in sorted(kinds_of(bank).items()))


def types(bank: BankFolder, _caller: Caller) -> Iterator[Candidate]:
    """Yield the types of memories."""
    from memorybank.records.templates import load_types

    yield from (Candidate(name) for name, kind in sorted(load_types(bank).items()) if kind.is_memory)


def files(bank: BankFolder, _caller: Caller) -> Iterator[Candidate]:
    """Yield the memory files, then the documents of the project."""
    yield from map(Candidate, bank.present_files())
    from memorybank.store.doc_folders import ROOTS, doc_folders

    for root in ROOTS:
        for sub in doc_folders(str(bank.project / root)):
            found = sorted((bank.project / root / sub).glob("*.md"))
            yield from (Candidate(f"{root}/{sub}{path.name}") for path in found)


def addresses(bank: BankFolder, caller: Caller) -> Iterator[Candidate]:
    """Yield the addresses of the sections of the memory files, then the other files."""
    from memorybank.store.view import outline_of

    for file in bank.present_files():
        yield Candidate(file)
        yield from (Candidate(row.address) for row in outline_of(bank, file)[2] if row.level > 1)
    yield from (each for each in files(bank, caller) if "/" in each.word)


def sections(bank: BankFolder, _caller: Caller) -> Iterator[Candidate]:
    """Yield the names of the sections of the memory files."""
    from memorybank.store.view import outline_of

    rows = [row for file in bank.present_files() for row in outline_of(bank, file)[2]]
    yield from map(Candidate, dict.fromkeys(row.name for row in rows if row.level > 1))


def records(bank: BankFolder, _caller: Caller) -> Iterator[Candidate]:
    """Yield the ids of the memories, newest first; from the names of their files, which none has to be opened for."""
    from memorybank.records.find import stems_of

    named = [(_ID.match(stem), stem) for stem in stems_of(bank)]
    rows = [Candidate(found[0], stem[found.end() + 1 :]) if found else Candidate(stem) for found, stem in named]
    yield from sorted(rows, key=lambda each: each.word.partition("-")[2], reverse=True)


def sessions(bank: BankFolder, caller: Caller) -> Iterator[Candidate]:
    """Yield the ids and labels of the sessions."""
    from memorybank.facade.sessions import Sessions

    for record in Sessions(bank, caller).list(limit=MOST):
        yield Candidate(record.id, record.title)
        label = str(record.fields.get("label") or "")
        if label:
            yield Candidate(label, record.id)


def groups(bank: BankFolder, caller: Caller) -> Iterator[Candidate]:
    """Yield the ids and names of the groups."""
    from memorybank.facade.groups import Groups

    for record in Groups(bank, caller).list():
        yield Candidate(record.id, record.title)
        yield Candidate(record.title, record.id)


def tags(bank: BankFolder, _caller: Caller) -> Iterator[Candidate]:
    """Yield the tags, the most used ones first; those that look like another one are not looked for."""
    from memorybank.records.memories.tags import kept_tags

    yield from (Candidate(tag, str(count)) for tag, count in kept_tags(bank).items())


def tasks(bank: BankFolder, caller: Caller) -> Iterator[Candidate]:
    """Yield the tasks, open ones first."""
    from memorybank.facade.everyday import Tasks

    found = sorted(Tasks(bank, caller).list(), key=lambda each: each.done is not False)
    yield from (Candidate(each.text, str(each.number)) for each in found)


def operations(bank: BankFolder, _caller: Caller) -> Iterator[Candidate]:
    """Yield the newest operations."""
    from memorybank.store.journal.log import newest_operations

    yield from (Candidate(ident, verb) for ident, verb in newest_operations(bank, 50))


def plans(bank: BankFolder, caller: Caller) -> Iterator[Candidate]:
    """Yield the files of the plans; those of the design documents are not plans."""
    found = (each for each in files(bank, caller) if each.word.startswith("docs/plans/"))
    yield from (each for each in found if not each.word.startswith(_DESIGNS))


def designs(bank: BankFolder, caller: Caller) -> Iterator[Candidate]:
    """Yield the files of the design documents."""
    yield from (each for each in files(bank, caller) if each.word.startswith(_DESIGNS))


def research(bank: BankFolder, caller: Caller) -> Iterator[Candidate]:
    """Yield the files of the research."""
    yield from (each for each in files(bank, caller) if each.word.startswith("docs/research/"))


def bugs(bank: BankFolder, caller: Caller) -> Iterator[Candidate]:
    """Yield the ids of the bugs."""
    yield from (each for each in records(bank, caller) if each.word.startswith("bug-"))


def pafs(bank: BankFolder, caller: Caller) -> Iterator[Candidate]:
    """Yield the ids of the permanent architectural facts."""
    from memorybank.facade.ledgers import Ledgers

    found = Ledgers(bank, caller).pafs.list()
    yield from (Candidate(each.id, each.text) for each in found)
    yield from (Candidate(f"PAF-{each.id}", each.text) for each in found)


def workflows(bank: BankFolder, caller: Caller) -> Iterator[Candidate]:
    """Yield the ids of the workflows."""
    from memorybank.facade.workflows import Workflows

    yield from (Candidate(each.id, each.goal) for each in Workflows(bank, caller).list())


def triggers(_bank: BankFolder, _caller: Caller) -> Iterator[Candidate]:
    """Yield the moments at which memory files are loaded."""
    from memorybank.facade.loading import Loading

    yield from (Candidate(each.name, each.why) for each in Loading.triggers())


def stages(bank: BankFolder, caller: Caller) -> Iterator[Candidate]:
    """Yield the stages of the work."""
    from memorybank.facade.loading import Loading

    yield from (Candidate(row[0]) for row in Loading(bank, caller).stages().rows)


_FINDERS: dict[str, Callable[[BankFolder, Caller], Iterable[Candidate]]] = {
    "address": addresses,
    "bug": bugs,
    "file": files,
    "design": designs,
    "group": groups,
    "kind": notes,
    "operation": operations,
    "paf": pafs,
    "plan": plans,
    "record": records,
    "research": research,
    "section": sections,
    "session": sessions,
    "stage": stages,
    "tag": tags,
    "task": tasks,
    "trigger": triggers,
    "type": types,
    "workflow": workflows,
}
