"""A hub with three logins: alice and bob are members of the namespace `team`, eve of `other`."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest

from memorybank.team.hub.address import Address

if TYPE_CHECKING:
    from pathlib import Path

    from memorybank.team.hub.postgres import Hub
    from tests.team.cluster import Cluster
    from tests.team.hub.machines import Machine

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


@pytest.fixture(scope="session")
def shared_hub(shared_cluster: Cluster) -> MadeHub:
    """Make the hub that the hubs of tests are copies of: a copy is faster than a hub made anew."""
    from memorybank.team.hub.set_up import set_up

    for name in ("alice", "bob", "eve", "mallory"):
        shared_cluster.make_role(name)
    made = MadeHub(shared_cluster, shared_cluster.make_database())
    with made.open("postgres") as hub:
        set_up(hub, TEAM, [(TEAM, "alice"), (TEAM, "bob"), (OTHER, "eve")])
    return made


@pytest.fixture(scope="session")
def shared_pair(shared_hub: MadeHub, tmp_path_factory: pytest.TempPathFactory) -> tuple[Machine, Machine]:
    """Make two machines that have synced, with a hub of their own: what those of tests are copies of."""
    # not above: these read whether the run is a full one, which is known after this file was read
    from tests.team.hub.machines import Machine, settle_all

    made = copied(shared_hub)
    folder = tmp_path_factory.mktemp("pair")
    one, two = Machine(folder / "one", made, "alice"), Machine(folder / "two", made, "bob")
    settle_all(one, two)
    return one, two


def copied(hub: MadeHub) -> MadeHub:
    """Return a copy of a hub that nobody is connected to; a test may have stopped the server."""
    if not hub.cluster.runs:
        hub.cluster.start()
    return hub._replace(database=hub.cluster.make_database(hub.database))


@pytest.fixture
def empty(cluster: Cluster, shared_hub: MadeHub) -> MadeHub:
    """Give a database without a hub, in a server with the four roles."""
    return shared_hub._replace(database=cluster.make_database())


@pytest.fixture
def made(shared_hub: MadeHub) -> MadeHub:
    """Give a hub."""
    return copied(shared_hub)


@pytest.fixture
def pair(shared_pair: tuple[Machine, Machine], tmp_path: Path) -> tuple[Machine, Machine]:
    """Give two machines that have synced."""
    one, two = shared_pair
    made = copied(one.hub)
    return one.copied(tmp_path / "one", made, "alice"), two.copied(tmp_path / "two", made, "bob")
