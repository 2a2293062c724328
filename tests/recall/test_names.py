"""Names are found as typed, scripts without spaces by a part of a word, and any query is data."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memorybank import Bank
from memorybank.recall.repo_source import choose
from memorybank.recall.search import HitFilter, Query, search_bank
from memorybank.recall.stats import jump
from memorybank.records.filter import Filter
from tests.running import folder_of

if TYPE_CHECKING:
    from pathlib import Path

    from memorybank.recall.hits import Hit
    from memorybank.store.folder import BankFolder

# what is typed, and the text that it is to find first
NAMES = [
    ("DEC-0054", "See DEC-0054 about the cache"),
    ("dec-0054", "See DEC-0054 about the cache"),
    ("DEC-0055", "DEC-0055 is another one about the cache"),
    ("max_retries", "Set max_retries to three"),
    ("MAX_RETRIES", "Set max_retries to three"),
    ("retries max", "Set max_retries to three"),
    ("UserService.getPreferences", "UserService.getPreferences() is None for new users"),
    ("getPreferences", "UserService.getPreferences() is None for new users"),
    ("UserService", "UserService.getPreferences() is None for new users"),
    ("user service preferences", "UserService.getPreferences() is None for new users"),
    ("--no-verify", "Never commit with --no-verify here"),
    ("no-verify", "Never commit with --no-verify here"),
    ("-x flag", "pytest takes the -x flag"),
    ("src/auth.py:42", "The fault is in src/auth.py:42"),
    ("src/auth.py", "The fault is in src/auth.py:42"),
    ("auth.py", "The fault is in src/auth.py:42"),
    ("./src/auth.py:42", "The fault is in src/auth.py:42"),
    ("C++", "The parser is written in C++"),
    ("c++ parser", "The parser is written in C++"),
    ("C#", "The client is written in C#"),
    ("F#", "The solver is written in F#"),
    (".NET", "The host runs .NET"),
    ("don't", "We don't squash"),
    ("don\u2019t", "We don't squash"),
    ("dont squash", "We don't squash"),
    ("v1.2.3", "Pinned to v1.2.3 of the driver"),
    ("1.2.3", "Pinned to v1.2.3 of the driver"),
    ("v1.2.4", "Not pinned to v1.2.4 of anything"),
    ("E501", "Ruff says E501 for long lines"),
    ("ERR_CONNECTION_REFUSED", "The browser says ERR_CONNECTION_REFUSED"),
    ("0x80070005", "Windows answers 0x80070005"),
    ("ORA-00942", "Oracle answers ORA-00942"),
    ("HTTP 429", "The gateway answers HTTP 429 at night"),
    ("TS2345", "tsc says TS2345 there"),
    ("https://example.org/a/b?c=d#e", "Read https://example.org/a/b?c=d#e first"),
    ("example.org/a/b", "Read https://example.org/a/b?c=d#e first"),
    ("ada@example.net", "Ask ada@example.net for the key"),
    ("std::vector<int>", "std::vector<int> is what it holds"),
    ("std::vector", "std::vector<int> is what it holds"),
    ("@app.route", "Handlers carry @app.route in that file"),
    ("foo->bar", "foo->bar is a null pointer"),
    ("$HOME/.config", "It reads $HOME/.config at start"),
    ("__init__", "Leave __init__ empty"),
    ("__init__.py", "No code in __init__.py at all"),
    ("kebab-case-name", "The slot is called kebab-case-name"),
    ("snake_case_name", "The column is called snake_case_name"),
    ("camelCaseName", "The prop is called camelCaseName"),
    ("3f2a9bc", "Broken since 3f2a9bc of last week"),
    ("127.0.0.1:8080", "It listens on 127.0.0.1:8080 alone"),
    ("#backend", "Tagged #backend by hand"),
    ("issue #42", "Fixed with issue #42"),
    ("50%", "At most 50% of the pool"),
    ("naïve", "A naïve fix"),
    ("naive", "A naïve fix"),
    ("Straße", "Die Straße ist lang"),
    ("STRASSE", "Die Straße ist lang"),
    ("连接池", "数据库连接池大小为二十"),
    ("数据", "数据库连接池大小为二十"),
    ("池", "数据库连接池大小为二十"),
    ("大小 二十", "数据库连接池大小为二十"),
    ("pool_size", "把pool_size设为二十"),
    ("データベース", "データベースの接続を増やす"),
    ("接続", "データベースの接続を増やす"),
    ("데이터베이스", "데이터베이스를 늘린다"),
    ("ฐานข้อมูล", "ขนาดของฐานข้อมูลคือยี่สิบ"),
    ("עולם", "שלום עולם"),
    ("مرحبا", "مرحبا بالعالم"),
    ("база", "База данных медленная"),
    ("泉水", "长" * 300 + "泉水" + "短" * 300),
    ("🚀", "🚀 marks a release"),
    ("to be or not to be", "To be or not to be"),
]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> BankFolder:
    made = folder_of(Bank.init(tmp_path_factory.mktemp("names") / "project").project)
    folder = made.folder / "memories" / "fact"
    folder.mkdir(parents=True)
    texts = dict.fromkeys(text for _, text in NAMES)
    for number, text in enumerate(texts):
        # the words of the others are in other texts too: a name is what tells them apart
        path = folder / f"fct-20261121-{number:05d}-x.md"
        path.write_text(f"---\nid: fct-20261121-{number:05d}\ntype: fact\n---\n# Number {number}\n\n{text}\n", "utf-8")
    return made


def hits(bank: BankFolder, query: str) -> tuple[Hit, ...]:
    return search_bank(bank, Query(query), now_ns=time.time_ns() + 60_000_000_000).hits


@pytest.mark.parametrize(("typed", "text"), NAMES)
def test_what_is_typed_is_found_first(filled: BankFolder, typed: str, text: str) -> None:
    assert [hit.text for hit in hits(filled, typed)][:1] == [text]


HOSTILE = [
    '"', '""', '"unclosed', "*", "**", "re*", "*re", "^re", "NEAR(cache pool)", "NEAR(cache pool, 2)", "cache AND pool",
    "cache AND", "AND", "OR OR", "NOT", "cache NOT pool", "title:cache", "{title body}:cache", "found : cache",
    "- title : x", "cache + pool", "(cache", "cache)", "()", "((((", "'; DROP TABLE entry; --", "' OR 1=1 --", "%",
    "_", "c_che", "c%he", "[a-z]", "cac[h]e", "cac?e", "(?P<x>", "\\", "\\d+", "$", "^$", ".*", "{0}", "%s", "\0",
    "\0cache", "cac\0he", "\x1b[31m", "\r\n\t", "\u202ecache", "\u200b", "\ufeffcache", "\ud800", "cache\udcff",
    "\U0001d57d\U0001d58a", "é" * 500, "e" + "\u0301" * 5000, "a" * 100_000, "word " * 200_000, "池" * 50_000,
    "(" * 10_000, '"' * 9_999, "a.b" * 10_000, "-" * 10_000, "a-" * 5_000, "🚀" * 2_000, "the of and", "?!.,;:", "   ",
    "--", "---", "-", "'", "''''", "\u2019", "1" * 5000, "cache\u2028pool",
]  # fmt: skip


@pytest.mark.parametrize("query", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_query_is_data(filled: BankFolder, query: str) -> None:
    begun = time.process_time()
    found = hits(filled, query)
    assert time.process_time() - begun < 30
    if "cache" in query.split() or "cache" in query.replace(":", " ").split():
        assert {"cache", "pool"} & set(found[0].text.split())


@given(st.text(max_size=60))
def test_any_query_is_answered(filled: BankFolder, query: str) -> None:
    assert all(0 <= hit.score <= 1 for hit in hits(filled, query))
    assert all(0 <= hit.score <= 1 for hit in hits(filled, f"cache {query}"))


@pytest.mark.skipif(sys.platform != "linux", reason="names of any bytes are Linux's")
def test_bytes_that_are_no_text_stop_nothing(tmp_path: Path) -> None:
    made = folder_of(Bank.init(tmp_path / os.fsdecode(b"project \xff")).project)
    folder = made.folder / "memories" / "fact"
    folder.mkdir(parents=True)
    (folder / "a.md").write_bytes(b"# Caf\xe9 ole\n\nwalnut\n\n## H\xff\n\npecan \xff\n")
    (folder / os.fsdecode(b"b\xff.md")).write_bytes(b"# Almond\n\nalmond\n")
    choose(made, made.project, 10)
    assert hits(made, "pecan")[0].text == "\npecan \udcff".strip("\n")
    # a name that is no text cannot be typed
    assert hits(made, "almond") == ()
    wanted = HitFilter(Filter(tags=("\ud800",), metadata={"\udfff": "\udcff"}), file="\udcff")
    assert search_bank(made, Query("", wanted), now_ns=time.time_ns()).hits == ()
    assert jump(made, "ole", now_ns=time.time_ns())[0].file == "memories/fact/a.md"
    (folder / "a.md").unlink()
    assert hits(made, "pecan") == ()
