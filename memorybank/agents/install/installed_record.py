"""What installs changed, kept in the user's own folder: with it an uninstall restores a file byte for byte.

It holds no copy of a file: only what was added and cut, digests, and which lists and folders were made. Without it an
uninstall still finds what is ours, by its form.

It is written before the files and once more after them. In between it has the rows of before too, so that after a kill
each file is known by the row that fits it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.agents.install.patched import Patch
from memorybank.document.source import digest_of
from memorybank.errors import BankError
from memorybank.files.write import make_dirs, read, replace

if TYPE_CHECKING:
    from collections.abc import Mapping

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


class InstalledRecord(NamedTuple):
    """What was installed, by the real path of the file, and the paths that a killed command may have left half done."""

    files: dict[str, Changed]
    unfinished: tuple[str, ...] = ()


def read_record(home: Path) -> InstalledRecord:
    """Return what was installed; a damaged record counts as none."""
    try:
        found = json.loads(read(record_path(home)))
        files = {str(path): _changed(row) for path, row in found["files"].items()}
        earlier = {str(path): row and _changed(row) for path, row in found.get("earlier", {}).items()}
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, BankError):
        return InstalledRecord({})
    for path, old in earlier.items():
        new = files.get(path)
        if old is not None and (new is None or _digest_of(Path(path)) != new.after):
            # this file was not written yet; folders may have been made for it
            files[path] = old._replace(folders=tuple(dict.fromkeys((*old.folders, *(new.folders if new else ())))))
    return InstalledRecord(files, tuple(earlier))


def write_record(home: Path, files: Mapping[str, Changed], earlier: Mapping[str, Changed | None] | None = None) -> None:
    """Write the record; `earlier` has the rows of before of all files that are about to be written.

    Raises:
        BankError: it cannot be written.
    """
    path = record_path(home)
    make_dirs(path.parent, 0o700)
    rows = {name: row._asdict() for name, row in sorted(files.items())}
    record: dict[str, Any] = {"version": VERSION, "files": rows}
    if earlier:
        record["earlier"] = {name: row and row._asdict() for name, row in sorted(earlier.items())}
    replace(path, json.dumps(record, indent=1).encode("ascii"))


def _digest_of(path: Path) -> str:
    try:
        return digest_of(read(path))
    except BankError:
        return ""


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
