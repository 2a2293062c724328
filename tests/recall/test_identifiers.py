"""An identifier that stands in one long record is the first hit, however many titles have a part of it."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING

import pytest

from memorybank import Bank
from memorybank.recall.search import Query, SearchResult, search_bank
from tests.running import folder_of

if TYPE_CHECKING:
    from memorybank.store.folder import BankFolder

HASH = "9f8e7d6c5b4a39281706f5e4d3c2b1a098765432"
# what is written once, and what is typed
PLANTED = {
    "ZEBRA_TIMEOUT": ["ZEBRA_TIMEOUT", "zebra_timeout", "why is ZEBRA_TIMEOUT so high"],
    "dec-20261129-wt0kz": ["dec-20261129-wt0kz", "DEC-20261129-WT0KZ"],
    "PAF AUTH-001": ["PAF AUTH-001", "AUTH-001", "auth-001"],
    "BUG-023": ["BUG-023", "bug-023", "was BUG-023 fixed"],
    "src/gate/auth.py": ["src/gate/auth.py", "gate/auth.py", "./src/gate/auth.py"],
    "lib/pool.py:42": ["lib/pool.py:42", "lib/pool.py", "pool.py"],
    "web/[id]/page.tsx": ["page.tsx"],
    ".github/workflows/ci.yml": [".github/workflows/ci.yml", "workflows/ci.yml", "ci.yml"],
    "--no-cache": ["--no-cache", "no-cache", "the --no-cache flag"],
    "-Werror": ["-Werror"],
    "$XDG_STATE_HOME": ["$XDG_STATE_HOME", "XDG_STATE_HOME"],
    "3.11.7": ["3.11.7", "Python 3.11.7"],
    "v2.0.1-rc.1": ["v2.0.1-rc.1", "2.0.1-rc.1"],
    "E1234": ["E1234", "error E1234"],
    "ERR_CONN_RESET": ["ERR_CONN_RESET"],
    "HTTP 451": ["HTTP 451"],
    "foo_bar()": ["foo_bar()", "foo_bar"],
    "Foo.bar": ["Foo.bar", "Foo.bar()"],
    "foo::bar": ["foo::bar"],
    "getUserById": ["getUserById", "getuserbyid"],
    HASH: [HASH, HASH[:7], HASH[:12]],
    "1a2b3c4": ["1a2b3c4", f"1a2b3c4{HASH[7:]}"],
    "ada@example.net": ["ada@example.net"],
    "#42": ["#42", "issue #42"],
    "@scope/parser": ["@scope/parser", "scope/parser"],
    "10.0.12.7:8443": ["10.0.12.7:8443"],
    "C++": ["C++"],
}
# the parts of the names, apart: what most titles have
PARTS = (  # noqa: SIM905  a list of words is read as words
    "zebra timeout dec wt0kz auth 001 bug 023 src gate py pool lib 42 page tsx id github workflows ci yml cache no "
    "werror state home xdg 3 11 7 v2 rc 1 e error err conn reset http 451 foo bar get user by ada example net scope "
    "parser issue 10 12 8443 c plus"
).split()
FILLER = "The night team looked at dashboards and wrote what they saw before a release went out".split()  # noqa: SIM905


@pytest.fixture(scope="module")
def decoys(tmp_path_factory: pytest.TempPathFactory) -> BankFolder:
    made = folder_of(Bank.init(tmp_path_factory.mktemp("identifiers") / "project").project)
    folder = made.folder / "memories" / "fact"
    folder.mkdir(parents=True)
    chance = random.Random(11)
    for number in range(300):
        title, text = (
            " ".join(words).replace("http 451", "451 http")
            for words in (chance.sample(PARTS, 3), chance.choices(FILLER + PARTS, k=12))
        )
        write(made, number, f"{title.capitalize()} {number:03d}x", f"{text}.")
    for number, planted in enumerate(PLANTED, 500):
        words = chance.choices(FILLER, k=900)
        words.insert(chance.randrange(100, 800), planted)
        write(made, number, f"Journal of shift {chr(97 + number % 26)}", " ".join(words))
    return made


def write(bank: BankFolder, number: int, title: str, text: str) -> None:
    ident = f"fct-20261121-{number:05d}"
    path = bank.folder / "memories" / "fact" / f"{ident}-x.md"
    path.write_text(f"---\nid: {ident}\ntype: fact\n---\n# {title}\n\n{text}\n", encoding="utf-8")


def search(bank: BankFolder, query: str) -> SearchResult:
    return search_bank(bank, Query(query), now_ns=time.time_ns() + 60_000_000_000)


@pytest.mark.parametrize(
    ("planted", "typed"), [(planted, typed) for planted, queries in PLANTED.items() for typed in queries]
)
def test_an_identifier_in_a_long_record_comes_first(decoys: BankFolder, planted: str, typed: str) -> None:
    hit = search(decoys, typed).hits[0]
    assert hit.title.startswith("Journal"), f"{hit.title}: {hit.text[:80]}"
    assert planted in hit.text


@pytest.mark.parametrize("typed", ["ZEBRA_LIMIT", "dec-20261129-wt0kx", "src/gate/pool.rs", "v9.9.9", "#4242", "E4321"])
def test_an_identifier_that_is_not_there_is_named_and_lowers_the_score(decoys: BankFolder, typed: str) -> None:
    found = search(decoys, typed)
    assert found.unknown == (typed,)
    assert all(hit.score < 0.5 for hit in found.hits)
