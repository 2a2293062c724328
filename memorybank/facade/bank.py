"""`Bank`: a project's memory as an object. Its methods are the commands, its results what `--json` prints."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from memorybank.facade.caller import Caller
from memorybank.facade.editing import Editing
from memorybank.facade.entries import Entries
from memorybank.facade.everyday import Everyday
from memorybank.facade.evidence import Evidence, Standing
from memorybank.facade.ledgers import Ledgers
from memorybank.facade.loading import Loading
from memorybank.facade.memories import Memories
from memorybank.facade.relations import Relations
from memorybank.facade.search import Searching
from memorybank.facade.sessions import SessionMethods
from memorybank.facade.upkeep.checks import Upkeep
from memorybank.facade.upkeep.exchange import Exchange
from memorybank.facade.workflows import WorkflowMethods

if TYPE_CHECKING:
    from collections.abc import Sequence


class Bank(
    Everyday,
    Editing,
    Loading,
    Searching,
    Memories,
    Relations,
    Entries,
    Ledgers,
    SessionMethods,
    WorkflowMethods,
    Evidence,
    Standing,
    Upkeep,
    Exchange,
):
    """One bank: memory files, records, sessions and work in progress.

        from memorybank import Bank

        bank = Bank.open()
        bank.note("WAL mode needs a local disk", kind="gotcha")
        shown = bank.show("progress.md#Tasks")
        bank.edit("progress.md#Tasks").replace("- [ ] Ship it", expect=shown.digest)

    Nothing is held open between two calls: each reads the files as they are, and each write takes the bank's lock,
    is verified, and returns a receipt; a refused or interrupted one leaves the files whole. Several processes and
    threads may use the same bank. All errors are a `BankError` with a `code`, a `hint` and an `exit_status`.
    """

    __slots__ = ()

    @classmethod
    def open(
        cls,
        start: Path | str = ".",
        *,
        named: str | None = None,
        dry_run: bool = False,
        timeout: float = 10.0,
        role: str = "",
        accept_shrunk: bool = False,
        allow_secrets: Sequence[str] = (),
    ) -> Bank:
        """Open the bank that a folder belongs to: the one in it, or the next one above.

        `named` is a bank's folder or a project's, as `--bank` takes it. With `dry_run` nothing is written, and
        receipts carry the diff. `timeout` is how long a write waits for another writer, in seconds. In a `role` other
        than the router's, notes are queued. Who writes is read from the environment, as for the command line.

        Raises:
            NoBankError: no bank was found.
            ConfigError, NewerVersionError: its settings cannot be understood.
        """
        from memorybank.store.discover import find_bank

        caller = Caller(
            folder=Path(start).absolute(),
            dry_run=dry_run,
            timeout=timeout,
            role=role,
            accept_shrunk=accept_shrunk,
            allow_secrets=allow_secrets,
        )
        return cls(find_bank(Path(start), named=named, environ=caller.environ), caller)

    @classmethod
    def init(
        cls, project: Path | str = ".", *, adopt: bool = False, layout: str = "", namespace: str | None = None
    ) -> Bank:
        """Make a bank in a project, or complete the one that is there; existing files are never changed.

        The project's folder is made if it is missing. With `adopt` a bank of another layout is used where it is;
        `layout` makes one in the form of another tool: cc10x, cc10x-v10, cc10x-v9 or cline. `namespace` makes a named
        bank of the user, which belongs to no project.

        Raises:
            ArtifactError: there is a bank of another layout, and `adopt` was not asked for.
            FieldError: the layout or the namespace is invalid, or does not go with the rest.
        """
        from memorybank.facade.upkeep.set_up import set_up
        from memorybank.files.durable import make_dirs

        if namespace is None:
            make_dirs(Path(project))
        caller = Caller(folder=Path(project).absolute())
        return cls(set_up(project, caller, adopt=adopt, layout=layout, namespace=namespace).folder, caller)

    def __repr__(self) -> str:
        return f"<Bank {self.path}>"
