"""Makes a bundle: the files of a bank that travel, or those that changed since another bundle."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from memorybank.errors import ArtifactError, NoFileError, OutsideError, SecretError
from memorybank.files.write import FileMoved, publish, read
from memorybank.secrets.scan import find_secrets
from memorybank.shell import command, quoted
from memorybank.team.bundles.applying import BundleInfo, settle
from memorybank.team.bundles.container import (
    BundledFile,
    Container,
    Manifest,
    manifest_bytes,
    open_bundle,
    packed,
)
from memorybank.team.bundles.exchanged import ExchangeMemory, exchanging
from memorybank.team.bundles.signing import NO_KEYS, Keys, check_signature, signature_of
from memorybank.team.bundles.versions import grown, sha256_of
from memorybank.team.syncable import read_sync_file, sync_files
from memorybank.times import stamp_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from typing import TypedDict

    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way
    from memorybank.team.bundles.applying import BundleWire

    class LeftOutWire(TypedDict):
        """A file that does not travel."""

        file: str
        why: str
        code: str

    class MadeBundleWire(TypedDict):
        """The answer of `bank bundle create`."""

        bundle: BundleWire
        files: list[str]
        deleted: list[str]
        left_out: list[LeftOutWire]
        size: int
        dry_run: bool


_LONGEST = 80
# versions of a file, and bytes of all of them
_MOST_EARLIER = 12
_EARLIER_LIMIT = 32 * 1024 * 1024


class LeftOut(NamedTuple):
    """A file that does not travel, and why; with the code of the error if it should have."""

    file: str
    why: str
    code: str = ""


class MadeBundle(NamedTuple):
    """A bundle that was made: the files in it, those in it as deleted, and those that were left out."""

    info: BundleInfo
    files: tuple[str, ...]
    deleted: tuple[str, ...]
    left_out: tuple[LeftOut, ...]
    size: int
    dry_run: bool = False

    def to_wire(self) -> MadeBundleWire:
        """Return the JSON form."""
        return {
            "bundle": self.info.to_wire(),
            "files": list(self.files),
            "deleted": list(self.deleted),
            "left_out": [{"file": each.file, "why": each.why, "code": each.code} for each in self.left_out],
            "size": self.size,
            "dry_run": self.dry_run,
        }


def create_bundle(
    bank: BankFolder,
    path: Path,
    way: Way,
    environ: Mapping[str, str],
    *,
    since: Path | None = None,
    keys: Keys = NO_KEYS,
    overwrite: bool = False,
) -> MadeBundle:
    """Write a bundle of all files, or of those that changed since another bundle; with `dry_run` nothing is written.

    A file that looks like it has a secret is left out, and reported.

    Raises:
        ArtifactError: the file is there, and `overwrite` is not set.
        OutsideError: the place is inside the bank, whose files are changed by commands only.
        NoFileError: the folder for it does not exist.
        BundleError: `since` is no bundle.
        BankError: a key cannot be used, or the disk fails.
    """
    there = _refuse_existing(bank, path, overwrite=overwrite)
    earlier = open_bundle(since) if since is not None else None
    if way.options.dry_run:
        return _made(bank, path, way, environ, earlier, keys)[0]._replace(dry_run=True)
    with exchanging(bank, way):
        made, bundle, memory = _made(bank, path, way, environ, earlier, keys)
        # first: a bundle whose versions this bank does not know would be merged with itself when it comes back
        memory.keep(bundle)
        memory.bundles.append(bundle.ident)
        memory.save()
        try:
            publish(path.absolute(), base=there, new=bundle.data)
        except FileMoved as error:
            raise ArtifactError(path=path, why="it changed meanwhile", hint="try again") from error
    return made


def _refuse_existing(bank: BankFolder, path: Path, *, overwrite: bool) -> bytes | None:
    folder = path.absolute().parent
    if not folder.is_dir():
        raise NoFileError(path=folder, hint=command("mkdir -p", folder))
    if folder.resolve().is_relative_to(bank.folder.resolve()):
        refusal = OutsideError(path=path, why="a bundle is not written into its own bank")
        refusal.hint = "bank bundle create ../memory.bundle"
        raise refusal
    if not os.path.lexists(path):
        return None
    if not overwrite:
        hint = f"choose another name, or add --overwrite to replace {quoted(path)}"
        raise ArtifactError(path=path, why="it already exists", hint=hint)
    return read(path)


def _made(
    bank: BankFolder, path: Path, way: Way, environ: Mapping[str, str], earlier: Container | None, keys: Keys
) -> tuple[MadeBundle, Container, ExchangeMemory]:
    memory = ExchangeMemory(bank)
    if way.options.dry_run:
        memory.forget_undone()
    else:
        settle(memory)
    texts, left_out = _take_in(bank, memory, way.options.allow_secrets)
    known = {each.name: each.history[-1].ident for each in earlier.manifest.files} if earlier is not None else {}
    files = tuple(
        BundledFile(name, history)
        for name, history in sorted(memory.histories.items())
        if (name in texts or not history[-1].digest) and known.get(name) != history[-1].ident
    )
    contents = {each.digest: texts[each.name] for each in files if each.digest}
    contents |= _earlier_texts(memory, files, way.options.allow_secrets)
    manifest = Manifest(_name_of(bank), stamp_of(way.author.now()), earlier.ident if earlier else "", files)
    raw = manifest_bytes(manifest)
    signature = signature_of(raw, keys, environ)
    data = packed(raw, contents, signature)
    # opened as the receiver will open it, so that nothing is written that cannot be read
    bundle = Container(path, data)
    seal = check_signature(raw, signature, keys, environ)
    info = BundleInfo(str(path.absolute()), bundle.ident, manifest.bank, manifest.created, manifest.since, seal)
    deleted = tuple(each.name for each in files if not each.digest)
    present = tuple(each.name for each in files if each.digest)
    return MadeBundle(info, present, deleted, left_out, len(data)), bundle, memory


def _take_in(
    bank: BankFolder, memory: ExchangeMemory, allowed: tuple[str, ...]
) -> tuple[dict[str, bytes], tuple[LeftOut, ...]]:
    """Return the texts that travel by the names of their files, and let the histories know of them."""
    texts: dict[str, bytes] = {}
    left_out: dict[str, LeftOut] = {}
    for name, data, reason in sync_files(bank):
        why, code = reason, ""
        if not why:
            secret = next((each for each in find_secrets(data.decode()) if each.rule not in allowed), None)
            if secret is not None:
                error = SecretError(rule=secret.rule, line=secret.line, text=name)
                why, code = error.message, error.code
        if why:
            left_out[name] = LeftOut(name, why, code)
            continue
        texts[name] = data
        memory.histories[name] = grown(memory.histories.get(name, ()), sha256_of(data))
    for name, history in memory.histories.items():
        is_contract = name in bank.main_files
        if name not in texts and name not in left_out and not is_contract and read_sync_file(bank, name) is None:
            memory.histories[name] = grown(history, "")
    return texts, tuple(left_out.values())


def _earlier_texts(
    memory: ExchangeMemory, files: tuple[BundledFile, ...], allowed: tuple[str, ...]
) -> dict[str, bytes]:
    """Return earlier texts of the files, by their digests, which the receiver may need to merge from.

    It knows those that it sent or applied, but not all that third machines had in between.
    """
    found: dict[str, bytes] = {}
    size = 0
    for file in files:
        for version in file.history[-_MOST_EARLIER - 1 : -1]:
            data = memory.text_of(file.name, version.digest) if version.digest else None
            if data is None or any(each.rule not in allowed for each in find_secrets(data.decode("utf-8", "replace"))):
                continue
            size += len(data)
            if size > _EARLIER_LIMIT:
                return found
            found[version.digest] = data
    return found


def _name_of(bank: BankFolder) -> str:
    name = bank.config.name or bank.project.name
    return "".join(each for each in name if each.isprintable())[:_LONGEST]
