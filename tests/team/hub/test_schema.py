"""The tables of the hub: what the server itself guarantees, whatever a client does."""

from __future__ import annotations

import threading
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest

from memorybank.team.hub.hub_errors import (
    HubDatabaseError,
    HubDeniedError,
    HubFaultError,
    HubLoginError,
    HubLostError,
    HubSchemaError,
)
from memorybank.team.hub.schema import BODY_BYTES, MEMBER_ROLE, VERSION
from memorybank.team.hub.set_up import set_up
from tests.team.hub.conftest import OTHER, PROJECT, TEAM, MadeHub

if TYPE_CHECKING:
    from memorybank.team.hub.postgres import Hub, Row

ADD = (
    "INSERT INTO memorybank.operations (namespace, project, id, parent, digest, op, body)"
    " VALUES (%s, 'demo', %s, %s, %s, %s, %s)"
)


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def row(name: str, body: str | None, parent: str = "") -> Row:
    from memorybank.team.hub.postgres import Row

    return Row(name, parent, digest(body) if body is not None else "", body, {})


def heads(hub: Hub, after: int = 0) -> list[tuple[str, str]]:
    return [(each.id, each.op) for each in hub.heads(TEAM, PROJECT, after=after, limit=1000)]


# --- a chain for each file


def test_the_operations_of_a_file_are_one_chain(made: MadeHub) -> None:
    with made.open("alice") as alice, made.open("bob") as bob:
        assert alice.push(TEAM, PROJECT, "a", [row("x.md", "one\n")]) == (["x.md"], [])
        assert bob.push(TEAM, PROJECT, "b", [row("x.md", "two\n")]) == ([], ["x.md"])
        assert bob.push(TEAM, PROJECT, "b", [row("x.md", "two\n", digest("one\n"))]) == (["x.md"], [])
        with pytest.raises(HubLostError, match="superseded"):
            alice.rows(ADD, (TEAM, "x.md", digest("one\n"), digest("three\n"), "put", "three\n"))
    assert made.ask("SELECT revision, parent, body FROM memorybank.operations ORDER BY sequence") == [
        (1, "", "one\n"),
        (2, digest("one\n"), "two\n"),
    ]


def test_what_is_pushed_twice_is_one_row(made: MadeHub) -> None:
    with made.open("alice") as alice:
        for _ in range(3):
            assert alice.push(TEAM, PROJECT, "a", [row("x.md", "one\n")]) == (["x.md"], [])
        # past the client, too
        alice.rows(ADD, (TEAM, "x.md", "", digest("one\n"), "put", "one\n"))
        alice.push(TEAM, PROJECT, "a", [row("x.md", None, digest("one\n"))])
        alice.push(TEAM, PROJECT, "a", [row("x.md", None, digest("one\n")), row("never.md", None)])
        assert heads(alice) == [("x.md", "tombstone")]
    assert made.ask("SELECT op FROM memorybank.operations ORDER BY sequence") == [("put",), ("tombstone",)]


def test_a_deleted_file_can_come_back(made: MadeHub) -> None:
    with made.open("alice") as alice:
        alice.push(TEAM, PROJECT, "a", [row("x.md", "one\n")])
        alice.push(TEAM, PROJECT, "a", [row("x.md", None, digest("one\n"))])
        alice.push(TEAM, PROJECT, "a", [row("x.md", "one\n")])
        assert heads(alice) == [("x.md", "put")]


