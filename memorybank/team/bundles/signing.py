"""Signatures of bundles: with an SSH key, by ssh-keygen, or with a key that both sides have, as an HMAC.

An SSH signature says who made the bundle; the receiver names the keys it trusts in a file in the form of ssh-keygen's
ALLOWED SIGNERS. A shared key says only that it was somebody who has it.
"""

from __future__ import annotations

import hmac
import os
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from memorybank.errors import FieldError, SetUpError
from memorybank.files.read import read
from memorybank.files.write import publish
from memorybank.process import run_program
from memorybank.shell import quoted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from memorybank.process import ProcessResult

PROGRAM = "ssh-keygen"
NAMESPACE = "memorybank-bundle"
SSH, SHARED = "ssh", "shared-key"
_HMAC = b"hmac-sha256:"
_SSH_SIGNATURE = re.compile(rb"-----BEGIN SSH SIGNATURE-----\r?\n[A-Za-z0-9+/=\r\n]+-----END SSH SIGNATURE-----")
_SHORTEST_KEY = 16
_SECONDS = 60.0
_OUTPUT = 64 * 1024


class Keys(NamedTuple):
    """The keys that a command names: an SSH key to sign with, the signers that are trusted, and a shared key."""

    sign: Path | None = None
    signers: Path | None = None
    shared: Path | None = None


NO_KEYS = Keys()


class Seal(NamedTuple):
    """How a bundle is signed: the kind, "" for not at all; who signed it; and whether that was checked and is true."""

    kind: str = ""
    signer: str = ""
    is_valid: bool = False


class SignatureProgramError(SetUpError):
    """The program ssh-keygen is missing, or could not sign."""

    code = "ssh-keygen"

    def __init__(self, *, why: str) -> None:
        hint = "install OpenSSH 8.2 or newer, add the key to ssh-agent if it has a passphrase, or use --shared-key"
        super().__init__(path=PROGRAM, why=why, hint=hint)


def signature_of(raw: bytes, keys: Keys, environ: Mapping[str, str]) -> bytes:
    """Sign a manifest; empty without a key.

    Raises:
        SignatureProgramError: ssh-keygen is missing or could not sign.
        BankError: a key cannot be read, or is too short.
    """
    if keys.shared is not None:
        return _HMAC + hmac.new(_shared(keys.shared), raw, "sha256").hexdigest().encode()
    if keys.sign is None:
        return b""
    read(keys.sign.resolve())
    ran = _run(["-Y", "sign", "-f", str(keys.sign.absolute()), "-n", NAMESPACE], raw, environ)
    found = _SSH_SIGNATURE.search(ran.output)
    if ran.exit_code != 0 or found is None:
        raise SignatureProgramError(why=_told(ran))
    return found.group() + b"\n"


def check_signature(raw: bytes, signature: bytes, keys: Keys, environ: Mapping[str, str]) -> Seal:
    """Return how a manifest is signed, and whether the keys that were named confirm it.

    Raises:
        SignatureProgramError: ssh-keygen is needed and missing.
        BankError: a key cannot be read, or is too short.
    """
    if not signature:
        return Seal()
    if signature.startswith(_HMAC):
        if keys.shared is None:
            return Seal(SHARED)
        right = hmac.new(_shared(keys.shared), raw, "sha256").hexdigest().encode()
        return Seal(SHARED, is_valid=hmac.compare_digest(signature.removeprefix(_HMAC), right))
    if keys.signers is None:
        return Seal(SSH)
    read(keys.signers.resolve())
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "signature"
        publish(path, base=None, new=signature, mode=0o600)
        signers = str(keys.signers.absolute())
        found = _run(["-Y", "find-principals", "-s", str(path), "-f", signers], b"", environ)
        names = found.output.decode("utf-8", "replace").split("\n")
        signer = names[0].strip() if found.exit_code == 0 else ""
        if not signer:
            return Seal(SSH)
        words = ["-Y", "verify", "-f", signers, "-I", signer, "-n", NAMESPACE, "-s", str(path)]
        ran = _run(words, raw, environ)
    return Seal(SSH, signer, is_valid=ran.exit_code == 0)


def _shared(path: Path) -> bytes:
    key = read(path.resolve()).strip()
    if len(key) < _SHORTEST_KEY:
        hint = f"openssl rand -hex 32 > {quoted(path)}"
        raise FieldError(field="shared-key", why=f"{path} has fewer than {_SHORTEST_KEY} characters", hint=hint)
    return key


def _run(words: Sequence[str], given: bytes, environ: Mapping[str, str]) -> ProcessResult:
    ran = run_program([PROGRAM, *words], Path(os.sep), environ, _SECONDS, limit=_OUTPUT, given=given)
    if ran.state != "ended":
        raise SignatureProgramError(why=_told(ran) or "it did not end")
    return ran


def _told(ran: ProcessResult) -> str:
    lines = ran.output.decode("utf-8", "replace").strip().split("\n")
    return "".join(char for char in lines[-1] if char.isprintable())
