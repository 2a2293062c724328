"""Search through the command line and the library: right answers, whatever was done to the index or the files."""

from __future__ import annotations

import json
import os
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from memorybank import Bank
from memorybank.recall.filters import HitFilter
from memorybank.recall.search import Query, SearchResult, search_bank, search_folder
from memorybank.recall.stats import jump
from memorybank.records.filter import Filter
from tests.running import bank, folder_of

if TYPE_CHECKING:
    from pathlib import Path

    from memorybank.store.folder import BankFolder


@pytest.fixture
def filled(tmp_path: Path) -> BankFolder:
    made = Bank.init(tmp_path / "project")
    made.save("This project uses Python 3.11 with FastAPI", tags=["python", "stack"])
    made.save("Redis keeps the sessions, in place of cookies", type="decision", title="Sessions in Redis")
    made.save("CORS preflight fails without Access-Control-Max-Age", type="error", metadata={"sprint": 42})
    made.save("UserService.getPreferences returns None for new users; see src/auth.py:42", type="error")
    made.save("数据库连接池大小为二十", type="fact")
    made.note("WAL mode needs a local disk", kind="gotcha")
    return folder_of(made.project)


def found(bank_: BankFolder, query: str, **given: Any) -> SearchResult:
    of_hits = {name: given.pop(name) for name in HitFilter._fields if name in given}
    return search_bank(bank_, Query(query, HitFilter(Filter(**given), **of_hits)), now_ns=time.time_ns())


def texts(bank_: BankFolder, query: str, **given: Any) -> list[str]:
    return [hit.text for hit in found(bank_, query, **given).hits]


@pytest.mark.parametrize(
    ("query", "begins"),
    [
        ("what framework are we using fastapi", "This project"),
        ("which cookies do sessions use", "Redis keeps"),
        ("getPreferences", "UserService"),
        ("src/auth.py:42", "UserService"),
        ("连接池", "数据库"),
        ("wal disk", "- WAL mode"),
        ("acess-contrl preflght", "CORS"),
    ],
)
def test_the_right_entry_comes_first(filled: BankFolder, query: str, begins: str) -> None:
    assert texts(filled, query)[0].startswith(begins)


def test_what_was_assumed_is_said(filled: BankFolder) -> None:
    answer = found(filled, "preflght")
    assert answer.assumed == (("preflght", ("preflight",)),)


def test_a_hit_carries_what_an_edit_takes(filled: BankFolder) -> None:
    hit = found(filled, "wal local disk").hits[0]
    assert hit.address == "patterns.md#Common Gotchas"
    ended = bank(filled.project, "edit", hit.address, "--append", "- and a fast one", "--expect", hit.digest)
    assert ended.returncode == 0, ended.stderr


@pytest.mark.parametrize(
    ("given", "count"),
    [
        ({"kinds": ("error",)}, 2),
        ({"tags": ("stack",)}, 1),
        ({"metadata": {"sprint": 42}}, 1),
        ({"scopes": ("contracts",), "file": "patterns.md", "section": "gotchas"}, 1),
        ({"since": "2999-01-01"}, 0),
        ({"status": "accepted"}, 1),
    ],
)
def test_filters_alone_list(filled: BankFolder, given: dict[str, Any], count: int) -> None:
    assert len(found(filled, "", **given).hits) == count


def test_superseded_sinks_and_says_so(filled: BankFolder) -> None:
    old = Bank.open(filled.project).save("Tokens live for one hour", type="fact").record
    new = Bank.open(filled.project).save("Tokens live for ten hours and more than that", type="fact").record
    Bank.open(filled.project).supersede(old.id, new.id)
    hits = found(filled, "how long do tokens live").hits
    assert [hit.id for hit in hits[:2]] == [new.id, old.id]
    assert hits[1].status == "superseded"