def test_two_at_once_do_not_both_follow_the_same_state(made: MadeHub) -> None:
    """Even if one of them reads an old state of the tables, in a transaction that began before the other's."""
    with made.open("alice") as alice, made.open("bob") as bob, alice.transaction():
        alice.rows("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        alice.rows("SELECT count(*) FROM memorybank.latest")
        bob.push(TEAM, PROJECT, "b", [row("x.md", "theirs\n")])
        with pytest.raises(HubLostError), alice.transaction():
            alice.rows(ADD, (TEAM, "x.md", "", digest("mine\n"), "put", "mine\n"))
    assert made.ask("SELECT body FROM memorybank.operations") == [("theirs\n",)]


# --- the order of the numbers


def test_a_reader_never_sees_a_number_before_a_lower_one(made: MadeHub) -> None:
    """A number from a sequence alone would be given to a transaction that commits later than the next one does."""
    begun, release, seen = threading.Event(), threading.Event(), list[tuple[str, str]]()

    def slow() -> None:
        with made.open("alice") as hub, hub.transaction():
            hub.rows(ADD, (TEAM, "slow.md", "", digest("s"), "put", "s"))
            begun.set()
            assert release.wait(20)

    def fast() -> None:
        with made.open("bob") as hub:
            hub.push(TEAM, PROJECT, "b", [row("fast.md", "f")])

    first = threading.Thread(target=slow)
    first.start()
    assert begun.wait(20)
    second = threading.Thread(target=fast)
    second.start()
    second.join(0.5)
    assert second.is_alive()  # it waits for the namespace, and has no number yet
    with made.open("bob") as hub:
        seen += heads(hub)
        assert seen == []
        release.set()
        first.join(20)
        second.join(20)
        assert heads(hub) == [("slow.md", "put"), ("fast.md", "put")]


def test_the_bare_sequence_of_a_database_has_the_fault_that_the_lock_prevents(made: MadeHub) -> None:
    """The control of the test above: without the lock, the cursor of a reader passes a row that is not visible yet."""
    made.ask("CREATE TABLE public.bare (sequence bigserial, name text)")
    made.ask("GRANT ALL ON public.bare, public.bare_sequence_seq TO alice, bob")
    with made.open("alice") as alice, made.open("bob") as bob:
        with alice.transaction():
            alice.rows("INSERT INTO public.bare (name) VALUES ('slow')")
            bob.rows("INSERT INTO public.bare (name) VALUES ('fast')")
            ((cursor,),) = bob.rows("SELECT max(sequence) FROM public.bare")
        assert bob.rows("SELECT name FROM public.bare WHERE sequence > %s", (cursor,)) == []
        assert bob.rows("SELECT name FROM public.bare WHERE sequence < %s", (cursor,)) == [("slow",)]


def test_other_namespaces_do_not_wait(made: MadeHub) -> None:
    with made.open("alice") as alice, alice.transaction():
        alice.rows(ADD, (TEAM, "slow.md", "", digest("s"), "put", "s"))
        with made.open("eve") as eve:
            assert eve.push(OTHER, PROJECT, "e", [row("x.md", "x")]) == (["x.md"], [])


# --- who sees and writes what


def test_a_namespace_is_seen_by_its_members_only(made: MadeHub) -> None:
    with made.open("alice") as alice, made.open("eve") as eve, made.open("mallory") as mallory:
        alice.push(TEAM, PROJECT, "a", [row("x.md", "ours\n")])
        for table in ("operations", "latest", "members"):
            assert eve.rows(f"SELECT namespace FROM memorybank.{table} WHERE namespace = 'team'") == []
        with pytest.raises(HubDeniedError):
            mallory.rows("SELECT * FROM memorybank.latest")
        for hub in (eve, mallory):
            with pytest.raises(HubDeniedError):
                hub.push(TEAM, PROJECT, "e", [row("y.md", "theirs\n")])
        assert (alice.namespaces(), eve.namespaces()) == ([TEAM], [OTHER])
    assert made.ask("SELECT id FROM memorybank.latest") == [("x.md",)]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE memorybank.operations SET actor = 'somebody'",
        "DELETE FROM memorybank.operations",
        "TRUNCATE memorybank.operations",
        "UPDATE memorybank.latest SET body = ''",
        "DELETE FROM memorybank.latest",
        "INSERT INTO memorybank.latest (namespace) VALUES ('team')",
        "INSERT INTO memorybank.members VALUES ('other', 'alice')",
        "UPDATE memorybank.hub SET version = 9",
        (
            "INSERT INTO memorybank.operations (namespace, project, id, parent, digest, op, login)"
            " VALUES ('team', 'demo', 'x', '', '', 'tombstone', 'bob')"
        ),
        (
            "INSERT INTO memorybank.operations (sequence, namespace, project, id, parent, digest, op)"
            " VALUES (99, 'team', 'demo', 'x', '', '', 'tombstone')"
        ),
        "ALTER TABLE memorybank.operations DISABLE TRIGGER ALL",
        "CREATE TABLE memorybank.mine (a int)",
    ],
)
def test_members_only_add(made: MadeHub, statement: str) -> None:
    with made.open("alice") as alice:
        alice.push(TEAM, PROJECT, "a", [row("x.md", "one\n")])
        with pytest.raises(HubDeniedError):
            alice.rows(statement)


def test_the_server_says_who_wrote_not_the_client(made: MadeHub) -> None:
    with made.open("alice") as alice:
        alice.push(TEAM, PROJECT, "bob's laptop", [row("x.md", "one\n")])
    assert made.ask("SELECT actor, login FROM memorybank.operations") == [("bob's laptop", "alice")]


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ((TEAM, "x.md", "", digest("one\n"), "put", "two\n"), HubFaultError),  # a digest of another text
        ((TEAM, "x.md", "", digest("one\n"), "drop", "one\n"), HubFaultError),  # an unknown operation
        ((TEAM, "x.md", "", digest("one\n"), "tombstone", "one\n"), HubFaultError),
        ((TEAM, "", "", digest("one\n"), "put", "one\n"), HubFaultError),
        ((TEAM, "x" * 401, "", digest("one\n"), "put", "one\n"), HubFaultError),
        ((TEAM, "x.md", "", digest("x" * (BODY_BYTES + 1)), "put", "x" * (BODY_BYTES + 1)), HubFaultError),
        ((TEAM, "x.md", "", digest("a\0b"), "put", "a\0b"), HubFaultError),
    ],
    ids=["digest", "op", "tombstone", "no-id", "long-id", "size", "nul"],
)
def test_the_server_refuses_rows_that_are_none(made: MadeHub, values: tuple[str, ...], error: type[Exception]) -> None:
    with made.open("alice") as alice:
        with pytest.raises(error):
            alice.rows(ADD, values)
        assert heads(alice) == []


