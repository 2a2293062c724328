"""The size of an index, and the jump to a heading by a part of its name."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from memorybank.errors import BankError
from memorybank.recall.changes import look_of
from memorybank.recall.index import NAME, Connection, IndexSource, IndexUpdate, ask_index
from memorybank.recall.search import read_lazily
from memorybank.recall.sources import REPO, chosen
from memorybank.recall.stored_rows import restored, restored_row

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path
    from typing import TypedDict

    from memorybank.recall.index import IndexUpdateWire
    from memorybank.store.folder import BankFolder

    class UnreadFileWire(TypedDict):
        """A file that could not be read."""

        file: str
        why: str

    class RepoSizeWire(TypedDict):
        """The size of the index of a repository."""

        path: str
        max_commits: int
        size: int
        file_count: int
        commit_count: int
        broken: list[UnreadFileWire]
        refreshed: IndexUpdateWire

    class SizeWire(TypedDict):
        """The JSON form of a size."""

        path: str
        size: int
        entry_count: int
        file_count: int
        word_count: int
        scopes: dict[str, int]
        broken: list[UnreadFileWire]
        refreshed: IndexUpdateWire
        repo: RepoSizeWire | None


_QUERY_LENGTH = 10_000
# headings that are looked at beyond those asked for, where some are gone
_MOST_READ = 20


class Heading(NamedTuple):
    """A heading that matches the typed text; `score` is 0 to 1."""

    file: str
    line: int
    score: float
    heading: str
    address: str
    digest: str


class Size(NamedTuple):
    """The size of an index: its file and bytes, entries, files, distinct words, files by scope, unreadable files."""

    path: str
    bytes: int
    entries: int
    files: int
    words: int
    scopes: Mapping[str, int]
    broken: tuple[tuple[str, str], ...]
    refreshed: IndexUpdate
    repo: RepoSize | None = None

    def to_wire(self) -> SizeWire:
        """Return the JSON form."""
        return {
            "path": self.path,
            "size": self.bytes,
            "entry_count": self.entries,
            "file_count": self.files,
            "word_count": self.words,
            "scopes": dict(self.scopes),
            "broken": [{"file": file, "why": why} for file, why in self.broken],
            "refreshed": self.refreshed.to_wire(),
            "repo": self.repo.to_wire() if self.repo else None,
        }


class RepoSize(NamedTuple):
    """The size of the repository's own index: Markdown files, and commits, of at most `max_commits` newest ones."""

    path: str
    max_commits: int
    bytes: int
    files: int
    commits: int
    broken: tuple[tuple[str, str], ...]
    refreshed: IndexUpdate

    def to_wire(self) -> RepoSizeWire:
        """Return the JSON form."""
        return {
            "path": self.path,
            "max_commits": self.max_commits,
            "size": self.bytes,
            "file_count": self.files,
            "commit_count": self.commits,
            "broken": [{"file": file, "why": why} for file, why in self.broken],
            "refreshed": self.refreshed.to_wire(),
        }


def jump(bank: BankFolder, query: str, *, now_ns: int, limit: int = 10) -> tuple[Heading, ...]:
    """Find headings by their name, with tolerance for typos; the closest first.

    The hit is the section itself, never an item of it; titles and headings without text of their own are found too.
    """
    from memorybank.recall.words.typos import PATH_SIGN, best_headings

    def ask(db: Connection) -> list[_Row]:
        rows = db.execute(
            "SELECT e.heading, f.path, f.folder, f.name, f.scope, e.address, min(e.line), e.digest FROM entry e "
            "JOIN file f ON f.id = e.file WHERE e.heading != '' AND NOT f.archived AND f.name NOT LIKE '%.jsonl' "
            "GROUP BY f.path, e.heading ORDER BY f.path, 7"
        )
        return [_Row._make(restored_row(row)) for row in rows]

    rows, _ = ask_index(bank.state, IndexSource(look_of(bank), read_lazily), now_ns, ask)
    known: dict[tuple[str, str], _Row] = {}
    for row in rows:
        names = row.heading.split(PATH_SIGN)
        for count in range(1, len(names)):
            above = PATH_SIGN.join(names[:count])
            known.setdefault((row.path, above), row._replace(heading=above, address=""))
        known[row.path, row.heading] = row
    rows = list(known.values())
    found: list[Heading] = []
    files: dict[str, dict[str, list[Heading]]] = {}
    for place, score in best_headings(query[:_QUERY_LENGTH], [row.heading for row in rows], _MOST_READ + limit):
        row = rows[place]
        if row.path not in files:
            files[row.path] = _sections_in(bank, row)
        sections = files[row.path].get(row.heading, [])
        if not sections and row.address:
            # a record's title that is no heading of its text, or a file that just changed
            sections = [Heading(row.path, row.line, 0.0, row.heading, row.address, row.digest)]
        found += [each._replace(score=score / 100) for each in sections]
        if len(found) >= limit:
            break
    return tuple(found[:limit])


