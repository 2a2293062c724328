"""A hub with three logins: alice and bob are members of the namespace `team`, eve of `other`."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest

from memorybank.team.hub.address import Address
from tests.team.hub.machines import Machine, settle_all

if TYPE_CHECKING:
    from pathlib import Path

    from memorybank.team.hub.postgres import Hub
    from tests.team.cluster import Cluster

TEAM, OTHER, PROJECT = "team", "other", "demo"


class MadeHub(NamedTuple):
    """A hub in a database of its own."""

    cluster: Cluster
    database: str

    def url(self, user: str) -> str:
        """Return the URL for a login."""
        return self.cluster.url(self.database, user=user)

    def open(self, user: str, *, read_only: bool = False) -> Hub:
        """Connect as a login."""
        from memorybank.team.hub.postgres import USUAL, connect

        return connect(Address(self.url(user), "environment", TEAM, PROJECT), USUAL, read_only=read_only)

    def ask(self, statement: str) -> list[tuple[object, ...]]:
        """Run a statement as the superuser, who is no member and whom no rule of the tables holds."""
        return self.cluster.ask(statement, self.database)


@pytest.fixture
def empty(cluster: Cluster) -> MadeHub:
    """Give a database without a hub."""
    for name in ("alice", "bob", "eve", "mallory"):
        cluster.make_role(name)
    return MadeHub(cluster, cluster.make_database())


@pytest.fixture
def made(empty: MadeHub) -> MadeHub:
    """Give a hub."""
    from memorybank.team.hub.set_up import set_up

    with empty.open("postgres") as hub:
        set_up(hub, TEAM, [(TEAM, "alice"), (TEAM, "bob"), (OTHER, "eve")])
    return empty


@pytest.fixture
def pair(made: MadeHub, tmp_path: Path) -> tuple[Machine, Machine]:
    """Give two machines that have synced."""
    one, two = Machine(tmp_path / "one", made, "alice"), Machine(tmp_path / "two", made, "bob")
    settle_all(one, two)
    return one, two