def test_archived_is_left_out_unless_asked_for(filled: BankFolder) -> None:
    ident = next(hit.id for hit in found(filled, "redis").hits)
    Bank.open(filled.project).delete(ident)
    assert not texts(filled, "redis cookies")
    assert texts(filled, "redis cookies", archived=True)


@pytest.mark.parametrize(
    "query",
    [
        '"', "*", "NEAR(a b)", "a AND", "OR OR", "title:x", "^a", "-", "{x y}", "'; DROP TABLE entry; --", "()",
        "a" * 100_000, "word " * 200_000, "😀", "שלום עולם", "\u202e", "\x00redis", "col : x", "redis*", "?",
        "\U0001d57d\U0001d58a", "\ud800",
    ],
)  # fmt: skip
def test_any_query_is_data(filled: BankFolder, query: str) -> None:
    found(filled, query)


def test_an_emoji_is_found(filled: BankFolder) -> None:
    Bank.open(filled.project).note("🚀 marks a release", kind="learning")
    assert texts(filled, "🚀") == ["- 🚀 marks a release\n".strip()]


def test_files_edited_by_hand_are_right_at_once(filled: BankFolder) -> None:
    hit = found(filled, "fastapi").hits[0]
    path = filled.folder / hit.path
    path.write_text(path.read_text(encoding="utf-8").replace("FastAPI", "Litestar"), encoding="utf-8")
    assert not texts(filled, "fastapi") or "FastAPI" not in texts(filled, "fastapi")[0]
    assert "Litestar" in texts(filled, "litestar")[0]
    renamed = path.with_name("fct-20261121-zzzzz-moved.md")
    path.rename(renamed)
    assert found(filled, "litestar").hits[0].path.endswith("moved.md")
    renamed.unlink()
    assert not texts(filled, "litestar")


def test_a_search_after_no_change_reads_nothing(filled: BankFolder) -> None:
    later = time.time_ns() + 60_000_000_000
    search_bank(filled, Query("redis"), now_ns=later)
    assert search_bank(filled, Query("redis"), now_ns=later).refreshed.read == 0


def test_headings_are_found_with_slips(filled: BankFolder) -> None:
    assert jump(filled, "comon gotcah", now_ns=time.time_ns())[0].address == "patterns.md#Common Gotchas"


