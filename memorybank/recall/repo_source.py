"""The git repository as a search source: its Markdown files and its log, in an index beside the bank's.

The user turns it on, which is stored in the bank's local state. Git runs only if something changed: the checked-out
commit, a folder, or a `.gitignore`. If nothing changed, each folder and Markdown file costs one stat call.
"""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from memorybank.contracts.layouts import BANK_FOLDERS
from memorybank.recall.index import RACY_NS, SEEN, DiskState, FileRow, IndexSource, key_of, packed, unpacked
from memorybank.recall.pieces import Piece
from memorybank.recall.sources import CHOICE, REPO, FileState, Folder, RepoChoice, folders_of_bank, states_of
from memorybank.shell import quoted
from memorybank.store.doc_folders import PASSED_OVER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from memorybank.store.folder import BankFolder
    from memorybank.store.git.commits import Commits, GitFolders

COMMIT = "commit"
_MOST_FOLDERS = 20_000
_MOST_FILES = 20_000
_MOST_BYTES = 4 * 1024 * 1024
# the only hidden folder that has texts for people
_SHOWN = {".github"}
_SHORT = 7
# the position of the repository in a file's fields, and of the digest in an entry's row
_REPO, _DIGEST = 7, 5


def choose(bank: BankFolder, folder: Path, max_commits: int) -> None:
    """Search a folder as the repository from now on.

    Raises:
        PermissionRefusedError, DiskError: the choice cannot be saved.
    """
    from memorybank.files.write import publish, read
    from memorybank.store.cache import hide_state

    hide_state(bank)
    path = bank.state / CHOICE
    # a folder inside the project is stored relative to it: both may be moved together
    real, project = Path(os.path.realpath(folder)), Path(os.path.realpath(bank.project))
    is_inside = real.is_relative_to(project)
    name = os.path.relpath(real, project) if is_inside else os.fspath(real)
    new = json.dumps({"path": name, "inside": is_inside, "max_commits": max_commits}).encode()
    publish(path, base=read(path) if os.path.lexists(path) else None, new=new, mode=0o600)


def unchoose(bank: BankFolder) -> None:
    """Stop searching the repository, and delete its index."""
    from memorybank.files.write import discard, remove_empty_dirs

    discard(bank.state / CHOICE)
    folder = bank.state / REPO
    for name in ("index.sqlite", "index.sqlite-journal", "index.sqlite.stamp", "index.lock"):
        discard(folder / name)
    remove_empty_dirs(folder, [bank.state])


@contextmanager
def work_of(
    bank: BankFolder, choice: RepoChoice, now_ns: int, on_progress: Callable[[str, int, int], None] | None = None
) -> Iterator[IndexSource]:
    """Yield the source that updates the repository's index, for the duration of a `with` block."""
    from memorybank.store.git.commits import Commits

    source = _Source(bank, choice, now_ns)
    with Commits(Path(choice.path)) as source.commits:
        yield IndexSource(source.look, source.read, on_progress)


