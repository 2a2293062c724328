"""The file of a bundle: a zip archive with a manifest, the texts named by their digests, and perhaps a signature.

Nothing is ever extracted: a member is read into memory when it is needed, under limits. Members have no names of files;
those are in the manifest, and whoever applies a bundle checks them like any other name.
"""

from __future__ import annotations

import io
import json
import os
import re
import stat
import zipfile
import zlib
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.errors import NoFileError, RefusedError
from memorybank.files.read import read
from memorybank.shell import command, quoted
from memorybank.team.bundles.versions import MOST_VERSIONS, History, Version, is_version
from memorybank.team.syncable import SIZE_LIMIT, folded

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

FORMAT = "memorybank-bundle"
FORMAT_VERSION = 1
MANIFEST, SIGNATURE, TEXTS = "bundle.json", "signature", "texts/"
MOST_FILES = 200_000
MANIFEST_LIMIT = 64 * 1024 * 1024
TOTAL_LIMIT = 512 * 1024 * 1024
SIGNATURE_LIMIT = 64 * 1024
# text is packed to a fifth; a thousandth is an attack
MOST_RATIO = 500
_RATIO_FROM = 1024 * 1024
_DIGEST = re.compile(r"[0-9a-f]{64}")
_IDENT = re.compile(r"[0-9a-f]{32}")
_MEMBER = re.compile(rf"{MANIFEST}|{SIGNATURE}|{TEXTS}[0-9a-f]{{64}}")
_SHOWN = 80
_ENCRYPTED = 0x1


class BundleError(RefusedError):
    """The file is no bundle, is damaged, is not signed as asked, or builds on one that is missing here."""

    code = "bundle"

    def __init__(self, *, path: Path | str, why: str, hint: str = "") -> None:
        super().__init__(f"{path}: {why}", hint=hint or f"bank bundle verify {quoted(path)}", where=str(path))


class BundledFile(NamedTuple):
    """A file in a bundle: its name, and its versions; the last one is its text, with the digest "" if it is deleted."""

    name: str
    history: History

    @property
    def digest(self) -> str:
        """The SHA-256 of its text, "" for a deleted file."""
        return self.history[-1].digest


class Manifest(NamedTuple):
    """What a bundle says of itself: the bank and the moment it was made, what it builds on, and its files."""

    bank: str
    created: str
    since: str
    files: tuple[BundledFile, ...]


class Container:
    """An open bundle. `ident` is made from its manifest, which has the digest of every text."""

    def __init__(self, path: Path, data: bytes) -> None:
        self.path = path
        self.data = data
        self._members: dict[str, zipfile.ZipInfo] = {}
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
            self._check(self._zip.infolist())
            self.raw = self._member(MANIFEST, MANIFEST_LIMIT)
        except (zipfile.BadZipFile, NotImplementedError, EOFError, ValueError, OSError) as error:
            raise BundleError(
                path=path, why="it is not a bundle, or it is damaged", hint="get the file again"
            ) from error
        self.ident = sha256(self.raw).hexdigest()[:32]
        self.manifest = self._parsed()
        self.signature = self._member(SIGNATURE, SIGNATURE_LIMIT) if SIGNATURE in self._members else b""

    def text(self, digest: str) -> bytes:
        """Return the text with a digest.

        Raises:
            BundleError: it is damaged.
        """
        data = self._member(f"{TEXTS}{digest}", SIZE_LIMIT)
        if sha256(data).hexdigest() != digest:
            raise self._fault(f"the text {digest[:16]} is damaged")
        return data

    def has_text(self, digest: str) -> bool:
        """Whether the bundle has the text with a digest."""
        return f"{TEXTS}{digest}" in self._members

    def check_texts(self) -> None:
        """Read every text once.

        Raises:
            BundleError: one is damaged.
        """
        for name in self._members:
            if name.startswith(TEXTS):
                self.text(name.removeprefix(TEXTS))

    def _fault(self, why: str) -> BundleError:
        return BundleError(path=self.path, why=why, hint="get the file again from whoever made it")

    def _check(self, members: Sequence[zipfile.ZipInfo]) -> None:
        total = sum(each.file_size for each in members)
        if len(members) > MOST_FILES or total > TOTAL_LIMIT:
            raise self._fault("it has too many files, or they are too large")
        if total > max(len(self.data) * MOST_RATIO, _RATIO_FROM):
            raise self._fault("it is packed more densely than text can be")
        for each in members:
            kind = stat.S_IFMT(each.external_attr >> 16)
            if not _MEMBER.fullmatch(each.filename) or kind not in {0, stat.S_IFREG}:
                raise self._fault(f"it has a member that no bundle has: {ascii(each.filename)[:_SHOWN]}")
            if each.filename in self._members:
                raise self._fault(f"it has {each.filename} more than once")
            if each.flag_bits & _ENCRYPTED or each.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
                raise self._fault("it is encrypted, or packed in another way than bundles are")
            self._members[each.filename] = each

    def _member(self, name: str, limit: int) -> bytes:
        member = self._members.get(name)
        if member is None:
            raise self._fault(f"{name} is missing in it")
        if member.file_size > limit:
            raise self._fault(f"{name} is too large")
        try:
            # the size in the archive may be wrong, so no more than the limit is unpacked whatever it says
            with self._zip.open(name=member) as file:
                data = file.read(limit + 1)
        except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, ValueError, OSError) as error:
            raise self._fault(f"{name} is damaged") from error
        if len(data) > limit:
            raise self._fault(f"{name} is too large")
        return data

    def _parsed(self) -> Manifest:
        try:
            value: Any = json.loads(self.raw.decode())
            if value["format"] != FORMAT:
                raise self._fault("it is not a bundle")
            if value["version"] != FORMAT_VERSION:
                raise BundleError(path=self.path, why="a newer program made it", hint="update memorybank")
            files = tuple(_file(row) for row in value["files"])
            bank, created, since = (_shown_text(value[name]) for name in ("bank", "created", "since"))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise self._fault("its manifest is not valid") from error
        seen: set[str] = set()
        for each in files:
            if folded(each.name) in seen:
                raise self._fault(f"it has two files of one name: {ascii(each.name)[:_SHOWN]}")
            seen.add(folded(each.name))
            if each.digest and f"{TEXTS}{each.digest}" not in self._members:
                raise self._fault(f"the text of {ascii(each.name)[:_SHOWN]} is missing in it")
        used = {f"{TEXTS}{each.digest}" for file in files for each in file.history} | {MANIFEST, SIGNATURE}
        if not used.issuperset(self._members):
            raise self._fault("it has texts that its manifest does not name")
        return Manifest(bank, created, since, files)


