"""Bundles that somebody else made: nothing is written outside, nothing is half applied, each refusal has a reason."""

from __future__ import annotations

import io
import json
import stat
import struct
import subprocess
import warnings
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from memorybank.team.bundles.container import (
    MANIFEST,
    TEXTS,
    BundledFile,
    BundleError,
    Manifest,
    manifest_bytes,
    open_bundle,
    packed,
)
from memorybank.team.bundles.versions import sha256_of, version_of
from tests.judges import need
from tests.running import bank
from tests.team.test_bundles import Machine

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

KEY = "AKIA" + "QYLPMN5HHHFPZAM2"
FACT = "memories/fact/x.md"
TEXT = b"# x\n"


def bundle_of(path: Path, files: dict[str, bytes | None]) -> Path:
    texts = {sha256_of(data): data for data in files.values() if data is not None}
    rows = tuple(BundledFile(name, (version_of(sha256_of(data)),)) for name, data in files.items())
    path.write_bytes(packed(manifest_bytes(Manifest("them", "2026-11-30T00:00:00Z", "", rows)), texts, b""))
    return path


def members(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {each: archive.read(each) for each in archive.namelist()}


def rewritten(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change the manifest of a bundle, and write it again."""
    found = members(path)
    value = json.loads(found.pop(MANIFEST))
    change(value)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(MANIFEST, json.dumps(value))
        for name, data in found.items():
            archive.writestr(name, data)


def with_member(path: Path, name: str, data: bytes = b"x", mode: int = stat.S_IFREG | 0o600) -> None:
    info = zipfile.ZipInfo(name)
    info.external_attr = mode << 16
    with zipfile.ZipFile(path, "a") as archive, warnings.catch_warnings():
        # of a name that is there already
        warnings.simplefilter("ignore")
        archive.writestr(info, data)


def _bomb(path: Path) -> None:
    data = b"\0" * (6 * 1024 * 1024)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(4):
            archive.writestr(f"{TEXTS}{number:064x}", data)


def _lies_about_its_size(path: Path) -> None:
    """A member whose header says that it is small."""
    found = members(path)
    name = next(each for each in found if each.startswith(TEXTS))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(MANIFEST, found[MANIFEST])
        archive.writestr(name, b"a" * 10_000_000)
    data = bytearray(path.read_bytes())
    at = data.rindex(b"PK\x01\x02")
    data[at + 24 : at + 28] = struct.pack("<I", 4)
    path.write_bytes(data)


def _damaged(path: Path) -> None:
    data = bytearray(path.read_bytes())
    at = data.rindex(b"PK\x01\x02") - 6
    data[at] ^= 0xFF
    path.write_bytes(data)


def _encrypted(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[data.rindex(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)


def _version(value: dict[str, Any]) -> list[Any]:
    found: list[Any] = value["files"][0]["versions"][0]
    return found


HOSTILE: dict[str, Callable[[Path], object]] = {
    "no zip": lambda path: path.write_bytes(b"hello"),
    "empty": lambda path: path.write_bytes(b""),
    "cut": lambda path: path.write_bytes(path.read_bytes()[:-40]),
    "damaged": _damaged,
    "bomb": _bomb,
    "lies about its size": _lies_about_its_size,
    "encrypted": _encrypted,
    "climbing member": lambda path: with_member(path, "../../evil.md"),
    "absolute member": lambda path: with_member(path, "/tmp/evil.md"),
    "plain member": lambda path: with_member(path, "evil.md"),
    "link": lambda path: with_member(path, f"{TEXTS}{'a' * 64}", b"/etc/passwd", stat.S_IFLNK | 0o777),
    "device": lambda path: with_member(path, f"{TEXTS}{'a' * 64}", b"", stat.S_IFCHR | 0o600),
    "member twice": lambda path: with_member(path, MANIFEST, b"{}"),
    "text that nobody names": lambda path: with_member(path, f"{TEXTS}{'a' * 64}"),
    "other text": lambda path: rewritten(path, lambda value: _version(value).__setitem__(1, "0" * 64)),
    "false version": lambda path: rewritten(
        path, lambda value: value["files"][0]["versions"][0].__setitem__(0, "0" * 32)
    ),
    "no versions": lambda path: rewritten(path, lambda value: value["files"][0].update(versions=[])),
    "other format": lambda path: rewritten(path, lambda value: value.update(format="zip")),
    "newer": lambda path: rewritten(path, lambda value: value.update(version=2)),
    "no files": lambda path: rewritten(path, lambda value: value.pop("files")),
    "not JSON": lambda path: rewritten(path, lambda value: value.update(bank=["\x1b[31m"])),
    "escape in its name": lambda path: rewritten(path, lambda value: value.update(bank="\x1b[31mred")),
    "deep": lambda path: rewritten(path, lambda value: value.update(files=[[[[[]]]]])),
    "file twice": lambda path: rewritten(path, lambda value: value["files"].append(value["files"][0])),
    "case twins": lambda path: rewritten(
        path, lambda value: value["files"].append({**value["files"][0], "name": FACT.upper()})
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_bundle_that_is_not_whole_is_refused_and_nothing_is_written(tmp_path: Path, name: str) -> None:
    machine = Machine(tmp_path / "one")
    path = bundle_of(tmp_path / "x.bundle", {FACT: TEXT})
    HOSTILE[name](path)
    before = sorted(tmp_path.rglob("*"))
    for words in (("verify", str(path)), ("apply", str(path)), ("apply", str(path), "--dry-run")):
        error = machine.run("bundle", *words, status=5)["error"]
        assert error["code"] in {"bundle", "limit"}
        assert "\x1b" not in error["message"]
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize(
    "name",
    [
        *("../../evil.md", "/tmp/evil.md", ".git/hooks/post-commit", ".state/journal.jsonl", "bank.toml", "a/b.md"),
        *("templates/contracts/progress.md", "memories/fact/../../x.md", "Progress.md", "memories/\x1b[31m.md"),
        *("memories/fact/nul.md", "x" * 5000 + ".md", "", "memories\\x.md", "artifacts/.git/config"),
    ],
)
def test_a_file_of_a_forbidden_name_is_refused_and_the_others_are_applied(tmp_path: Path, name: str) -> None:
    machine = Machine(tmp_path / "one")
    path = bundle_of(tmp_path / "x.bundle", {FACT: TEXT, name: b"evil\n"})
    before = set(tmp_path.rglob("*"))
    assert machine.apply(str(path), status=1) == {FACT: "take", name: "refused"}
    new = {each for each in set(tmp_path.rglob("*")) - before if ".state" not in each.parts and each.is_file()}
    assert new == {machine.bank / FACT}


def test_bad_texts_and_secrets_are_refused_by_name(tmp_path: Path) -> None:
    machine = Machine(tmp_path / "one")
    names = [f"memories/fact/{each}.md" for each in "abcd"]
    texts = [b"caf\xe9\n", b"\0\0\0", f"aws {KEY}\n".encode(), b"good\r\n"]
    path = bundle_of(tmp_path / "x.bundle", dict(zip(names, texts, strict=True)))
    assert list(machine.apply(str(path), status=1).values()) == ["refused", "refused", "refused", "take"]
    assert KEY.encode() not in b"".join(each.read_bytes() for each in machine.bank.rglob("*.md"))


def test_a_link_in_the_bank_leads_nothing_out(tmp_path: Path) -> None:
    machine = Machine(tmp_path / "one")
    (tmp_path / "outside").mkdir()
    (machine.bank / "memories").symlink_to(tmp_path / "outside")
    path = bundle_of(tmp_path / "x.bundle", {FACT: TEXT})
    assert machine.apply(str(path), status=1) == {FACT: "refused"}
    assert not list((tmp_path / "outside").iterdir())


def test_a_bank_that_cannot_be_written_is_left_as_it_is(tmp_path: Path) -> None:
    machine = Machine(tmp_path / "one")
    (machine.bank / FACT).parent.mkdir(parents=True)
    (machine.bank / FACT).write_bytes(b"# old\n")
    (machine.bank / FACT).chmod(0o444)
    first = bundle_of(tmp_path / "x.bundle", {"memories/fact/a.md": TEXT, FACT: b"# old\n\nnew\n"})
    machine.run("bundle", "apply", str(first), status=7)
    assert not (machine.bank / "memories/fact/a.md").exists()
    assert (machine.bank / FACT).read_bytes() == b"# old\n"


def test_a_shared_key_shows_that_the_bundle_is_of_somebody_who_has_it(tmp_path: Path) -> None:
    machine = Machine(tmp_path / "one")
    key, other = tmp_path / "key", tmp_path / "other"
    key.write_text("0123456789abcdef0123\n", encoding="utf-8")
    other.write_text("fedcba98765432100123\n", encoding="utf-8")
    path = str(tmp_path / "x.bundle")
    machine.run("bundle", "create", path, "--shared-key", str(key))
    assert machine.run("bundle", "verify", path)["bundle"]["signature"]["is_valid"] is False
    assert machine.run("bundle", "verify", path, "--shared-key", str(key))["bundle"]["signature"]["is_valid"] is True
    assert machine.run("bundle", "apply", path, "--shared-key", str(other), status=5)["error"]["code"] == "bundle"
    rewritten(tmp_path / "x.bundle", lambda value: value.update(bank="another"))
    machine.run("bundle", "apply", path, "--shared-key", str(key), status=5)
    unsigned = str(bundle_of(tmp_path / "u.bundle", {FACT: TEXT}))
    assert (
        "not signed" in machine.run("bundle", "apply", unsigned, "--shared-key", str(key), status=5)["error"]["message"]
    )
    other.write_text("short\n", encoding="utf-8")
    assert machine.run("bundle", "create", f"{path}2", "--shared-key", str(other), status=5)["error"]["code"] == "field"


@pytest.fixture
def ssh_key(tmp_path: Path) -> Path:
    """Give an SSH key made for the test, with the file of signers that trusts it."""
    need("ssh-keygen")
    key = tmp_path / "id"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    public = key.with_suffix(".pub").read_text(encoding="utf-8").split()
    (tmp_path / "signers").write_text(f'ann@example.com namespaces="memorybank-bundle" {" ".join(public[:2])}\n')
    return key


def test_an_ssh_signature_says_who_made_the_bundle(tmp_path: Path, ssh_key: Path) -> None:
    machine = Machine(tmp_path / "one")
    path, signers = str(tmp_path / "x.bundle"), str(tmp_path / "signers")
    assert machine.run("bundle", "create", path, "--sign", str(ssh_key))["bundle"]["signature"]["kind"] == "ssh"
    seal = machine.run("bundle", "verify", path, "--signers", signers)["bundle"]["signature"]
    assert seal == {"kind": "ssh", "signer": "ann@example.com", "is_valid": True}
    assert set(machine.apply(path, "--signers", signers).values()) == {"keep"}
    rewritten(tmp_path / "x.bundle", lambda value: value.update(created="2020-01-01T00:00:00Z"))
    assert machine.run("bundle", "verify", path, "--signers", signers, status=5)["error"]["code"] == "bundle"
    (tmp_path / "signers").write_text("", encoding="utf-8")
    machine.run("bundle", "create", f"{path}2", "--sign", str(ssh_key))
    machine.run("bundle", "apply", f"{path}2", "--signers", signers, status=5)


def test_without_ssh_keygen_signing_says_what_to_do(tmp_path: Path) -> None:
    machine = Machine(tmp_path / "one")
    (tmp_path / "id").write_text("key\n", encoding="utf-8")
    error = machine.run(
        "bundle", "create", str(tmp_path / "x"), "--sign", str(tmp_path / "id"), status=8, env={"PATH": "/nowhere"}
    )["error"]
    assert error["code"] == "ssh-keygen"
    assert "--shared-key" in error["hint"]
    assert not (tmp_path / "x").exists()


def test_the_same_bank_makes_the_same_bundle(tmp_path: Path) -> None:
    first = bundle_of(tmp_path / "a", {FACT: TEXT, "progress.md": b"p\n"}).read_bytes()
    assert bundle_of(tmp_path / "b", {FACT: TEXT, "progress.md": b"p\n"}).read_bytes() == first


def test_a_text_is_compared_with_its_digest(tmp_path: Path) -> None:
    path = bundle_of(tmp_path / "x.bundle", {FACT: TEXT})
    found = members(path)
    name = next(each for each in found if each.startswith(TEXTS))
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(MANIFEST, found[MANIFEST])
        archive.writestr(name, b"# y\n")
    path.write_bytes(stream.getvalue())
    with pytest.raises(BundleError, match="damaged"):
        open_bundle(path).check_texts()


def test_a_name_with_line_ends_says_nothing_of_its_own(tmp_path: Path) -> None:
    name = "x.md\nwhole: 9 files\x1b[2J\u202e"
    path = bundle_of(tmp_path / "x.bundle", {name: TEXT})
    machine = Machine(tmp_path / "here")
    for words in (("bundle", "verify", str(path)), ("bundle", "apply", str(path))):
        told = bank(machine.folder, *words)
        assert "\nwhole: 9" not in told.stdout + told.stderr
        assert not {"\x1b", "\u202e"} & {*told.stdout, *told.stderr}
