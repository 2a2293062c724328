"""Verifies a bundle and applies it to a bank: each file is merged from the version that both sides last had."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from memorybank.shell import quoted
from memorybank.store.journal.log import read_operations
from memorybank.store.journal.recover import settle_interrupted
from memorybank.team.bundles.container import BundleError, Container, open_bundle
from memorybank.team.bundles.exchanged import Applied, ExchangeMemory, Pending, exchanging
from memorybank.team.bundles.signing import Keys, Seal, check_signature
from memorybank.team.bundles.versions import (
    History,
    Version,
    bases_between,
    bases_of,
    grown,
    joined,
    relation,
    sha256_of,
)
from memorybank.team.incoming import REFUSED, Arrival, Arrivals, Incoming, apply_incoming
from memorybank.team.merge import Labels, merge_files
from memorybank.team.syncable import read_sync_file

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from typing import TypedDict

    from memorybank.document.receipt import Receipt, ReceiptWire
    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way
    from memorybank.team.bundles.container import BundledFile
    from memorybank.team.incoming import ArrivalWire

    class SealWire(TypedDict):
        """How a bundle is signed."""

        kind: str
        signer: str
        is_valid: bool

    class BundleWire(TypedDict):
        """A bundle."""

        path: str
        id: str
        bank: str
        created: str
        since: str
        signature: SealWire

    class BundleContentWire(TypedDict):
        """The answer of `bank bundle verify`."""

        bundle: BundleWire
        files: list[str]
        deleted: list[str]

    class AppliedBundleWire(TypedDict):
        """The answer of `bank bundle apply`."""

        bundle: BundleWire
        files: list[ArrivalWire]
        receipt: ReceiptWire | None


VERB = "bundle apply"


class BundleInfo(NamedTuple):
    """A bundle: its file, its id, the bank and the moment it comes from, what it builds on, and how it is signed."""

    path: str
    ident: str
    bank: str
    created: str
    since: str
    seal: Seal

    def to_wire(self) -> BundleWire:
        """Return the JSON form."""
        return {
            "path": self.path,
            "id": self.ident,
            "bank": self.bank,
            "created": self.created,
            "since": self.since,
            "signature": {"kind": self.seal.kind, "signer": self.seal.signer, "is_valid": self.seal.is_valid},
        }


class BundleContent(NamedTuple):
    """A bundle that is whole: the files in it, and those in it as deleted."""

    info: BundleInfo
    files: tuple[str, ...]
    deleted: tuple[str, ...]

    def to_wire(self) -> BundleContentWire:
        """Return the JSON form."""
        return {"bundle": self.info.to_wire(), "files": list(self.files), "deleted": list(self.deleted)}


class AppliedBundle(NamedTuple):
    """What came of the files of a bundle, in the order of their names, and the receipt of the one operation."""

    info: BundleInfo
    files: tuple[Arrival, ...]
    receipt: Receipt

    def to_wire(self) -> AppliedBundleWire:
        """Return the JSON form; without a receipt where there was nothing to write."""
        receipt = self.receipt.to_wire() if self.receipt.operation or self.receipt.dry_run else None
        return {
            "bundle": self.info.to_wire(),
            "files": [each.to_wire() for each in self.files],
            "receipt": receipt,
        }


def verify_bundle(path: Path, keys: Keys, environ: Mapping[str, str]) -> BundleContent:
    """Check that a bundle is whole, and signed by a key that is named.

    Raises:
        BundleError: it is damaged, or not signed as asked.
        BankError: a file cannot be read, or ssh-keygen is missing.
    """
    bundle = open_bundle(path)
    bundle.check_texts()
    info = _info(bundle, keys, environ)
    files = bundle.manifest.files
    present, deleted = ([each.name for each in files if bool(each.digest) == is_there] for is_there in (True, False))
    return BundleContent(info, tuple(present), tuple(deleted))


def apply_bundle(bank: BankFolder, path: Path, way: Way, environ: Mapping[str, str], keys: Keys) -> AppliedBundle:
    """Merge the files of a bundle into a bank, in one operation; with `dry_run` nothing is written.

    Applied again, nothing happens. A file that is refused is reported, and the others are applied; the bundle can be
    applied again when the reason is gone.

    Raises:
        BundleError: it is damaged, not signed as asked, or builds on a bundle that was not applied here.
        BankError: the write is refused; then no file is changed.
    """
    bundle = open_bundle(path)
    bundle.check_texts()
    info = _info(bundle, keys, environ)
    if way.options.dry_run:
        memory = ExchangeMemory(bank)
        memory.forget_undone()
        return AppliedBundle(info, *_applied(memory, bundle, way))
    with exchanging(bank, way):
        memory = ExchangeMemory(bank)
        settle(memory)
        return AppliedBundle(info, *_applied(memory, bundle, way))


def settle(memory: ExchangeMemory) -> None:
    """Remember what a killed process applied, if the journal says that it did, and forget what was undone."""
    pending = memory.pending
    if pending is not None:
        # an operation that was interrupted is completed or reverted before anything else
        settle_interrupted(memory.bank)
        done = any(each.request == pending.request and each.state == "done" for each in read_operations(memory.bank))
        bundle = memory.kept(pending.bundle) if done else None
        if bundle is not None:
            _remember(memory, bundle, pending.decided, pending.request)
        memory.pending = None
    memory.forget_undone()


def _info(bundle: Container, keys: Keys, environ: Mapping[str, str]) -> BundleInfo:
    seal = check_signature(bundle.raw, bundle.signature, keys, environ)
    wanted = [name for name, key in (("shared key", keys.shared), ("signers", keys.signers)) if key is not None]
    if wanted and not seal.is_valid:
        why = f"its signature is not by the {wanted[0]} that you named" if seal.kind else "it is not signed"
        raise BundleError(path=bundle.path, why=why, hint="ask whoever sent it how it was signed, and apply nothing")
    manifest = bundle.manifest
    return BundleInfo(str(bundle.path.absolute()), bundle.ident, manifest.bank, manifest.created, manifest.since, seal)


def _applied(memory: ExchangeMemory, bundle: Container, way: Way) -> tuple[tuple[Arrival, ...], Receipt]:
    since = bundle.manifest.since
    if since and since not in memory.bundles:
        why = f"it has only what changed since the bundle {since}, which was not applied here"
        hint = f"apply that one first, or make a whole one: bank bundle create {quoted(bundle.path)}"
        raise BundleError(path=bundle.path, why=why, hint=hint)
    items: dict[str, Incoming] = {}
    known: dict[str, Arrival] = {}
    for file in bundle.manifest.files:
        item = _item(memory, bundle, file)
        if item is None:
            known[file.name] = Arrival(file.name, "keep")
        else:
            items[file.name] = item
    request = f"bundle {bundle.ident} {way.author.random_bytes(8).hex()}"
    if not way.options.dry_run:
        memory.keep(bundle)

    def remember_decided(arrivals: tuple[Arrival, ...]) -> None:
        decided = {each.file: sha256_of(each.data) for each in arrivals if each.action != REFUSED}
        if not way.options.dry_run and memory.pending != Pending(bundle.ident, request, decided):
            memory.pending = Pending(bundle.ident, request, decided)
            memory.save()

    labels = Labels("here", f"bundle {bundle.manifest.bank}".strip())
    asked = way._replace(options=way.options._replace(request=request))
    arrivals = apply_incoming(memory.bank, items, VERB, asked, labels, on_decided=remember_decided)
    if not way.options.dry_run:
        _finish(memory, bundle, arrivals, request)
    files = {**known, **{each.file: each for each in arrivals.files}}
    return tuple(files[name] for name in sorted(files)), arrivals.receipt


def _item(memory: ExchangeMemory, bundle: Container, file: BundledFile) -> Incoming | None:
    """Return what is to be merged into a file, with the text that both sides had; None if ours has theirs already."""
    here = read_sync_file(memory.bank, file.name)
    data = here.data if here is not None and not here.why else None
    ours: History = memory.histories.get(file.name, ())
    if here is None or not here.why:
        ours = grown(ours, sha256_of(data))
        if ours:
            memory.histories[file.name] = ours
    how = relation(ours, file.history)
    if how in {"same", "older"}:
        return None
    theirs = bundle.text(file.digest) if file.digest else None
    if how == "newer":
        return Incoming(data, theirs)
    base = _base(memory, bundle, file, ours, data)
    # both machines merge in the same order, so that both come to the same text
    return Incoming(base, theirs, is_first=file.history[-1].ident < ours[-1].ident)


def _base(
    memory: ExchangeMemory, bundle: Container, file: BundledFile, ours: History, data: bytes | None
) -> bytes | None:
    """Return the text that both sides had; the merge of several, if both sides merged them on their own."""

    def text_of(version: Version) -> bytes | None:
        if not version.digest:
            return None
        inside = bundle.text(version.digest) if bundle.has_text(version.digest) else None
        return inside if inside is not None else memory.text_of(file.name, version.digest, data)

    found: bytes | None = None
    first: Version | None = None
    for each in bases_of(ours, file.history):
        text = text_of(each)
        if text is None:
            continue
        if found is None or first is None:
            found, first = text, each
            continue
        between = bases_between(file.history, first, each)
        root = text_of(between[0]) if between else None
        contract = memory.bank.contract_of(file.name)
        found = merge_files(root, found, text, name=file.name, contract=contract).data
    return found


def _finish(memory: ExchangeMemory, bundle: Container, arrivals: Arrivals, request: str) -> None:
    decided = {each.file: sha256_of(each.data) for each in arrivals.files if each.action != REFUSED}
    _remember(memory, bundle, decided, request)
    memory.pending = None
    if not arrivals.refused and bundle.ident not in memory.bundles:
        memory.bundles.append(bundle.ident)
    memory.save()


def _remember(memory: ExchangeMemory, bundle: Container, decided: Mapping[str, str], request: str) -> None:
    before = {}
    for file in bundle.manifest.files:
        if file.name in decided:
            ours = memory.histories.get(file.name, ())
            before[file.name] = ours[-1].ident if ours else ""
            memory.histories[file.name] = joined(ours, file.history, decided[file.name])
    if before:
        memory.applied[request] = Applied(bundle.ident, before)
