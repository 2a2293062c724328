"""What the tests of team work share: a Postgres server, and databases in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.team.cluster import Cluster, need_programs, scratch_cluster

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def shared_cluster() -> Iterator[Cluster]:
    """Give the server that the tests of a worker share: each has a database of its own."""
    with scratch_cluster() as cluster:
        yield cluster


@pytest.fixture
def cluster(shared_cluster: Cluster) -> Cluster:
    """Give a server that runs; a test may stop and kill it, the next one has it started again."""
    if not shared_cluster.runs:
        shared_cluster.start()
    return shared_cluster


@pytest.fixture
def database(cluster: Cluster) -> str:
    """Give the URL of an empty database, as its owner and superuser; `cluster.url(name, user=...)` for others."""
    return cluster.url(cluster.make_database())


@pytest.fixture
def postgres_programs() -> str:
    """Give the folder of the server's programs."""
    return str(need_programs())