class _Row(NamedTuple):
    """A heading that the index knows: the path of its names, its file, and where its first entry is."""

    heading: str
    path: str
    folder: str
    name: str
    scope: str
    address: str
    line: int
    digest: str


def _sections_in(bank: BankFolder, row: _Row) -> dict[str, list[Heading]]:
    """Read the sections of a file, by the path of their headings; nothing if it cannot be read."""
    from memorybank.document.addresses import address_of
    from memorybank.document.sections import outline
    from memorybank.document.source import Source
    from memorybank.recall.words.typos import PATH_SIGN

    by_path: dict[str, list[Heading]] = {}
    try:
        with open(f"{row.folder.partition(chr(9))[2]}/{row.name}", "rb") as file:  # noqa: PTH123  see hits.py
            contract = bank.contract_of(row.path) if row.scope == "contracts" else None
            document = outline(Source(file.read()), row.path, contract=contract is not None)
    except (OSError, BankError):
        return by_path
    trail: list[tuple[int, str]] = []
    for section in document.sections:
        while trail and trail[-1][0] >= section.level:
            trail.pop()
        if not section.level:
            continue
        trail.append((section.level, section.name))
        heading = PATH_SIGN.join(name for _, name in trail)
        line, address = document.source.line_of(section.start), str(address_of(document, section))
        by_path.setdefault(heading, []).append(
            Heading(row.path, line, 0.0, heading, address, document.digest_of(section))
        )
    return by_path


def size_of(
    bank: BankFolder, *, now_ns: int, force: bool = False, on_progress: Callable[[str, int, int], None] | None = None
) -> Size:
    """Update the index, or rebuild it with `force`, and return its size."""
    if not bank.state.is_dir():
        from memorybank.store.cache import hide_state

        with suppress(BankError):
            hide_state(bank)
    work = IndexSource(look_of(bank), read_lazily, on_progress)
    path = bank.state / NAME

    def ask(db: Connection) -> Size:
        entries, files, _ = db.execute("SELECT entries, files, length FROM total").fetchone()
        (words,) = db.execute("SELECT count(*) FROM word").fetchone()
        scopes = dict(db.execute("SELECT scope, count(*) FROM file GROUP BY scope"))
        return Size(os.fspath(path), _length(path), entries, files, words, scopes, _broken(db), IndexUpdate())

    size, done = ask_index(bank.state, work, now_ns, ask, force=force)
    return size._replace(refreshed=done, repo=_repo_size_of(bank, now_ns, force=force, on_progress=on_progress))


def _repo_size_of(
    bank: BankFolder, now_ns: int, *, force: bool, on_progress: Callable[[str, int, int], None] | None
) -> RepoSize | None:
    choice = chosen(bank)
    if choice is None:
        return None
    from memorybank.recall.repo_source import work_of

    folder = bank.state / REPO

    def ask(db: Connection) -> RepoSize:
        kinds = dict(db.execute("SELECT kind = 'commit', count(*) FROM file GROUP BY 1"))
        return RepoSize(*choice, _length(folder / NAME), kinds.get(0, 0), kinds.get(1, 0), _broken(db), IndexUpdate())

    with work_of(bank, choice, now_ns, on_progress) as work:
        size, done = ask_index(folder, work, now_ns, ask, force=force)
    return size._replace(refreshed=done)


def _broken(db: Connection) -> tuple[tuple[str, str], ...]:
    rows = db.execute("SELECT path, broken FROM file WHERE broken != '' ORDER BY path")
    return tuple((restored(path), restored(broken)) for path, broken in rows)


def _length(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        # if nothing can be written, the index is only in memory
        return 0
