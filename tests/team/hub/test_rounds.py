"""Machines with random edits, deletes, kills and cut connections: all end with the same text, and no line is lost.

Each machine is a process with a home of its own (`worker.py`). A short round by default; `-m full` runs many.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.running import FULL, environment
from tests.team.hub.machines import Machine, settle_all
from tests.team.hub.worker import TOKEN

if TYPE_CHECKING:
    from pathlib import Path

    from tests.team.hub.conftest import MadeHub

WORKER = (sys.executable, "-m", "tests.team.hub.worker")


class Account(NamedTuple):
    """What the machines noted down: the tokens that were acknowledged, and those that somebody may have taken away."""

    acknowledged: set[str]
    tried: set[str]
    over: set[str]

    @classmethod
    def read(cls, paths: list[Path]) -> Account:
        rows = [json.loads(line) for path in paths if path.exists() for line in path.read_text().split("\n") if line]
        done = {row["token"] for row in rows if row["state"] == "done"} - {""}
        tried = {row["token"] for row in rows} - {""}
        return cls(done, tried, {token for row in rows for token in row["over"]})


def outside_of_conflicts(text: str) -> str:
    """Return the text without what stands between markers."""
    kept, inside = [], False
    for line in text.split("\n"):
        inside = inside or line.startswith("<<<<<<<")
        if not inside:
            kept.append(line)
        inside = inside and not line.startswith(">>>>>>>")
    return "\n".join(kept)


def play(machines: list[Machine], folder: Path, seed: int, *, bouts: int, steps: int) -> Account:
    """Let all machines work at once, several times; in each bout some of them are killed, and connections are cut."""
    chance = random.Random(seed)
    accounts = [folder / f"account-{number}" for number in range(len(machines))]
    for bout in range(bouts):
        over = threading.Event()
        cutter = threading.Thread(target=cut_now_and_then, args=(machines[0].hub, over, random.Random(seed + bout)))
        cutter.start()
        workers = [
            subprocess.Popen(
                [*WORKER, str(machine.project), str(account), f"{seed}-{bout}-{number}", str(steps)],
                env=environment(**machine.env),
                stderr=subprocess.PIPE,
            )
            for number, (machine, account) in enumerate(zip(machines, accounts, strict=True))
        ]
        for worker in chance.sample(workers, len(workers) // 2):
            try:
                worker.wait(chance.uniform(0.4, 2.0))
            except subprocess.TimeoutExpired:
                os.kill(worker.pid, signal.SIGKILL)
        for worker in workers:
            _, err = worker.communicate(timeout=300)
            assert worker.returncode in {0, -signal.SIGKILL}, err.decode()
        over.set()
        cutter.join()
    return Account.read(accounts)


def cut_now_and_then(hub: MadeHub, over: threading.Event, chance: random.Random) -> None:
    """End the connection of somebody, again and again."""
    import psycopg

    statement = "SELECT pid FROM pg_stat_activity WHERE usename LIKE 'member%' ORDER BY random() LIMIT 1"
    with psycopg.connect(hub.url("postgres"), autocommit=True) as connection:
        while not over.wait(chance.uniform(0.1, 0.5)):
            for (pid,) in connection.execute(statement).fetchall():
                connection.execute("SELECT pg_terminate_backend(%s)", (pid,))


def check(machines: list[Machine], account: Account) -> None:
    settle_all(*machines)
    files = {name: data.decode() for name, data in machines[0].files().items()}
    whole = Counter(token for text in files.values() for token in TOKEN.findall(text))
    plain = Counter(token for text in files.values() for token in TOKEN.findall(outside_of_conflicts(text)))
    assert sorted(account.acknowledged - account.over - whole.keys()) == [], "acknowledged, and lost"
    assert sorted(whole.keys() - account.tried) == [], "nobody wrote it"
    assert sorted(token for token, count in plain.items() if count > 1) == [], "doubled"
    assert sorted(token for token, count in plain.items() if count < whole[token]) == [], "in a conflict, and outside"
    before = machines[0].files()
    for machine in machines:
        for _ in range(3):
            answer = machine.sync()
            assert (answer["pulled"], answer["pushed"], answer["refused"]) == ([], [], [])
    assert machines[0].files() == before


def team(made: MadeHub, folder: Path, count: int) -> list[Machine]:
    from memorybank.team.hub.set_up import set_up

    logins = [made.cluster.make_role(f"member{number}") for number in range(count)]
    with made.open("postgres") as hub:
        set_up(hub, "team", [("team", login) for login in logins])
    machines = [Machine(folder / f"m{number}", made, login) for number, login in enumerate(logins)]
    settle_all(*machines)
    return machines


PLAYS = [(count, 4, 25, seed) for count in (2, 8) for seed in range(10)] if FULL else [(2, 1, 12, 1), (4, 1, 4, 1)]


@pytest.mark.parametrize(("count", "bouts", "steps", "seed"), PLAYS)
def test_machines_end_with_the_same_text(
    made: MadeHub, tmp_path: Path, count: int, bouts: int, steps: int, seed: int
) -> None:
    machines = team(made, tmp_path, count)
    began = time.monotonic()
    account = play(machines, tmp_path, 100 * count + seed, bouts=bouts, steps=steps)
    check(machines, account)
    print(f"{count} machines, seed {seed}: {len(account.acknowledged)} edits, {time.monotonic() - began:.0f} s")
