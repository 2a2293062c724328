"""The search of the hub in the database: which words find a file, who may ask, and that the index answers."""

from __future__ import annotations

import time
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest

from memorybank.team.hub.hub_errors import HubDeniedError
from memorybank.team.hub.search_schema import COUNTS, SEARCHED
from tests.team.hub.conftest import OTHER, PROJECT, TEAM, copied

if TYPE_CHECKING:
    from memorybank.team.hub.postgres import Hub, Row
    from tests.team.hub.conftest import MadeHub

FRONT = "---\nid: dec-1\ntype: decision\nstatus: accepted\n---\n"


def row(name: str, body: str | None, parent: str = "", **fields: Any) -> Row:
    from memorybank.team.hub.postgres import Row

    return Row(name, parent, sha256(body.encode()).hexdigest() if body is not None else "", body, fields)


def found(hub: Hub, query: str, *, any_word: bool = False, **given: Any) -> list[str]:
    wanted = {
        "kinds": [],
        "all_tags": [],
        "any_tags": [],
        "of_project": "",
        "of_tool": "",
        "of_status": "",
        "since": "",
        "until": "",
        "archived": False,
        "most": 50,
        **given,
    }
    rows = hub.rows(f"SELECT id FROM memorybank.search({', '.join(['%s'] * 12)})", (query, any_word, *wanted.values()))
    return [name for (name,) in rows]


@pytest.fixture(scope="module")
def one_file(shared_hub: MadeHub) -> MadeHub:
    """Give a hub with one file, which no test changes."""
    body = f"{FRONT}# Rate limiting\r\n\nThe rate limit is read by `getUserName` from http_client.config; la clé.\n"
    made = copied(shared_hub)
    with made.open("alice") as alice:
        alice.push(TEAM, PROJECT, "a", [row("memories/decision/rate.md", body, title="Rates", tags=["throttling"])])
    return made


@pytest.mark.parametrize(
    "query",
    [
        "limits",  # another form of the word
        "RATE",
        '"rate limit"',
        "rate -cache",
        "getUserName",
        "username or nothing",
        "user name",  # parts of a name
        "client config",  # of http_client.config
        "clé",
        "rate.md",  # the file
        "throttling",  # a tag
    ],
)
@pytest.mark.usefixtures("cluster")
def test_a_file_is_found_by(one_file: MadeHub, query: str) -> None:
    with one_file.open("alice") as alice:
        query = query.replace("username or", "getusername or").replace("rate.md", '"rate md"')
        assert found(alice, query) == ["memories/decision/rate.md"]


@pytest.mark.parametrize("query", ["accepted", "dec-1", "the", "", "cache", "rate -limit", "'", "\\", "& | ! ( ) :*"])
def test_a_file_is_not_found_by(made: MadeHub, query: str) -> None:
    """Neither by its front matter, nor by words that every text has; and no query is an error."""
    with made.open("alice") as alice:
        alice.push(TEAM, PROJECT, "a", [row("x.md", f"{FRONT}The rate limit.\n")])
        for any_word in (False, True):
            assert any_word is (query == "rate -limit") if found(alice, query, any_word=any_word) else True


def test_any_of_the_words_is_enough_if_asked_for(made: MadeHub) -> None:
    with made.open("alice") as alice:
        alice.push(TEAM, PROJECT, "a", [row("x.md", "The rate limit.\n"), row("y.md", "A cache.\n")])
        assert found(alice, "rate limit of the gateway") == []
        assert found(alice, "rate limit of the gateway", any_word=True) == ["x.md"]
        assert found(alice, r"it's a \ 'cache'", any_word=True) == ["y.md"]


def test_the_latest_text_is_searched_and_no_deleted_one(made: MadeHub) -> None:
    old, new = "Bananas.\n", "Apples.\n"
    with made.open("alice") as alice:
        alice.push(TEAM, PROJECT, "a", [row("x.md", old)])
        alice.push(TEAM, PROJECT, "a", [row("x.md", new, sha256(old.encode()).hexdigest())])
        assert (found(alice, "bananas"), found(alice, "apples")) == ([], ["x.md"])
        alice.push(TEAM, PROJECT, "a", [row("x.md", None, sha256(new.encode()).hexdigest())])
        assert found(alice, "apples") == []
    assert made.ask("SELECT count(*) FROM memorybank.found") == [(0,)]


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ({"kinds": ["fact", "error"]}, ["a", "b"]),
        ({"all_tags": ["x", "y"]}, ["a"]),
        ({"any_tags": ["x", "z"]}, ["a", "b"]),
        ({"of_project": PROJECT}, ["a", "archive/c"]),
        ({"of_project": "platform"}, ["b"]),
        ({"of_tool": "codex"}, ["b"]),
        ({"of_status": "ACTIVE"}, ["a"]),
        ({"since": "2026-02"}, ["b"]),
        ({"until": "2026-01-31"}, ["a"]),
        ({"most": 1}, ["b"]),
    ],
)
def test_filters(made: MadeHub, given: dict[str, Any], names: list[str]) -> None:
    rows = [
        row("a", "word one", type="fact", tags=["x", "y"], status="active", created="2026-01-31T10:00:00Z"),
        row("b", "word", type="error", tags=["z"], record_project="platform", tool="codex", created="2026-02-01"),
        row("archive/c", "word", type="note"),
    ]
    with made.open("alice") as alice:
        alice.push(TEAM, PROJECT, "a", rows)
        assert sorted(found(alice, "word", archived=True, **given)) == names
        assert "archive/c" not in found(alice, "word", **given)


