"""`Bank`: a project's memory as an object. Its methods are the commands, its results what `--json` prints."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from memorybank.errors import FieldError, NoBankError
from memorybank.facade.agents.audit_log import AuditMethods
from memorybank.facade.agents.clients import ClientMethods
from memorybank.facade.agents.memory_folder import MemoryFolders
from memorybank.facade.agents.settings import SettingMethods
from memorybank.facade.agents.watching import WatchMethods
from memorybank.facade.caller import Caller
from memorybank.facade.corrections.evaluation import Evaluating
from memorybank.facade.corrections.namespace import CorrectionMethods
from memorybank.facade.editing import Editing
from memorybank.facade.entries import Entries
from memorybank.facade.everyday import Everyday
from memorybank.facade.evidence import Evidence, Standing
from memorybank.facade.face import Place
from memorybank.facade.ledgers import Ledgers
from memorybank.facade.loading import Loading
from memorybank.facade.memories import Memories
from memorybank.facade.relations import Relations
from memorybank.facade.search import Searching
from memorybank.facade.sessions import SessionMethods
from memorybank.facade.team.adopting import Adopting
from memorybank.facade.team.bundling import BundleMethods
from memorybank.facade.team.champion import Champion
from memorybank.facade.team.hub import HubMethods
from memorybank.facade.team.merging import GitMethods
from memorybank.facade.upkeep.checks import Upkeep
from memorybank.facade.upkeep.exchange import Exchange
from memorybank.facade.workflows import WorkflowMethods

if TYPE_CHECKING:
    from collections.abc import Sequence

NAMESPACE = "MEMORYBANK_NAMESPACE"
MAX_SECONDS = 3600


class Bank(
    Place,
    Everyday,
    Editing,
    Loading,
    Searching,
    Memories,
    Relations,
    Entries,
    Ledgers,
    CorrectionMethods,
    SessionMethods,
    WorkflowMethods,
    Evidence,
    Standing,
    Evaluating,
    Upkeep,
    Adopting,
    BundleMethods,
    Exchange,
    Champion,
    SettingMethods,
    WatchMethods,
    AuditMethods,
    MemoryFolders,
    ClientMethods,
    GitMethods,
    HubMethods,
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
        namespace: str = "",
        dry_run: bool = False,
        timeout: float = 10.0,
        role: str = "",
        accept_shrunk: bool = False,
        allow_secrets: Sequence[str] = (),
    ) -> Bank:
        """Open the bank of a folder: the one in it, or in the next folder above that has one.

        Without `start`, the current folder is meant, or what MEMORYBANK_DIR and MEMORYBANK_NAMESPACE name, as for the
        command line. `namespace` opens a named bank of the user. With `dry_run` nothing is written, and receipts have
        the diff. `timeout` is how long a write waits for another writer, 0 to 3600 seconds. In the `role` of an agent
        that may not write memory files, notes are queued.

        Raises:
            NoBankError: no bank was found, or the folder does not exist.
            FieldError: an argument is invalid.
            ConfigError, NewerVersionError: the settings of the bank are invalid.
        """
        from memorybank.store.discover import find_bank
        from memorybank.store.roles import ROUTER, narrowed

        narrowed(ROUTER, role)
        if not 0 <= timeout <= MAX_SECONDS:
            why = f"{timeout} is not from 0 to {MAX_SECONDS}"
            raise FieldError(field="timeout", why=why, hint="pass a number of seconds")
        folder = Path(start).expanduser()
        caller = Caller(
            folder=folder.absolute(),
            dry_run=dry_run,
            timeout=timeout,
            role=role,
            accept_shrunk=accept_shrunk,
            allow_secrets=allow_secrets,
        )
        environ = dict(caller.environ)
        if namespace or folder != Path():
            for name in ("MEMORYBANK_DIR", NAMESPACE):
                environ.pop(name, None)
        if namespace:
            environ[NAMESPACE] = namespace
        elif not folder.is_dir():
            raise NoBankError(start=folder.absolute(), named=True, hint=f"Bank.init({str(start)!r}) makes one")
        opened = find_bank(folder, environ=environ)
        _ = opened.config  # settings that cannot be read are an error now, not at the first write
        return cls(opened, caller)

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

        folder = Path(project).expanduser()
        if namespace is None:
            make_dirs(folder)
        caller = Caller(folder=folder.absolute())
        return cls(set_up(folder, caller, adopt=adopt, layout=layout, namespace=namespace).folder, caller)
