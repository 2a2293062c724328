"""The Python face: the commands as functions with the machine's clock, chance and environment filled in."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from memorybank.document.receipt import Receipt
    from memorybank.store.bank import Bank
    from memorybank.store.commit import Way


def default_way(bank: Bank | None = None, *, timeout: float = 10.0, dry_run: bool = False, force: bool = False) -> Way:
    """Give the way a program writes: the actor from the environment, the system's clock and chance.

    With a bank, what is written is bound to the current session there.
    """
    from memorybank.records.current import actor_in
    from memorybank.store.actor import actor_from
    from memorybank.store.commit import Way

    return Way(
        actor_from(os.environ) if bank is None else actor_in(bank, os.environ, Path.cwd()),
        lambda: datetime.now(UTC),
        os.urandom,
        timeout=timeout,
        dry_run=dry_run,
        force=force,
    )


def find_bank(start: Path | str = ".", *, named: str | None = None) -> Bank:
    """Find the bank that a folder belongs to.

    Raises:
        NoBankError: there is none.
    """
    from memorybank.store.layout import find_bank as find

    return find(Path(start), named=named, environ=os.environ)


def init(project: Path | str, *, adopt: bool = False, way: Way | None = None) -> Bank:
    """Make a bank in a project, or complete the one that is there; existing files are never touched.

    Raises:
        ArtifactError: there is a bank of another layout and `adopt` was not asked for.
    """
    from memorybank.store.scaffold import init as make

    return make(Path(project), way or default_way(), adopt=adopt).bank


def note(
    bank: Bank,
    text: str,
    *,
    kind: str = "learning",
    to: str = "",
    file: str = "",
    why: str = "",
    way: Way | None = None,
) -> Receipt:
    """Put one line where its kind belongs.

    Raises:
        BankError: the text, the contract or the machine refuse it; nothing is written then.
    """
    from memorybank.workflow.notes import note as put

    return put(bank, text, way or default_way(bank), kind=kind, to=to, file=file, why=why)