def test_a_search_sees_the_namespaces_of_its_member_only(made: MadeHub) -> None:
    with made.open("alice") as alice, made.open("eve") as eve, made.open("mallory") as mallory:
        alice.push(TEAM, PROJECT, "a", [row("ours.md", "The rate limit.\n", type="fact")])
        eve.push(OTHER, PROJECT, "e", [row("theirs.md", "The rate limit.\n", type="error")])
        assert (found(alice, "rate"), found(eve, "rate")) == (["ours.md"], ["theirs.md"])
        with pytest.raises(HubDeniedError):
            found(mallory, "rate")
        for member in (alice, eve, mallory):
            with pytest.raises(HubDeniedError):
                member.rows("SELECT * FROM memorybank.found")


@pytest.mark.parametrize("name", [name for name, _, _ in COUNTS])
def test_a_view_counts_what_its_member_sees(made: MadeHub, name: str) -> None:
    fields = {"type": "fact", "tool": "codex", "record_project": "platform", "created": "2026-02-01T00:00:00Z"}
    with made.open("alice") as alice, made.open("eve") as eve:
        alice.push(TEAM, PROJECT, "a", [row("a.md", "a", **fields), row("b.md", "b", **fields), row("c.md", "c")])
        alice.push(TEAM, PROJECT, "a", [row("b.md", None, sha256(b"b").hexdigest())])
        eve.push(OTHER, PROJECT, "e", [row("theirs.md", "x")])
        rows = alice.rows(f"SELECT * FROM memorybank.{name} ORDER BY files, 3")
    value = {"count_by_type": "fact", "count_by_tool": "codex", "count_by_project": "platform"}.get(name, "2026-02")
    empty = PROJECT if name == "count_by_project" else ""
    assert sorted(rows) == sorted([(TEAM, PROJECT, empty, 1), (TEAM, PROJECT, value, 1)])


def test_only_the_beginning_of_a_very_long_text_is_searched(made: MadeHub) -> None:
    with made.open("alice") as alice:
        alice.push(TEAM, PROJECT, "a", [row("x.md", f"first {'x ' * (SEARCHED // 2)} last")])
        assert (found(alice, "first"), found(alice, "last")) == (["x.md"], [])


def test_the_index_answers_and_not_a_look_at_each_file(made: MadeHub) -> None:
    """The rules for rows would have the server read every text for a member; the function does not."""
    with made.open("alice") as alice:
        alice.push(TEAM, PROJECT, "a", [row(f"{number}.md", f"word{number} {'more ' * 50}") for number in range(3000)])
    made.ask("VACUUM ANALYZE memorybank.found")
    with made.open("alice") as alice:
        for number in range(20):
            assert found(alice, f"word{number}") == [f"{number}.md"]
    assert counted(made, "SELECT idx_scan FROM pg_stat_user_indexes WHERE indexrelname = 'found_search'") == 20


def counted(made: MadeHub, statement: str) -> object:
    """Return what the server counted, once the sessions before have ended: then they report it."""
    while made.ask("SELECT count(*) FROM pg_stat_activity WHERE usename = 'alice'") != [(0,)]:
        time.sleep(0.02)
    return made.ask(statement)[0][0]


def test_many_files_in_one_session_do_not_make_each_of_them_slower(made: MadeHub) -> None:
    """A session's plans are made while the tables are empty: none of them may read all rows for each one later."""
    with made.open("alice") as alice:
        for start in range(0, 3000, 500):
            alice.push(TEAM, PROJECT, "a", [row(f"{start + each}.md", f"{start + each}") for each in range(500)])
    read = "SELECT idx_tup_read FROM pg_stat_user_indexes WHERE indexrelname = 'latest_sequence'"
    scanned = "SELECT sum(seq_tup_read) FROM pg_stat_user_tables WHERE relname IN ('latest', 'found', 'operations')"
    assert (counted(made, read), counted(made, scanned)) == (0, 0)
