"""The ledger of corrections: found once, decided later, and never broken by what a log or a crash left."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any, cast

import pytest

from memorybank.records.corrections.accepted import accepted_corrections, known_corrections
from memorybank.records.corrections.correction import LEDGER, Correction, Origin, Premise
from memorybank.records.corrections.ledger import append_found, read_entries, undecided
from memorybank.records.draft import NewRecord
from memorybank.records.memories.memories import save
from memorybank.store.journal.undo import undo
from tests.ledger import append_decision, read_ledger
from tests.running import environment

if TYPE_CHECKING:
    from memorybank.document.receipt import Receipt
    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way

AT = "2026-11-20T09:00:00Z"


def one(ident: str = "cor-20261120-k3f9x", text: str = "no, deploy to staging-7.internal", **more: Any) -> Correction:
    """Return a correction as it is found."""
    premise, origin = Premise("Deploying to prod-1."), Origin("claude-code", "s-1", at=AT)
    found: Any = Correction(ident, "marker", text, premise, origin, values=("staging-7.internal",))
    return cast("Correction", found._replace(**more))


def test_what_was_found_is_read_back_as_it_was(bank: BankFolder) -> None:
    assert append_found(bank, [one(misstep=0.25, files=("a.py",))], at=AT) == [one(misstep=0.25, files=("a.py",))]
    assert read_ledger(bank) == [one(misstep=0.25, files=("a.py",))]
    assert read_entries(bank)[0].found_at == AT


def test_a_correction_is_found_once(bank: BankFolder) -> None:
    append_found(bank, [one()])
    assert append_found(bank, [one(), one("cor-20261120-aaaaa")]) == [one("cor-20261120-aaaaa")]
    assert [each.id for each in read_ledger(bank)] == ["cor-20261120-k3f9x", "cor-20261120-aaaaa"]


def test_decisions_are_folded_in_their_order(bank: BankFolder) -> None:
    append_found(bank, [one()])
    append_decision(bank, one().id, status="dropped", at=AT, why="not ours")
    append_decision(bank, one().id, label="critical", is_pinned=True)
    assert read_ledger(bank) == [one(status="dropped", label="critical", is_pinned=True)]
    assert read_entries(bank)[0][2:] == (AT, "not ours", "")
    append_decision(bank, one().id, status="waiting")
    assert read_ledger(bank)[0].status == "waiting"


def test_a_decision_never_changes_what_was_said(bank: BankFolder) -> None:
    append_found(bank, [one()])
    append_decision(bank, one().id, text="something else", tier="nonsense")
    append_decision(bank, one().id, sessions=3)
    assert read_ledger(bank) == [one(sessions=3)]


def test_the_waiting_ones_are_counted_without_the_decided(bank: BankFolder, way: Way) -> None:
    assert len(undecided(bank)) == 0
    append_found(bank, [one(f"cor-20261120-aaaa{n}") for n in range(5)])
    append_decision(bank, "cor-20261120-aaaa0", status="dropped")
    append_decision(bank, "cor-20261120-aaaa1", status="proposed")
    append_decision(bank, "cor-20261120-aaaa2", label="low")
    append_decision(bank, "cor-unknown", status="waiting", label="low")
    accept(bank, way, "cor-20261120-aaaa3")
    assert len(undecided(bank)) == 3
    assert sum(each.status in {"waiting", "proposed"} for each in read_ledger(bank)) == 3


def accept(bank: BankFolder, way: Way, ident: str) -> Receipt:
    """Make the record of a correction."""
    fields = {"rule": "marker", "tier": "high", "pinned": True, "said_at": AT, "values": ["--no-verify"]}
    sections = [("Correction", "never --no-verify")]
    new = NewRecord(kind="correction", title="never --no-verify", fields=fields, sections=sections, ident=ident)
    return save(bank, new, way).receipt


def test_a_record_with_the_id_makes_it_accepted_until_it_is_undone(bank: BankFolder, way: Way) -> None:
    append_found(bank, [one()])
    receipt = accept(bank, way, one().id)
    assert read_ledger(bank)[0].status == "accepted"
    found = accepted_corrections(bank)[0]
    assert (found.text, found.tier, found.is_pinned, found.values) == (
        "never --no-verify",
        "high",
        True,
        ("--no-verify",),
    )
    append_decision(bank, one().id, sessions=4)
    assert [(each.text, each.sessions) for each in known_corrections(bank)] == [("never --no-verify", 4)]
    undo(bank, receipt.operation, way)
    assert read_ledger(bank) == [one(sessions=4)]


@pytest.mark.parametrize(
    "damage",
    [
        b'{"id":"cor-20261120-bbbbb","rule":"marker","text":"torn',
        b"\0\0\0\0",
        b"[1]\nnull\n{}\n\xff\xfe\n" + b"[" * 100_000,
        b'{"id":7,"text":"x"}\n{"id":"cor-20261120-00001","text":["x"]}\n{"id":"cor-20261120-00002","text":"x","premise":3}',
        b'{"id":"cor-20261120-00003","text":"x","values":[1]}\n{"id":"cor-20261120-00004","text":"x","is_pinned":1}\n{"id":"cor-20261120-00005","set":7}',
        b'{"id":"cor-20261120-k3f9x","status":"eaten"}\n{"id":"cor-20261120-k3f9x","set":{"label":7}}',
    ],
)
def test_damage_loses_its_own_line_only(bank: BankFolder, damage: bytes) -> None:
    append_found(bank, [one()])
    path = bank.state / LEDGER
    path.write_bytes(path.read_bytes() + damage)
    append_found(bank, [one("cor-20261120-ccccc")])
    assert [each.id for each in read_ledger(bank)] == ["cor-20261120-k3f9x", "cor-20261120-ccccc"]
    assert read_ledger(bank)[0] == one()


@pytest.mark.parametrize(
    "ident", ["../../../evil", "memories/../x y", "fact-20261120-k3f9x", "cor-20261120-k3f9x/../a"]
)
def test_only_an_id_of_a_correction_is_one(bank: BankFolder, ident: str) -> None:
    (bank.state / LEDGER).parent.mkdir(exist_ok=True)
    append_found(bank, [one(ident), one()])
    assert [each.id for each in read_ledger(bank)] == ["cor-20261120-k3f9x"]
    assert len(undecided(bank)) == 1


@pytest.mark.parametrize("number", ["NaN", "1e400", "-Infinity", "1" * 400, "true", '"1"'])
@pytest.mark.parametrize("field", ["position", "similar", "misstep"])
def test_a_number_that_is_none_makes_its_line_no_correction(bank: BankFolder, field: str, number: str) -> None:
    append_found(bank, [one(), one("cor-20261120-aaaaa", "no, use tabs")])
    file = bank.state / LEDGER
    row = '{"id":"cor-20261120-bbbbb","found_at":"x","text":"no","%s":%s}\n' % (field, number)  # noqa: UP031
    file.write_bytes(file.read_bytes() + row.encode())
    assert len(read_ledger(bank)) == 2


def test_secrets_and_escapes_never_reach_the_ledger(bank: BankFolder) -> None:
    secret = "ghp_" + "A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8"
    text = f"no, \x1b[31muse\x1b[0m \x1b]0;title\x07the token {secret}\u202e\0"
    append_found(bank, [one(text=text, premise=Premise(tool=f"Bash: curl -H 'Authorization: Bearer {secret}'"))])
    written = (bank.state / LEDGER).read_text()
    assert secret not in written
    assert "u001b" not in written
    assert read_ledger(bank)[0].text.startswith("no, use the token <redacted:")


def test_long_texts_are_cut(bank: BankFolder) -> None:
    append_found(bank, [one(text="x" * 1_000_000, values=("v" * 5000,) * 500)])
    assert (bank.state / LEDGER).stat().st_size < 50_000
    assert read_ledger(bank)[0].text.endswith("…")


def test_the_ledger_is_private_and_ignored_by_git(bank: BankFolder) -> None:
    append_found(bank, [one()])
    assert (bank.state / LEDGER).stat().st_mode & 0o077 == 0
    assert (bank.state / ".gitignore").read_text() == "*\n"


def test_two_processes_at_once_add_each_one_once(bank: BankFolder) -> None:
    script = (
        "import sys\nfrom pathlib import Path\n"
        "from memorybank.records.corrections.correction import Correction, Origin, Premise\n"
        "from memorybank.records.corrections.ledger import append_found\n"
        "from tests.running import folder_of\n"
        "bank = folder_of(Path(sys.argv[1]))\n"
        "for n in range(20):\n"
        "    append_found(bank, [Correction(f'cor-20261120-{n:05}', 'marker', 'no', Premise(), Origin())])\n"
    )
    command = [sys.executable, "-c", script, str(bank.project)]
    running = [subprocess.Popen(command, env=environment()) for _ in range(3)]
    assert [each.wait(60) for each in running] == [0, 0, 0]
    rows = [json.loads(line) for line in (bank.state / LEDGER).read_bytes().splitlines()]
    assert sorted(row["id"] for row in rows) == [f"cor-20261120-{n:05}" for n in range(20)]
