"""The clients of agents: installing what they need of a bank, and taking it out again. No bank is needed."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from memorybank.errors import BankError
from memorybank.facade.face import Face
from memorybank.facade.values import checked
from memorybank.listing import Listing

if TYPE_CHECKING:
    from typing import TypedDict

    from memorybank.agents.install.clients import Client
    from memorybank.agents.install.places import Request
    from memorybank.agents.install.write_all import InstallResult
    from memorybank.facade.caller import Caller

    class ClientStateWire(TypedDict):
        """The JSON form of a client."""

        client: str
        title: str
        scopes: list[str]
        installed: list[str]


class ClientState(NamedTuple):
    """A client: the scopes that it has, and those in which our entry is installed."""

    client: str
    title: str
    scopes: tuple[str, ...]
    installed: tuple[str, ...]

    def to_wire(self) -> ClientStateWire:
        """Return the JSON form."""
        return {
            "client": self.client,
            "title": self.title,
            "scopes": list(self.scopes),
            "installed": list(self.installed),
        }


class ClientList(Listing[ClientState]):
    """The clients that can be installed for."""

    __slots__ = ()
    plural = "clients"


class ClientMethods(Face):
    """The clients, as a part of `Bank`."""

    __slots__ = ()

    @property
    def clients(self) -> Clients:
        """The clients of agents: `install`, `uninstall`, `list`."""
        return Clients(self._caller)


class Clients:
    """What the clients of agents get of a bank: server, skill, hooks, rules and permissions, in their own files."""

    __slots__ = ("_caller",)

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    @checked
    def install(
        self, client: str, *, scope: str = "project", hooks: bool | None = None, force: bool = False
    ) -> InstallResult:
        """Write what a client needs into its files, and return each file with its diff; a dry run only returns them.

        No other byte of a file changes, and a second install changes nothing. `hooks` is the client's default without
        a value. `force` replaces an entry of the same name that is not ours.

        Raises:
            FieldError: there is no such client, or it has no settings of that scope.
            ClientFileError: a file is invalid, or has another entry of that name; nothing is written.
            BankError: a file cannot be read or written.
        """
        from memorybank.agents.install.write_all import client_named, install

        known = client_named(client)
        request = self._request(known, scope, hooks=hooks)
        done = install(known, request, self._caller.home, force=force, dry_run=self._caller.dry_run)
        if request.is_user or self._project_with_bank() is not None:
            return done
        return done._replace(notes=(*done.notes, "this project has no bank yet: bank init makes one"))

    @checked
    def uninstall(self, client: str, *, scope: str = "project", force: bool = False) -> InstallResult:
        """Take out what an install wrote. A file that nobody else changed since is as it was before.

        `force` removes also files of ours that were edited since.

        Raises:
            FieldError: there is no such client, or it has no settings of that scope.
            ClientFileError: a file is invalid; nothing is written.
            BankError: a file cannot be read or written.
        """
        from memorybank.agents.install.write_all import client_named, uninstall

        known = client_named(client)
        request = self._request(known, scope, hooks=True)
        return uninstall(known, request, self._caller.home, force=force, dry_run=self._caller.dry_run)

    def list(self) -> ClientList:
        """Return the clients, with the scopes in which they are installed."""
        from memorybank.agents.install.clients import CLIENTS
        from memorybank.agents.install.write_all import is_present

        return ClientList(
            ClientState(
                each.name,
                each.title,
                each.scopes,
                tuple(scope for scope in each.scopes if is_present(each, self._request(each, scope, hooks=True))),
            )
            for each in CLIENTS.values()
        )

    def _request(self, client: Client, scope: str, *, hooks: bool | None) -> Request:
        return request_for(self._caller, self._project(), scope, hooks=client.hooks if hooks is None else hooks)

    def _project(self) -> Path:
        """Return the project of the bank that is found from here; without one, the folder itself."""
        return self._project_with_bank() or Path(os.path.realpath(self._caller.here))

    def _project_with_bank(self) -> Path | None:
        from memorybank.store.discover import find_bank
        from memorybank.store.home import is_users_own

        try:
            found = find_bank(Path(os.path.realpath(self._caller.here)), environ={})
        except BankError:
            return None
        return None if is_users_own(found.folder, self._caller.home) else Path(os.path.realpath(found.project))


def request_for(caller: Caller, project: Path, scope: str, *, hooks: bool) -> Request:
    """Return a request for this machine and a project."""
    from memorybank.agents.install.places import Machine, Request
    from memorybank.store.home import persons_folder

    machine = Machine(project, persons_folder(), caller.environ, sys.platform, program_words())
    return Request(machine, scope, hooks)


def program_words() -> tuple[str, ...]:
    """Return the words that start `bank` from any folder: the program beside this Python, or the one on PATH."""
    # the folder of the environment that runs this: what is on PATH may be another version
    beside = Path(sys.executable).parent / ("bank.exe" if sys.platform == "win32" else "bank")
    if beside.is_file():
        return (str(beside),)
    found = shutil.which("bank")
    return (os.path.abspath(found),) if found else (sys.executable, "-m", "memorybank")  # noqa: PTH100  links stay
