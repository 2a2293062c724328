"""Which file of which bank a path in a repository is, told by its name: no bank is opened, and none need be there."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from memorybank.contracts.layouts import BANK_FOLDERS, FACTS, HOME, LAYOUTS, LOG, SUMMARY
from memorybank.contracts.load import load_contract
from memorybank.errors import BankError

if TYPE_CHECKING:
    from memorybank.contracts.contract import Contract
    from memorybank.contracts.layouts import Layout

_LEDGERS = frozenset((LOG, FACTS, SUMMARY))
# files in these folders are kept as their owner put them there
_AS_GIVEN = frozenset(("artifacts", "memory-tool", "templates"))


class BankPlace(NamedTuple):
    """A file: its name in its bank, or its path where it is in none, and its contract.

    `is_known` is set for a contract, a record or a ledger: a file whose structure is ours.
    """

    name: str
    contract: Contract | None
    is_known: bool


def bank_place(top: Path, path: str) -> BankPlace:
    """Return what a path is, `/` between its parts and relative to the folder `top`.

    The bank's own templates are used as they are on the disk now; while git checks files out they may not be there,
    and an invalid one counts as none.
    """
    found = _split(top, path)
    if found is None:
        return BankPlace(path, None, is_known=False)
    folder, layout, name = found
    contract = _contract(folder, name) if layout.contracted and "/" not in name else None
    first = name.partition("/")[0]
    is_record = first in BANK_FOLDERS - _AS_GIVEN if "/" in name else name in _LEDGERS
    return BankPlace(name, contract, is_known=contract is not None or (layout.contracted and is_record))


def _split(top: Path, path: str) -> tuple[Path, Layout, str] | None:
    parts = PurePosixPath(path).parts
    # the repository may be the bank itself: its folder is then not in the path that git names
    above = Path(os.path.abspath(top)).parts  # noqa: PTH100  links stay
    every = (*above, *parts)
    for at in range(len(every) - 1, len(above) - 1, -1):
        for layout in LAYOUTS:
            words = tuple(layout.folder.split("/"))
            if every[max(at - len(words), 0) : at] == words:
                return Path(*every[:at]), layout, "/".join(every[at:])
    for count in range(len(parts) - 1, -1, -1):
        folder = top.joinpath(*parts[:count])
        if (folder / "bank.toml").is_file():
            return folder, HOME, "/".join(parts[count:])
    return None


def _contract(folder: Path, name: str) -> Contract | None:
    try:
        return load_contract(name, folder / "templates")
    except (BankError, OSError):
        pass
    try:
        return load_contract(name)
    except BankError:
        return None