def test_a_long_text_of_different_words_is_no_problem_for_the_search(made: MadeHub) -> None:
    text = " ".join(f"w{number:x}" for number in range(700_000))
    with made.open("alice") as alice:
        assert alice.push(TEAM, PROJECT, "a", [row("long.md", text)]) == (["long.md"], [])


# --- making it


def test_it_is_made_once_and_again_without_effect(empty: MadeHub) -> None:
    with empty.open("postgres") as hub:
        planned = set_up(hub, TEAM, [(TEAM, "alice")], dry_run=True)
        assert hub.version() == (0, "")
        first = set_up(hub, TEAM, [(TEAM, "alice")])
        ident = hub.check_version()
        second = set_up(hub, TEAM, [(TEAM, "alice")])
        assert hub.check_version() == ident
    assert planned.members == first.members
    assert [(each.member, each.action) for each in first.members] == [("postgres", "added"), ("alice", "added")]
    assert {each.action for each in second.members} == {"present"}
    assert (first.version_before, second.version_before, second.role) == (0, VERSION, MEMBER_ROLE)


def test_an_owner_without_other_rights_can_make_it_and_is_no_exception(empty: MadeHub) -> None:
    empty.cluster.make_role("owner1")
    empty.ask(f"ALTER DATABASE {empty.database} OWNER TO owner1")
    with empty.open("owner1") as owner, empty.open("alice") as alice, empty.open("eve") as eve:
        made = set_up(owner, TEAM, [(TEAM, "alice"), (OTHER, "eve")])
        assert made.owner == "owner1"
        eve.push(OTHER, PROJECT, "e", [row("x.md", "theirs\n")])
        alice.push(TEAM, PROJECT, "a", [row("x.md", "ours\n")])
        assert owner.rows("SELECT body FROM memorybank.latest") == [("ours\n",)]
        assert owner.rows("SELECT body FROM memorybank.operations") == [("ours\n",)]


def test_a_member_that_is_taken_out_sees_nothing_more(made: MadeHub) -> None:
    with made.open("alice") as alice:
        alice.push(TEAM, PROJECT, "a", [row("x.md", "one\n")])
        with made.open("postgres") as hub:
            set_up(hub, TEAM, revokes=[(TEAM, "alice")])
        assert heads(alice) == []
        with pytest.raises(HubDeniedError):
            alice.push(TEAM, PROJECT, "a", [row("y.md", "two\n")])


def test_a_group_role_is_a_member_for_all_of_its_roles(made: MadeHub) -> None:
    made.ask("DROP ROLE IF EXISTS backend")
    made.ask("CREATE ROLE backend")
    made.ask("GRANT backend TO mallory")
    with made.open("postgres") as hub:
        set_up(hub, TEAM, [(TEAM, "backend")])
    with made.open("mallory") as mallory:
        assert mallory.push(TEAM, PROJECT, "m", [row("x.md", "one\n")]) == (["x.md"], [])
    made.ask("REVOKE backend FROM mallory")


def test_who_cannot_make_it_is_told_why(empty: MadeHub) -> None:
    with empty.open("alice") as alice, pytest.raises(HubDeniedError, match="permission denied"):
        set_up(alice, TEAM)
    with empty.open("postgres") as hub:
        with pytest.raises(HubLoginError, match="nobody-here"):
            set_up(hub, TEAM, [(TEAM, "nobody-here")])
        assert hub.version() == (0, "")
        set_up(hub, TEAM, [(TEAM, "alice")])
    with empty.open("alice") as alice, pytest.raises(HubDeniedError) as refused:
        set_up(alice, OTHER)
    assert refused.value.hint == "run bank sync init as postgres"


def test_a_database_of_another_encoding_is_refused(empty: MadeHub) -> None:
    empty.ask("CREATE DATABASE old ENCODING 'LATIN1' TEMPLATE template0")
    with MadeHub(empty.cluster, "old").open("postgres") as hub, pytest.raises(HubDatabaseError, match="LATIN1"):
        set_up(hub, TEAM)
    empty.ask("DROP DATABASE old")


def test_versions_that_do_not_fit_are_told(made: MadeHub, empty: MadeHub) -> None:
    from memorybank.errors import NewerVersionError

    made.ask("UPDATE memorybank.hub SET version = 99")
    with made.open("postgres") as hub:
        with pytest.raises(NewerVersionError):
            hub.check_version()
        with pytest.raises(NewerVersionError):
            set_up(hub, TEAM)
    made.ask("UPDATE memorybank.hub SET version = 0")
    with made.open("alice") as hub, pytest.raises(HubSchemaError) as none:
        hub.check_version()
    assert none.value.hint == "bank sync init"