def test_any_folder_can_be_searched(tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    (notes / "deep").mkdir(parents=True)
    (notes / "deep" / "a.md").write_text("# Pumps\n\n## Seals\n\nThe seal is worn.\n", encoding="utf-8")
    ended = bank(
        tmp_path, "search", "worn seal", "--in", str(notes), "--json", env={"XDG_CACHE_HOME": str(tmp_path / "cache")}
    )
    hit = json.loads(ended.stdout)["hits"][0]
    assert (hit["file"], hit["line"], hit["address"]) == ("deep/a.md", 3, "deep/a.md#Seals")
    assert [path.name for path in notes.rglob("*")] == ["deep", "a.md"]


def test_index_tells_what_it_holds(filled: BankFolder) -> None:
    ended = bank(filled.project, "index", "--force", "--json")
    told = json.loads(ended.stdout)
    assert told["file_count"] == 8
    assert told["refreshed"]["read_count"] == 8


def test_a_broken_record_is_still_found(filled: BankFolder) -> None:
    hit = found(filled, "redis sessions").hits[0]
    path = filled.folder / hit.path
    path.write_text("---\nid: [\n---\n# Redis\n\nBroken but here\n", encoding="utf-8")
    assert "Broken but here" in texts(filled, "broken redis")[0]
    told = json.loads(bank(filled.project, "index", "--json").stdout)
    assert hit.path in [each["file"] for each in told["broken"]]


if sys.platform == "win32":
    pytest.skip("signals and modes of POSIX", allow_module_level=True)


@pytest.mark.skipif(sys.platform != "linux", reason="names of bytes that are no text")
def test_what_is_no_text_does_not_end_all_search(filled: BankFolder) -> None:
    """One heading of an old encoding, a name, half a character in a message: all others are found."""
    page = filled.folder / "progress.md"
    page.write_bytes(page.read_bytes() + b"\n## Caf\xe9\n\n- espresso\n")
    sessions = filled.folder / "sessions"
    sessions.mkdir()
    said = '{"role": "us\\ud800", "text": "ristretto \\ud800"}\n'
    (sessions / "ses-20261121-aaaaa.jsonl").write_text(said, encoding="utf-8")
    odd = filled.project / "docs" / "plans" / os.fsdecode(b"\xff")
    odd.mkdir(parents=True)
    for path in (odd / "a.md", odd.with_suffix(".md")):
        path.write_text("# Lungo\n", encoding="utf-8")
    assert texts(filled, "espresso") == ["- espresso"]
    assert texts(filled, "ristretto")
    assert texts(filled, "lungo") == []
    assert texts(filled, "cookies")


def test_a_long_hit_is_shown_where_its_words_stand(tmp_path: Path) -> None:
    made = Bank.init(tmp_path / "project")
    lines = [f"Line {number} is about the weather." for number in range(40)]
    lines[30] = "The heron waits by the weir."
    made.save("\n\n".join(lines), title="Notes of a walk")
    shown = bank(made.project, "search", "heron weir").stdout
    assert "The heron waits by the weir." in shown
    assert shown.index("lines above") < shown.index("heron") < shown.index("more lines")
    assert "lines above" not in bank(made.project, "search", "notes of a walk").stdout


def test_a_word_that_every_entry_holds_still_leads_to_them(tmp_path: Path) -> None:
    notes, cache = tmp_path / "notes", tmp_path / "cache"
    notes.mkdir()
    for number in range(12):
        text = f"# Cache {number}\n\n## Keys\n\nThe cache holds {number} keys\n"
        (notes / f"{number}.md").write_text(text, encoding="utf-8")
    for query in ("cache", "keys cache"):
        hits = search_folder(notes, cache, Query(query, limit=50), now_ns=time.time_ns()).hits
        assert len(hits) == 12
        assert all(0 < hit.score < 1 for hit in hits)


def test_only_words_are_taken_for_others(tmp_path: Path) -> None:
    made = Bank.init(tmp_path / "project")
    made.save("336 requests failed in 東京都 at noon")
    assert found(folder_of(made.project), "33").assumed == ()
    assert found(folder_of(made.project), "requests 33").assumed == ()
    for query in ("東京", "東京都"):
        answer = found(folder_of(made.project), query)
        assert (answer.assumed, answer.hits[0].text[:3]) == ((), "336")
    assert dict(found(folder_of(made.project), "reqests").assumed) == {"reqests": ("requests",)}


def test_words_are_shown_as_they_are_typed_and_read(tmp_path: Path) -> None:
    made = Bank.init(tmp_path / "project")
    made.note("Redis drops idle connections")
    told = bank(made.project, "search", "Idel conections").stderr
    assert "no entry has: Idel, conections\n" in told
    assert "looked for idle in place of Idel\n" in told
    assert "looked for connections in place of conections\n" in told
    wire = json.loads(bank(made.project, "search", "conections", "--type", "fact", "--json").stdout)
    assert wire["assumed"] == [{"word": "conections", "taken_for": ["connections"]}]


def test_unknown_words_are_named_and_lower_the_score(tmp_path: Path) -> None:
    made = Bank.init(tmp_path / "project")
    made.save("User preferences: handle a null timezone as UTC", type="error")
    for number in range(8):
        made.save(f"Note {number}: the release goes out on Tuesday at noon")
    answer = made.search("how do we handle authentication with helm and istio")
    assert answer.unknown == ("authentication", "helm", "istio")
    assert answer.to_wire()["unknown"] == ["authentication", "helm", "istio"]
    assert answer[0].score < 0.3 < made.search("handle null timezone")[0].score
    shown = bank(made.project, "search", "handle helm istio")
    assert "no entry has: helm, istio\n" in shown.stderr
    assert made.search("helm istio") == []
    assert made.search("timezone").unknown == ()


def test_a_score_means_the_same_from_query_to_query(tmp_path: Path) -> None:
    made = Bank.init(tmp_path / "project")
    for number, word in enumerate("kiwi fig plum pear lime date".split()):  # noqa: SIM905  read as words
        made.save(f"{word} {number} is ripe early in summer")
    whole, half, fifth = (
        made.search(query)[0].score for query in ("kiwi", "kiwi walnut", "kiwi walnut pecan almond acorn")
    )
    assert whole > 0.6
    assert 0.2 < half < 0.6
    assert fifth < 0.2


def test_a_repaired_word_scores_below_the_word_itself(tmp_path: Path) -> None:
    made = Bank.init(tmp_path / "project")
    for number in range(6):
        made.save(f"Note {number} is about the weather")
    made.save("The preflight request is cached for an hour")
    right, repaired = made.search("preflight"), made.search("preflgiht")
    assert repaired[0].address == right[0].address
    assert repaired.unknown == ("preflgiht",)
    assert repaired[0].score < 0.85 * right[0].score


@pytest.mark.parametrize(
    ("typed", "taken_for"),
    [
        # each is one slip from the written word, and more from its stem
        ("conection", ["connection"]),
        ("authentcation", ["authentication"]),
        ("retreis", ["retries"]),
        ("databse", ["database"]),
        # the beginning of a word
        ("authen", ["authentication"]),
    ],
)
def test_slips_are_compared_with_words_as_written(tmp_path: Path, typed: str, taken_for: list[str]) -> None:
    made = Bank.init(tmp_path / "project")
    made.save("One connection for authentication; it retries while the database restarts")
    answer = made.search(typed)
    assert dict(answer.assumed_words()) == {typed: taken_for}
    assert answer[0].text.startswith("One connection")


def test_short_words_are_no_beginnings_and_stop_words_no_corrections(tmp_path: Path) -> None:
    made = Bank.init(tmp_path / "project")
    made.save("Them and they: a gotcha is a good correct answer")
    for query in ("where do we go", "theme", "current"):
        answer = made.search(query)
        assert (list(answer), answer.assumed) == ([], ())
    assert made.search("waht about a gotcha").unknown == ()


def test_a_record_is_one_hit_at_its_best_section(tmp_path: Path) -> None:
    bank = Bank.init(tmp_path)
    bank.decide("Use the pool", why="The pool is fast", alternatives=["A pool for each worker"])
    bank.save("A short word on the pool", type="fact")
    found = bank.search("pool for each worker")
    assert [hit.address.partition("#")[2] for hit in found if hit.type == "decision"] == ["Alternatives"]
    assert len({hit.id for hit in found if hit.id}) == len([hit for hit in found if hit.id]) == 2
    listed = bank.search("", type="decision")
    assert [hit.address.partition("#")[2] for hit in listed] == ["Decision"]
    assert bank.search("pool", limit=1)[0].id


def test_a_file_that_is_only_a_title_is_found(tmp_path: Path) -> None:
    bank = Bank.init(tmp_path)
    bank.save("# Valkey holds the sessions", type="fact", tags=["cache"])
    bank.save("", title="Kafka carries the events")
    bank.sessions.start(label="Okapi migration")
    bank.plans.new("Empty")
    files = {
        ".memorybank/memories/fact/x.md": "---\nsummary: zorilla things\ntags: [cache]\n---\n",
        "docs/plans/q.md": "# Quokka plan\n",
        "docs/plans/d.md": "---\ntype: plan\n---\n# Dikdik plan\n\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    for query in ("valkey sessions", "kafka events", "okapi", "zorilla", "quokka", "dikdik"):
        found = bank.search(query)
        assert len(found) == 1, query
        assert not found.unknown
        assert found[0].score > 0.6
    assert len(bank.search("", tags=["cache"])) == 2
    assert bank.headings("kafka")[0].score == 1