def open_bundle(path: Path) -> Container:
    """Open a bundle, and check its form; its texts are checked as they are read.

    Raises:
        BundleError: it is no bundle, or it is damaged.
        BankError: the file cannot be read, or is too large.
    """
    try:
        data = read(Path(os.path.realpath(path)))
    except NoFileError:
        raise NoFileError(path=path, hint=command("ls -l", path.parent)) from None
    return Container(path, data)


def manifest_bytes(manifest: Manifest) -> bytes:
    """Return the bytes of a manifest, which are what a signature signs."""
    files = [{"name": each.name, "versions": [list(version) for version in each.history]} for each in manifest.files]
    value = {
        "format": FORMAT,
        "version": FORMAT_VERSION,
        "bank": manifest.bank,
        "created": manifest.created,
        "since": manifest.since,
        "files": files,
    }
    return json.dumps(value, ensure_ascii=False, indent=1).encode("utf-8", "backslashreplace")


def packed(raw: bytes, texts: Mapping[str, bytes], signature: bytes) -> bytes:
    """Return the bytes of a bundle: the same ones for the same content."""
    stream = io.BytesIO()
    members: Iterable[tuple[str, bytes]] = (
        (MANIFEST, raw),
        *(((SIGNATURE, signature),) if signature else ()),
        *((f"{TEXTS}{digest}", texts[digest]) for digest in sorted(texts)),
    )
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = (stat.S_IFREG | 0o600) << 16
            archive.writestr(info, data)
    return stream.getvalue()


def _shown_text(value: Any) -> str:
    """Return a text of a manifest that is shown.

    Raises:
        ValueError: it is not one short line.
    """
    if not isinstance(value, str) or len(value) > _SHOWN or not value.isprintable():
        raise ValueError
    return value


def _file(row: Any) -> BundledFile:
    """Return a file of a manifest.

    Raises:
        ValueError, KeyError, TypeError: it is not valid.
    """
    name, rows = row["name"], row["versions"]
    if not isinstance(name, str) or not isinstance(rows, list) or not 0 < len(rows) <= MOST_VERSIONS:
        raise ValueError
    return BundledFile(name, history_of(rows))


def history_of(rows: Any) -> History:
    """Return a history from its JSON form.

    Raises:
        ValueError, TypeError: it is not valid.
    """
    history = []
    for ident, digest, parents in rows:
        if not (isinstance(parents, list) and all(_IDENT.fullmatch(each) for each in (ident, *parents))):
            raise ValueError
        version = Version(ident, digest, tuple(parents))
        if not (digest == "" or _DIGEST.fullmatch(digest)) or not is_version(version):
            raise ValueError
        history.append(version)
    return tuple(history)
