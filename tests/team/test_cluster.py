"""The scratch server does what the tests of the hub trust it to do."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

from tests.team.cluster import find_programs, lacking, scratch_cluster

if TYPE_CHECKING:
    from tests.team.cluster import Cluster


def test_it_listens_on_a_socket_only(cluster: Cluster) -> None:
    assert cluster.ask("SHOW listen_addresses") == [("",)]
    assert list(cluster.folder.glob(".s.PGSQL.*"))


def test_what_was_committed_outlives_a_kill(cluster: Cluster) -> None:
    name = cluster.make_database()
    cluster.ask("CREATE TABLE kept (line text)", name)
    cluster.ask("INSERT INTO kept VALUES ('a')", name)
    cluster.kill()
    assert not cluster.runs
    cluster.start()
    assert cluster.ask("SELECT line FROM kept", name) == [("a",)]


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT])
def test_it_stops_and_starts(cluster: Cluster, how: int) -> None:
    import psycopg

    cluster.stop(how)
    with pytest.raises(psycopg.OperationalError):
        cluster.ask("SELECT 1")
    cluster.start()
    assert cluster.ask("SELECT 1") == [(1,)]


def test_roles_are_what_they_say(cluster: Cluster) -> None:
    name = cluster.make_database()
    role = cluster.make_role("plain_member")
    assert cluster.make_role("plain_member") == role
    assert cluster.ask("SELECT session_user, usesuper FROM pg_user WHERE usename = session_user", name, user=role) == [
        (role, False)
    ]


def test_two_servers_know_nothing_of_each_other_and_nothing_stays_of_them(cluster: Cluster) -> None:
    cluster.make_role("of_the_first")
    with scratch_cluster() as other:
        assert other.ask("SELECT 1 FROM pg_roles WHERE rolname = 'of_the_first'") == []
    assert not other.runs
    assert not other.folder.exists()


def test_a_missing_server_is_a_reason_to_skip_but_a_failure_where_it_must_be_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("MEMORYBANK_CI_POSTGRES", raising=False)
    with pytest.raises(pytest.skip.Exception, match="no server"):
        lacking("no server")
    monkeypatch.setenv("MEMORYBANK_CI_POSTGRES", "1")
    with pytest.raises(pytest.fail.Exception, match="may not be missing"):
        lacking("no server")


def test_the_programs_are_found_where_the_system_has_them(postgres_programs: str) -> None:
    assert str(find_programs()) == postgres_programs
