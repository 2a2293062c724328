"""An identifier that stands in one long record is the first hit, however many titles have its parts."""

from __future__ import annotations

import random
import re
import time
from typing import TYPE_CHECKING

import pytest

from memorybank import Bank
from memorybank.recall.search import Query, SearchResult, search_bank
from tests.running import folder_of

if TYPE_CHECKING:
    from pathlib import Path

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


# one each of many kinds, none of which is a part of another
NAMES = (
    *("X-Request-Id", "Content-Security-Policy", "pre-commit", "node-fetch", "data-testid", "refs/heads/trunk"),
    *(".env", ".gitignore", ".npmrc.local", "node_modules/.bin/tsc", "/etc/acme/app.d/main.conf", "~/.ssh/known_hosts"),
    *(r"C:\Temp\logs", r"D:\build\out\app.exe", "https://example.com/a/b?x=1&y=2", "postgres://db:5432/orders"),
    *("::1", "2001:db8::ff00:42:8329", "192.168.0.17", "10.1.0.0/8", "svc@example.net", "app.example.io/tier"),
    *("ECONNREFUSED", "SIGKILL", "ENOENT", "$HOME", "${TMPDIR}", "MAX_RETRIES", "NODE_ENV=production"),
    *("E0599", "SQLSTATE[42P01]", "ORA-00942", "0x80070005", "HTTP 503", "BUG-1042", "#4711", "v3.9.1", "1.2.3-beta.4"),
    *(
        "--dry-run",
        "-Xmx512m",
        "--max-old-space-size=4096",
        "getOrderById",
        "Price.round()",
        "std::vector",
        "<UserCard>",
    ),
    *(
        "useEffect",
        "@types/koa",
        "C#",
        "a11y",
        "x86_64",
        "sha256:abcdef0123",
        "__dirname",
        "java.lang.NullPointerError",
    ),
    *("550e8400-e29b-41d4-a716-446655440000", "TypeError: cannot read properties of undefined", "cut off by peer"),
)
OTHERS = "cache queue worker report table login timeout fail set deploy test index".split()  # noqa: SIM905
SIGNS = re.compile(r"[\W_]+")
HUMPS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")


