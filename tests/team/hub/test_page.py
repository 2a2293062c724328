"""The commands that docs/team.md shows for the hub run, one after the other, with a server."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from tests.cli.test_pages import HUB, TEXTS, commands_in, run_line
from tests.running import bank, make_bank

if TYPE_CHECKING:
    from pathlib import Path

    from tests.team.hub.conftest import MadeHub

ADDRESS = re.compile(r"postgresql://(\w+@)?db\.example/memory")


def test_the_commands_for_the_hub_run(empty: MadeHub, tmp_path: Path) -> None:
    empty.cluster.make_role("owner")
    empty.ask(f"ALTER DATABASE {empty.database} OWNER TO owner")
    project = tmp_path / "app"
    make_bank(project)
    lines = commands_in(HUB.findall(TEXTS["docs/team.md"])[0])
    assert sum("--remote" in line for line in lines) >= 4
    env = {"MEMORYBANK_HOME": str(tmp_path / "mine")}
    for line in lines:
        run_line(project, ADDRESS.sub(empty.url("owner"), line), env)


def test_two_members_follow_the_guide_for_large_teams(empty: MadeHub, tmp_path: Path) -> None:
    """The address and the interval in the environment, sync switched on: what one saves, the other finds and has."""
    env = {}
    for name in ("alice", "bob"):
        make_bank(tmp_path / name / "app")
        env[name] = {
            "MEMORYBANK_HOME": str(tmp_path / name / "mine"),
            "MEMORYBANK_POSTGRES_URL": empty.url(name),
            "MEMORYBANK_SYNC_INTERVAL": "300",
        }

    def run(name: str, *words: str) -> str:
        done = bank(tmp_path / name / "app", *words, env=env[name])
        assert done.returncode == 0, done.stderr
        return done.stdout

    owner = {**env["alice"], "MEMORYBANK_POSTGRES_URL": empty.url("postgres")}
    members = ("--grant", "team", "alice", "--grant", "team", "bob")
    assert bank(tmp_path / "alice" / "app", "sync", "init", *members, env=owner).returncode == 0
    for name in ("alice", "bob"):
        run(name, "config", "set", "sync.enabled", "true")
        run(name, "sync")
    run("alice", "save", "Rate limiting: a token bucket for each client", "--type", "decision")
    run("alice", "sync")
    (hit,) = json.loads(run("bob", "search", "rate limiting", "--remote", "--json"))["hits"]
    assert (hit["bank"], hit["namespace"], hit["by"]) == ("app", "team", "alice")
    run("bob", "sync")
    assert "token bucket" in run("bob", "recall", hit["id"])
    assert json.loads(run("bob", "sync", "stats", "--json"))["by_project"][0]["name"] == "app"
