"""Finding the bank that a command means, and settling what a crash left there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memorybank.errors import BankError
from memorybank.store.config import FILE, can_be_set

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from memorybank.document.receipt import Receipt
    from memorybank.facade.caller import Caller
    from memorybank.store.folder import BankFolder
    from memorybank.store.journal.recover import Recovery


def open_folder(start: Path, *, named: str | None, environ: Mapping[str, str]) -> BankFolder:
    """Return the folder of the bank that `start` belongs to, or of the one that is named.

    Raises:
        NoBankError: no bank was found.
        ConfigError, NewerVersionError: its settings cannot be understood.
    """
    from memorybank.store.discover import find_bank

    return find_bank(start, named=named, environ=environ)


def settle(bank: BankFolder) -> list[Recovery]:
    """Complete or roll back the operations that a crash left half done, and return them; none in a bank only read."""
    if bank.read_only:
        return []
    from memorybank.store.journal.recover import settle_interrupted

    return settle_interrupted(bank)


def done_before(bank: BankFolder, request: str) -> Receipt | None:
    """Return the receipt of an interrupted command that wrote everything, if this is the same command typed again."""
    if bank.read_only or not request:
        return None
    from memorybank.store.journal.recover import done_before as found

    operation = found(bank, request)
    return operation.receipt if operation is not None else None


def answered(bank: BankFolder, operation: str) -> None:
    """Forget an interrupted command: its repetition was answered."""
    from memorybank.store.journal.unanswered import answered as forget

    forget(bank, operation)


def request_digest(words: Sequence[str], environ: Mapping[str, str]) -> str:
    """Return what is the same for the same command typed again by the same tool."""
    from memorybank.document.source import digest_of
    from memorybank.store.actor import actor_from

    return digest_of("\0".join((actor_from(environ).tool, *words)).encode("utf-8", "surrogateescape"))


def syncs_by_itself(bank: BankFolder, environ: Mapping[str, str]) -> bool:
    """Return whether commands sync: by the setting, or because the environment names a hub and an interval."""
    if all(map(environ.get, ("MEMORYBANK_POSTGRES_URL", "MEMORYBANK_SYNC_INTERVAL"))):
        return True
    try:
        return can_be_set("sync.enabled", bank.folder / FILE, bank.personal) and bank.config.sync_enabled
    except BankError:
        # the command itself says what is wrong with the settings
        return False


def is_sync_due(bank: BankFolder, environ: Mapping[str, str]) -> bool:
    """Return whether the next command would sync by itself."""
    if bank.read_only or not syncs_by_itself(bank, environ):
        return False
    from memorybank.team.hub.due import is_due

    try:
        return is_due(bank)
    except BankError:
        return False


def sync_if_due(bank: BankFolder, caller: Caller) -> str:
    """Sync with the hub if the interval has passed; return a line for the user, "" for none. It fails nothing."""
    from memorybank.team.hub.due import sync_if_due as found

    way = caller.way(bank)
    # what was typed is done, and this is not it
    way = way._replace(options=way.options._replace(request="", on_done=None, on_wait=None, allow_secrets=()))
    return found(bank, caller.home, way)
