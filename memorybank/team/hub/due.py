"""A sync that comes with another command: when the interval has passed, after the command's own answer.

It never fails the command: a hub that is down costs two seconds once in an interval, and one line. An address that came
with the repository is not used until somebody ran `bank sync` with it on this machine.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from memorybank.errors import BankError, LockedError
from memorybank.store.approvals import Runnable, approve, pending
from memorybank.store.config import BANK, FILE, found_in, layers_of
from memorybank.store.settings.database_url import URL, without_password
from memorybank.store.settings.table import BY_KEY
from memorybank.store.sync_marks import leave, time_of
from memorybank.times import stamp_of

if TYPE_CHECKING:
    from pathlib import Path

    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way
    from memorybank.team.hub.address import Address

# how long all of it may take, beside the last batch
SECONDS = 10.0


def is_due(bank: BankFolder) -> bool:
    """Whether the interval since the last attempt has passed; a clock that was set back counts as passed.

    Raises:
        ConfigError: the settings are not valid.
    """
    layers = layers_of(bank.folder / FILE, bank.personal)
    interval, _ = found_in(layers, BY_KEY["sync.interval"])
    tried = time_of(bank, "tried")
    return tried is None or not 0 <= time.time() - tried < interval


def sync_if_due(bank: BankFolder, home: Path, way: Way) -> str:
    """Sync if it is time for it, and return one line for the user; "" if there is nothing to say."""
    try:
        if bank.read_only or not is_due(bank):
            return ""
        leave(bank, "tried")
        from memorybank.team.hub.address import address_of
        from memorybank.team.hub.postgres import SHORT
        from memorybank.team.hub.sync import SyncOptions, sync

        address = address_of(bank)
        if address.source == BANK and pending(home, bank, [_runnable(address)]):
            return f"not synced: {URL} of {FILE} is new here; bank sync uses it, and then each interval does"
        report = sync(bank, way._replace(options=way.options._replace(timeout=0.0)), SyncOptions(SHORT, SECONDS))
    except LockedError:
        return ""
    except BankError as error:
        return f"not synced: {error.message}; next: {error.hint}"
    parts = [f"{len(report.conflicts)} with conflicts"] if report.conflicts else []
    parts += [f"{len(report.refused)} refused"] if report.refused else []
    if not report.pulled and not parts:
        return ""
    pulled = f"{len(report.pulled)} pulled, {len(report.pushed)} pushed"
    return f"synced: {', '.join([pulled, *parts])}{'; bank sync status lists them' if parts else ''}"


def approve_address(bank: BankFolder, home: Path, address: Address, way: Way) -> None:
    """Remember that a sync with an address of `bank.toml` was asked for on this machine.

    Raises:
        BankError: the user's own folder cannot be written.
    """
    if address.source == BANK and pending(home, bank, [_runnable(address)]):
        approve(home, bank, [_runnable(address)], at=stamp_of(way.author.now()))


def _runnable(address: Address) -> Runnable:
    return Runnable("sync", without_password(address.url))