class _Source:
    """Finds changes in a repository, and reads its files and commits."""

    commits: Commits

    def __init__(self, bank: BankFolder, choice: RepoChoice, now_ns: int) -> None:
        self._bank = bank
        self._choice = choice
        self._now_ns = now_ns
        self._root = Path(choice.path)

    def look(self, known: Mapping[str, bytes]) -> DiskState | None:
        """Return the files and commits of the repository; None if nothing changed since it was indexed."""
        seen = _Seen(*unpacked(known[SEEN])) if SEEN in known else None
        if seen and seen.now(self._choice) == seen:
            return None
        from memorybank.store.git.commits import place_of

        place = place_of(self._root)
        places = (os.fspath(place.own), os.fspath(place.common)) if place else ("", "")
        watched, folders = self._walk(place)
        states = []
        left = _MOST_FILES
        for folder, ignored in folders:
            rows = [row for row in states_of(folder) if row[0] not in ignored and row[2] <= _MOST_BYTES][:left]
            left -= len(rows)
            states.append((folder, rows))
        files = tuple(f"{folder.path}/{row[0]}" for folder, rows in states for row in rows)
        made = _Seen(*self._choice, *places, watched, files, b"", (), ()).now(self._choice)
        log = Folder(places[0] or self._choice.path, f"{COMMIT}/", REPO)
        if seen and made.is_of_same_head(seen):
            states.append((log, unpacked(known.get(key_of(log), packed([])))))
        elif place:
            states.append((log, self._log(place)))
        return DiskState(states, packed(tuple(made.without_fresh(self._now_ns))))

    def _log(self, place: GitFolders) -> list[FileState]:
        from memorybank.store.git.commits import commits_of

        hashes = commits_of(self._root, self._choice.max_commits, below=place.is_below)
        return [(each, 0, 0, 0) for each in hashes]  # type: ignore[misc]  # plain tuples, as in states_of

    def _walk(self, place: GitFolders | None) -> tuple[tuple[str, ...], list[tuple[Folder, set[str]]]]:
        """Return the watched paths, and the repository's folders, each with the names in it that git ignores."""
        from memorybank.store.git.commits import ignored_below

        root = os.fspath(self._root)
        if place and self._root.resolve() in {place.own.resolve(), place.common.resolve()}:
            # a bare repository has no files
            return (root,), []
        ignored = set(ignored_below(self._root)) if place else set()
        files: dict[str, set[str]] = {}
        for each in ignored:
            parent, slash, name = each.rpartition("/")
            files.setdefault(parent + slash, set()).add(name)
        bank = os.path.realpath(self._bank.folder)
        taken = {os.path.realpath(folder.path) for folder in folders_of_bank(self._bank)}
        watched: list[str] = []
        folders = []
        for count, (path, inner, names) in enumerate(os.walk(root)):
            if count and ".git" in (*inner, *names):
                # another repository
                inner.clear()
                continue
            relative = os.path.relpath(path, root).replace(os.sep, "/")
            before = "" if relative == "." else f"{relative}/"
            inner[:] = sorted(
                each
                for each in inner
                if (each[0] != "." or each in _SHOWN)
                and each not in PASSED_OVER
                and f"{before}{each}/" not in ignored
                and os.path.realpath(f"{path}/{each}") != bank
            )
            watched += [path, f"{path}/.gitignore"] if ".gitignore" in names else [path]
            if os.path.realpath(path) not in taken:
                folders.append((Folder(path, self._prefix(path), REPO), files.get(before, set())))
            if count >= _MOST_FOLDERS:
                break
        return tuple(watched), folders

    def _prefix(self, path: str) -> str:
        """Return the prefix of file names: relative to the project, as in edit addresses, else the full path."""
        project = os.fspath(self._bank.project)
        relative = os.path.relpath(path, project).replace(os.sep, "/")
        if relative.startswith("..") or self._bank.is_users_own:
            return f"{path}/"
        if relative == ".":
            return "./"
        return f"./{relative}/" if relative.partition("/")[0] in BANK_FOLDERS else f"{relative}/"

    def read(self, folder: Folder, name: str) -> FileRow:
        """Read a file or a commit for the index."""
        from memorybank.recall.index_rows import read_file, rows_of

        if folder.prefix != f"{COMMIT}/":
            row = read_file(folder, name)
            fields = (*row.fields[:_REPO], row.fields[_REPO] or self._root.name, *row.fields[_REPO + 1 :])
            entries = row.entries
            if folder.prefix.startswith("/"):
                # it is outside the project and cannot be edited
                entries = tuple((*entry[:_DIGEST], "", *entry[_DIGEST + 1 :]) for entry in entries)
            # front matter of other tools need not follow our rules
            return FileRow(fields, entries, "" if entries else row.broken, row.written)
        commit = self.commits.read(name)
        if commit is None:
            return FileRow((name, COMMIT, *[""] * 8, "{}"), (), "git cannot read this commit")
        subject, _, body = commit.message.partition("\n")
        kept = {"author": f"{commit.author} <{commit.email}>", "message": commit.message}
        fields = (
            name,
            COMMIT,
            subject,
            *[""] * 4,
            self._root.name,
            "",
            commit.at,
            json.dumps(kept, ensure_ascii=False),
        )
        beside = f"{name} {name[:_SHORT]} {commit.author} {commit.email}"
        piece = Piece(1, 0, 0, "", f"{self._show()} {name}", "", body)
        written: set[tuple[str, str]] = set()
        return FileRow(fields, rows_of([piece], subject, beside, written=written), written=written)

    def _show(self) -> str:
        is_here = os.path.realpath(self._root) == os.path.realpath(self._bank.project)
        return "git show" if is_here else f"git -C {quoted(self._root)} show"


class _Seen(NamedTuple):
    """What shows that nothing changed: the git folders, the watched paths, and their state."""

    path: str
    max_commits: int
    own: str
    common: str
    watched: tuple[str, ...]
    files: tuple[str, ...]
    head: bytes
    times: tuple[int, ...]
    states: tuple[tuple[int, int, int], ...]

    def now(self, choice: RepoChoice) -> _Seen:
        """Return the same paths with their current state."""
        from memorybank.store.git.commits import mark_of_head

        head = mark_of_head(Path(self.own), Path(self.common)) if self.own else b""
        times = tuple(_state(each)[0] for each in self.watched)
        states = tuple(_state(file) for file in self.files)
        return self._replace(path=choice.path, max_commits=choice.max_commits, head=head, times=times, states=states)

    def is_of_same_head(self, other: _Seen) -> bool:
        """Check whether the repository, the checked-out commit and the number of commits are the same."""
        return self[:4] == other[:4] and self.head == other.head

    def without_fresh(self, now_ns: int) -> _Seen:
        """Return the same without recently changed paths: they can change again within one clock tick."""
        times = tuple(0 if abs(now_ns - time) < RACY_NS else time for time in self.times)
        states = tuple((0, 0, 0) if abs(now_ns - max(state[0], state[2])) < RACY_NS else state for state in self.states)
        return self._replace(times=times, states=states)


def _state(path: str) -> tuple[int, int, int]:
    try:
        status = os.lstat(path)
    except OSError:
        return (-1, -1, -1)
    return (status.st_mtime_ns, status.st_size, status.st_ctime_ns)