def parts_of(name: str) -> list[str]:
    words = [word for word in SIGNS.split(name) if word]
    words += [hump for word in words for hump in HUMPS.findall(word)]
    return [word for word in dict.fromkeys(map(str.lower, words)) if word != SIGNS.sub("", name).lower()]


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> BankFolder:
    """Return a bank with each name in texts of 90 and of 700 words, and four titles with its parts in other order."""
    made = folder_of(Bank.init(tmp_path_factory.mktemp("parts") / "project").project)
    (made.folder / "memories" / "fact").mkdir(parents=True)
    chance = random.Random(5)
    number = 0
    for name in NAMES:
        words = parts_of(name) or [f"{SIGNS.sub('', name).lower()[:-1]}x"]
        for _ in range(4):
            text = " or ".join(chance.sample(words, len(words)))
            title = f"{' and '.join(reversed(words))} {chance.choice(OTHERS)}".capitalize()
            write(made, number, title, f"{chance.choice(OTHERS)} {text} {chance.choice(OTHERS)}.")
            number += 1
        for size, sign in ((90, ""), (700, "`")):
            filler = chance.choices(FILLER, k=size)
            filler.insert(chance.randrange(size // 5, size * 4 // 5), f"{sign}{name}{sign}")
            write(made, number, f"Journal {number}", " ".join(filler))
            number += 1
    for _ in range(60):
        write(made, number, " ".join(chance.sample(OTHERS, 3)).capitalize(), " ".join(chance.choices(OTHERS, k=12)))
        number += 1
    return made


def journals(bank: BankFolder, query: str, name: str) -> list[bool]:
    """Return which of the first hits have the name as it is written."""
    return [name in hit.text for hit in search(bank, query).hits]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_comes_before_titles_with_its_parts(parts: BankFolder, name: str) -> None:
    found = search(parts, name)
    assert not found.unknown
    assert journals(parts, name, name)[:2] == [True, True]
    assert found.hits[0].score > 0.5


@pytest.mark.parametrize("name", [name for name in NAMES if " " not in name])
def test_a_name_in_a_question_comes_before_titles_with_its_parts(parts: BankFolder, name: str) -> None:
    assert journals(parts, f"why does {name} fail", name)[0]
    assert any(journals(parts, f"{name} login timeout", name)[:5])


@pytest.mark.parametrize("name", [name for name in NAMES if " " in name])
def test_quoted_words_are_one_phrase(parts: BankFolder, name: str) -> None:
    assert journals(parts, f'why does "{name}" fail', name)[0]


def test_a_hash_as_it_is_typed_comes_before_its_short_form(tmp_path: Path) -> None:
    bank = folder_of(Bank.init(tmp_path / "project").project)
    (bank.folder / "memories" / "fact").mkdir(parents=True)
    write(bank, 1, "Short", f"Broken since {HASH[:7]}.")
    write(bank, 2, "Whole", f"Broken since {HASH} and nothing else was seen on that day or on the next.")
    assert [hit.title for hit in search(bank, HASH).hits] == ["Whole", "Short"]
    assert [hit.title for hit in search(bank, HASH[:7]).hits] == ["Short", "Whole"]


def test_a_name_with_other_signs_is_found_and_named_as_missing(tmp_path: Path) -> None:
    bank = folder_of(Bank.init(tmp_path / "project").project)
    (bank.folder / "memories" / "fact").mkdir(parents=True)
    write(bank, 1, "Limits", "Set retry-limit to five.")
    write(bank, 2, "Places", "Look into /etc/acme/app.d/main.conf first.")
    other, inside = search(bank, "retry_limit"), search(bank, "acme/app.d/main.conf")
    assert other.unknown == ("retry_limit",)
    assert other.hits[0].title == "Limits"
    assert inside.unknown == ()
    assert inside.hits[0].score > other.hits[0].score
    assert search(bank, "main.con").unknown == ("main.con",)


@pytest.mark.parametrize(
    "name", [r"C:\Temp\logs", "https://example.com/a?x=1", "https://example.com/a", "acme/app.d/x.py"]
)
def test_a_path_comes_before_its_words_in_the_same_order(tmp_path: Path, name: str) -> None:
    bank = folder_of(Bank.init(tmp_path / "project").project)
    (bank.folder / "memories" / "fact").mkdir(parents=True)
    write(bank, 1, "C temp logs", "https example com a x 1")
    write(bank, 2, "https example com a x 1", "acme app d x py")
    filler = "It lists the screens of the client. " * 60
    write(bank, 3, "Nightly", rf"{filler} C:\Temp\logs and https://example.com/a?x=1 and /etc/acme/app.d/x.py {filler}")
    found = search(bank, name)
    assert (found.hits[0].title, found.unknown) == ("Nightly", ())
    # without the record that has it, it is named
    next((bank.folder / "memories" / "fact").glob("*00003*")).unlink()
    assert search(bank, name).unknown[0] == name


def test_a_part_of_a_name_is_no_part_of_a_word(tmp_path: Path) -> None:
    bank = folder_of(Bank.init(tmp_path / "project").project)
    (bank.folder / "memories" / "fact").mkdir(parents=True)
    write(bank, 1, "Other", "See src/oauth.py/x.")
    write(bank, 2, "Right", "See src/auth.py/x at last, after all of these words.")
    assert search(bank, "src/auth.py").hits[0].title == "Right"


@pytest.mark.parametrize("phrase", ["lock wait on table users on host alpha", "it is what it is"])
def test_a_phrase_may_repeat_words_and_have_common_ones(tmp_path: Path, phrase: str) -> None:
    bank = folder_of(Bank.init(tmp_path / "project").project)
    (bank.folder / "memories" / "fact").mkdir(parents=True)
    write(bank, 1, "Host table wait alpha users lock", "What build is slow.")
    write(bank, 2, "The build is slow", "In the afternoon it is.")
    filler = "The notes list many screens of the client. " * 80
    write(bank, 3, "Nightly", f"{filler} Then we saw: {phrase}. {filler}")
    assert search(bank, phrase).hits[0].title == "Nightly"
    assert search(bank, f'the build said "{phrase}"').hits[0].title == "Nightly"
