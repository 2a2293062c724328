"""Push: what was changed here since the last sync goes to the hub, in batches that are wholly there or not at all.

An operation names the state it follows. Where the hub has moved on meanwhile, the file is left out, and the caller
pulls, which merges, and pushes again. A text with a secret stays here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from memorybank.document.source import diff_of
from memorybank.errors import RefusedError
from memorybank.secrets.scan import find_secrets
from memorybank.team.hub.described import describe
from memorybank.team.hub.postgres import Row, digest_of_body
from memorybank.team.hub.sync_report import PushedFile, RefusedFile
from memorybank.team.hub.sync_state import SeenFiles
from memorybank.team.syncable import place_of, read_sync_file, shown, sync_files, sync_names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from collections.abc import Set as AbstractSet

    from memorybank.store.folder import BankFolder
    from memorybank.team.hub.address import Address
    from memorybank.team.hub.postgres import Hub
    from memorybank.team.hub.sync_state import SyncState

BATCH_ROWS = 500
BATCH_BYTES = 8 * 1024 * 1024
# fewer files than this may be deleted at once without asking
FEW = 20


class SyncDeletesError(RefusedError):
    """Many files of the bank are gone; to delete them everywhere has to be meant."""

    code = "sync-deletes"

    def __init__(self, *, gone: int, known: int) -> None:
        super().__init__(
            f"{gone} of {known} synced files are not here any more, and would be deleted for everybody",
            hint="bring them back (bank history), or, if they were deleted on purpose, bank sync --accept-deletes",
            gone=gone,
            known=known,
        )


class Push:
    """One push; `pushed` and `refused` grow with each batch, `behind` has the files that the hub moved on from."""

    def __init__(
        self, bank: BankFolder, hub: Hub, address: Address, state: SyncState, actor: str, allowed: tuple[str, ...]
    ) -> None:
        self.bank, self.hub, self.address, self.state, self.actor = bank, hub, address, state, actor
        self.allowed = allowed
        self.pushed: dict[str, PushedFile] = {}
        self.refused: dict[str, RefusedFile] = {}
        self.behind: list[str] = []
        self.seen = SeenFiles(state.path)

    def run(self, *, accept_deletes: bool, is_late: Callable[[], bool]) -> None:
        """Push all that was changed, in batches; what is left when the time is over goes with the next sync.

        Raises:
            SyncDeletesError: more than half of the files are gone; then nothing was pushed.
        """
        self.behind = []
        batch: list[Row] = []
        size = 0
        for row in self._changed(accept_deletes=accept_deletes):
            batch.append(row)
            size += len(row.body or "")
            if len(batch) >= BATCH_ROWS or size >= BATCH_BYTES:
                self._send(batch)
                batch, size = [], 0
                if is_late():
                    return
        if batch:
            self._send(batch)
        self.seen.save()

    def preview(self, taken: AbstractSet[str], merged: AbstractSet[str], *, accept_deletes: bool) -> None:
        """List what would be pushed with its diff: without what would be taken, and without a diff what is merged."""
        place = (self.address.namespace, self.address.project)
        for row in self._changed(accept_deletes=accept_deletes, without=taken):
            before = self.hub.body_of(*place, row.id, row.parent) if row.parent and row.id not in merged else None
            text = (before or b"").decode("utf-8", "replace")
            diff = diff_of(text, row.body or "", shown(row.id)) if row.id not in merged else ""
            self.pushed[row.id] = PushedFile(shown(row.id), _op(row), diff)

    def count(self) -> int:
        """Return how many files would be pushed."""
        return sum(1 for _ in self._changed(accept_deletes=True))

    def _send(self, batch: list[Row]) -> None:
        there, behind = self.hub.push(self.address.namespace, self.address.project, self.actor, batch)
        rows = {row.id: row for row in batch}
        self.state.note(files={name: rows[name].digest for name in there})
        self.behind += behind
        for name in there:
            self.seen.note(name, rows[name].digest)
            self.pushed[name] = PushedFile(shown(name), _op(rows[name]))

    def _changed(self, *, accept_deletes: bool, without: AbstractSet[str] = frozenset()) -> Iterator[Row]:
        """Yield what the hub does not have yet; the deleted files last.

        Raises:
            SyncDeletesError: too many files are gone; before anything was yielded.
        """
        known = self.state.files
        changed: list[Row] = []
        names = sync_names(self.bank)
        same = self._unchanged(names)
        seen: set[str] = {*without, *same}
        for file in sync_files(self.bank, names, unread=same):
            if file.name in without:
                continue
            seen.add(file.name)
            if file.why:
                self.refused[file.name] = RefusedFile(shown(file.name), "here", "not-syncable", file.why)
                continue
            digest = digest_of_body(file.data)
            if digest == known.get(file.name, ""):
                self.seen.note(file.name, digest)
                continue
            # one that could not be pulled would be refused by the hub
            if file.name in self.state.kept:
                continue
            text = file.data.decode("utf-8")
            if self._is_allowed(file.name, text):
                self.refused.pop(file.name, None)
                fields = describe(file.name, file.data)
                changed.append(Row(file.name, known.get(file.name, ""), digest, text, fields))
        gone = [name for name in known if name not in seen and name not in self.state.kept and self._is_gone(name)]
        if len(gone) > FEW and 2 * len(gone) > len(known) and not accept_deletes:
            raise SyncDeletesError(gone=len(gone), known=len(known))
        yield from changed
        for name in gone:
            yield Row(name, known[name], "", None, {})

    def _unchanged(self, names: Sequence[str]) -> set[str]:
        """Return the files that are as they were when the hub had the same; a memory file may have lost its text."""
        known = self.state.files
        return {
            name
            for name in names
            if name not in self.bank.main_files
            and self.seen.is_unchanged(name, place_of(self.bank, name), known.get(name, ""))
        }

    def _is_gone(self, name: str) -> bool:
        """Whether a file that is not listed is not there; one behind a link is, and stays."""
        found = read_sync_file(self.bank, name)
        if found is not None and found.why:
            self.refused[name] = RefusedFile(shown(name), "here", "not-syncable", found.why)
        return found is None

    def _is_allowed(self, name: str, text: str) -> bool:
        before = self.state.allowed.get(name, ())
        for secret in find_secrets(text):
            if secret.rule in before:
                continue
            if secret.rule not in self.allowed:
                why = f"line {secret.line} looks like a secret ({secret.rule}); remove it, or add --allow-secret"
                self.refused[name] = RefusedFile(shown(name), "here", "secret", f"{why} {secret.rule}")
                return False
            before = (*before, secret.rule)
            self.state.note(allowed={name: list(before)})
        return True


def _op(row: Row) -> str:
    return "tombstone" if row.body is None else "put"
