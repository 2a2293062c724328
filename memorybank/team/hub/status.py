"""`bank sync status`: where the bank stands with its hub. Nothing is written, and a hub that is down is no error."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from memorybank.errors import BankError
from memorybank.store.config import FILE, found_in, layers_of
from memorybank.store.settings.database_url import without_password
from memorybank.store.settings.table import BY_KEY
from memorybank.store.sync_marks import FOLDER
from memorybank.team.hub.address import address_of
from memorybank.team.hub.postgres import SHORT, connect
from memorybank.team.hub.push import Push
from memorybank.team.hub.sync import key_of
from memorybank.team.hub.sync_report import RefusedFile
from memorybank.team.hub.sync_state import SyncState
from memorybank.team.syncable import shown

if TYPE_CHECKING:
    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way

_MOST = 100_000


class SyncStatus(NamedTuple):
    """Where a bank stands with its hub. Without a connection, `problem` says why, and the counts are null.

    `refused` has the rows of the hub that were not applied here, and the files that do not travel.
    """

    hub: str
    source: str
    namespace: str
    project: str
    enabled: bool
    interval: int
    login: str = ""
    version: int | None = None
    namespaces: tuple[str, ...] = ()
    to_pull_count: int | None = None
    to_push_count: int | None = None
    refused: tuple[RefusedFile, ...] = ()
    problem: str = ""
    hint: str = ""


def sync_status(bank: BankFolder, way: Way) -> SyncStatus:
    """Compare the bank with the hub.

    Raises:
        HubAddressError: no hub is named.
        ConfigError: the settings are not valid.
    """
    address = address_of(bank)
    layers = layers_of(bank.folder / FILE, bank.personal)
    interval, _ = found_in(layers, BY_KEY["sync.interval"])
    enabled = bank.config.sync_enabled
    found = SyncStatus(
        without_password(address.url), address.source, address.namespace, address.project, enabled, interval
    )
    try:
        with connect(address, SHORT, read_only=True) as hub:
            found = found._replace(hub=hub.where, login=hub.login())
            ident = hub.check_version()
            version, _ = hub.version()
            found = found._replace(version=version, namespaces=tuple(hub.namespaces()))
            state = SyncState(bank.state / FOLDER / f"{key_of(ident, address)}.jsonl", dry_run=True)
            heads = hub.heads(address.namespace, address.project, after=state.cursor, limit=_MOST)
            pulls = [head for head in heads if head.digest != state.files.get(head.id, "")]
            push = Push(bank, hub, address, state, way.author.actor.tool, way.options.allow_secrets)
            pushes = push.count()
            kept = [RefusedFile(shown(name), "hub", each.code, each.why) for name, each in state.kept.items()]
            return found._replace(
                to_pull_count=len(pulls), to_push_count=pushes, refused=(*kept, *push.refused.values())
            )
    except BankError as error:
        return found._replace(problem=error.message, hint=error.hint)
