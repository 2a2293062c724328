"""What installs changed, kept in the user's own folder: with it an uninstall restores a file byte for byte.

It holds no copy of a file: only what was added and cut, digests, and which lists and folders were made. Without it an
uninstall still finds what is ours, by its form.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.agents.install.patched import Patch
from memorybank.errors import BankError, NoFileError
from memorybank.files.write import make_dirs, read, replace

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FILE = "installed.json"
VERSION = 1


class Changed(NamedTuple):
    """What an install did to one file.

    `before` is the digest of the file that was there, "" without one; `after` that of the file written. `patches` is
    None where the file had parts of ours already, so that it can only be undone by their form. `made` are the objects
    and lists made on the way, `kept` the list items that were there before, `folders` those made for the file.
    """

    after: str
    before: str
    patches: tuple[Patch, ...] | None
    made: tuple[tuple[str, ...], ...] = ()
    kept: tuple[tuple[tuple[str, ...], tuple[Any, ...]], ...] = ()
    folders: tuple[str, ...] = ()


def record_path(home: Path) -> Path:
    """Return the file of the record."""
    return home / ".state" / FILE


def read_record(home: Path) -> dict[str, Changed]:
    """Return what was installed, by the real path of the file; a damaged record counts as none."""
    try:
        rows = json.loads(read(record_path(home)))["files"]
        return {str(path): _changed(row) for path, row in rows.items()}
    except NoFileError:
        return {}
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, BankError):
        return {}


def write_record(home: Path, files: Mapping[str, Changed]) -> None:
    """Write the record; without a file in it, it is removed.

    Raises:
        BankError: it cannot be written.
    """
    path = record_path(home)
    make_dirs(path.parent, 0o700)
    rows = {name: row._asdict() for name, row in sorted(files.items())}
    replace(path, json.dumps({"version": VERSION, "files": rows}, indent=1).encode("ascii"))


def _changed(row: dict[str, Any]) -> Changed:
    patches = row["patches"]
    return Changed(
        after=str(row["after"]),
        before=str(row["before"]),
        patches=None if patches is None else tuple(Patch(int(at), str(new), str(cut)) for at, new, cut in patches),
        made=tuple(tuple(map(str, each)) for each in row["made"]),
        kept=tuple((tuple(map(str, path)), tuple(values)) for path, values in row["kept"]),
        folders=tuple(map(str, row["folders"])),
    )
