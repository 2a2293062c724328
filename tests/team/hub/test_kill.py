"""`kill -9` at any system call of a sync or message to the server: the next sync goes on, and nothing doubles."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import threading
import time
from typing import TYPE_CHECKING

from memorybank.team.hub.hub_errors import HubLostError
from tests.faults.tracing import CHANGING, STRACE, need_strace
from tests.running import FULL, MODULE, environment, sampled
from tests.team.hub.machines import Machine, settle_all

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.team.hub.conftest import MadeHub

Pair = tuple[Machine, Machine]
CALLS = f"{CHANGING},sendto,flock"
# how many calls are tried by default, spread over the run
TRIED = 3
STEADY = {"PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"}
_NAMED = re.compile(r"^\d+ +(\w+)\((.*)$", re.MULTILINE)


def traced(machine: Machine, log: Path, inject: str = "") -> subprocess.CompletedProcess[bytes]:
    """Sync in a process of its own under strace."""
    assert STRACE is not None
    options = ["-f", "-y", "-s", "256", "-o", str(log), "-e", f"trace={CALLS}"]
    return subprocess.run(
        [STRACE, *options, *(["-e", f"inject={inject}"] if inject else []), *MODULE, "sync"],
        cwd=machine.project,
        env=environment(**machine.env, **STEADY),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=120,
        check=False,
    )


def points(log: Path, project: Path) -> list[tuple[str, int]]:
    """Return the calls of a run that touch the project or the server: name, and the how manieth of that name."""
    counts: dict[str, int] = {}
    found = []
    for name, rest in _NAMED.findall(log.read_text(encoding="utf-8", errors="replace")):
        counts[name] = counts.get(name, 0) + 1
        if f"{project}/" in rest or name == "sendto":
            found.append((name, counts[name]))
    return sampled(found, len(found) // TRIED)


def prepare(one: Machine, two: Machine, token: str) -> None:
    """Let each of two machines have something for the other: lines, new files, a deleted one, one that both edit."""
    one.run("note", f"From one {token}", "--as", "gotcha")
    one.write(f"memories/fact/one-{token}.md", f"# One\n\none {token}\n")
    (one.folder / "memories/fact/gone.md").unlink(missing_ok=True)
    one.sync()
    two.run("note", f"From two {token}", "--as", "gotcha")
    two.write(f"memories/fact/two-{token}.md", f"# Two\n\ntwo {token}\n")
    two.write("memories/fact/back.md", f"# Back\n\n{token}\n")


def check(one: Machine, two: Machine, tokens: list[str]) -> None:
    settle_all(one, two)
    text = one.read("patterns.md")
    for token in tokens:
        assert [text.count(f"- From {each} {token}\n") for each in ("one", "two")] == [1, 1]
        assert one.read(f"memories/fact/two-{token}.md") == f"# Two\n\ntwo {token}\n"
        assert two.read(f"memories/fact/one-{token}.md") == f"# One\n\none {token}\n"
    assert [name for name, data in one.files().items() if b"<<<<<<<" in data] == []
    assert "memories/fact/gone.md" not in one.files()
    doubled = "SELECT id FROM memorybank.operations GROUP BY id, parent, revision HAVING count(*) > 1"
    assert one.hub.ask(doubled) == []
    assert [path for path in two.folder.rglob("*") if ".tmp" in path.name] == []


def test_a_kill_at_any_call_of_a_sync(pair: Pair, tmp_path: Path) -> None:
    need_strace()
    one, two = pair
    one.write("memories/fact/gone.md", "# Gone\n")
    settle_all(one, two)
    log = tmp_path / "trace"
    prepare(one, two, "first")
    done = traced(two, log)
    assert done.returncode == 0, done.stderr
    tokens = ["first"]
    killed = 0
    for number, (name, count) in enumerate(points(log, two.project)):
        token = f"t{number}"
        prepare(one, two, token)
        tokens.append(token)
        done = traced(two, log, f"{name}:signal=KILL:when={count}")
        killed += done.returncode != 0
        check(one, two, tokens[-2:])
    check(one, two, tokens)
    assert killed > number / 2


def test_connections_that_are_cut_at_any_moment(pair: Pair) -> None:
    """The server ends each connection after a moment that grows: every place of a sync is the last one once."""
    one, two = pair
    settle_all(one, two)
    rounds = 60 if FULL else 2
    codes = set()
    tokens = []
    for number in range(rounds):
        token = f"c{number}"
        tokens.append(token)
        prepare(one, two, token)
        cutter = threading.Thread(target=cut, args=(two.hub, 0.002 + 0.12 * number / rounds))
        cutter.start()
        done = two.run("sync", "--json", status=None)
        cutter.join()
        assert done.returncode in {0, 7}, done.stdout + done.stderr
        codes.add(done.returncode)
        check(one, two, [token])
    check(one, two, tokens)


def cut(hub: MadeHub, wait: float) -> None:
    """Wait until bob is connected, then end his connection after a moment."""
    import psycopg

    with psycopg.connect(hub.url("postgres"), autocommit=True) as connection:
        limit = time.monotonic() + 5
        while time.monotonic() < limit:
            found = connection.execute("SELECT pid FROM pg_stat_activity WHERE usename = 'bob'").fetchall()
            if found:
                time.sleep(wait)
                connection.execute("SELECT pg_terminate_backend(%s)", found[0])
                return
            time.sleep(0.001)


def test_a_server_that_stops_in_the_middle_of_a_batch(made: MadeHub, tmp_path: Path) -> None:
    one, two = Machine(tmp_path / "one", made, "alice"), Machine(tmp_path / "two", made, "bob")
    count = 600 if FULL else 200
    for number in range(count):
        one.write(f"memories/fact/f{number}.md", f"# F{number}\n\n{'text ' * 200}\n")
    for how, wait in sampled(((signal.SIGKILL, 0.4), (signal.SIGQUIT, 0.25), (signal.SIGINT, 0.5)), 3):
        for machine in (one, two):
            process = subprocess.Popen(
                [*MODULE, "sync", "--json"],
                cwd=machine.project,
                env=environment(**machine.env),
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
            time.sleep(wait)
            made.cluster.stop(how)
            out, err = process.communicate(timeout=60)
            assert process.returncode in {0, 7}, out + err
            made.cluster.start()
    settle_all(one, two)
    assert len(two.files()) == len(one.files()) >= count + 3
    assert made.ask("SELECT count(*), count(DISTINCT id) FROM memorybank.operations WHERE id LIKE 'mem%'") == [
        (count, count)
    ]


def test_a_kill_of_the_whole_process_at_any_time(pair: Pair) -> None:
    one, two = pair
    settle_all(one, two)
    tokens = []
    for number in range(100 if FULL else 2):
        token = f"k{number}"
        tokens.append(token)
        prepare(one, two, token)
        process = subprocess.Popen(
            [*MODULE, "sync"], cwd=two.project, env=environment(**two.env), stdout=subprocess.DEVNULL
        )
        time.sleep(0.25 + 0.06 * (number % 6 if FULL else 3 * number))
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        check(one, two, [token])
    check(one, two, tokens)


def test_a_push_that_was_committed_and_not_heard_of_is_not_repeated(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection breaks between the commit of the server and its answer."""
    from memorybank.team.hub.postgres import Hub

    one, two = pair
    push = Hub.push

    def deaf(self: Hub, *given: object) -> tuple[list[str], list[str]]:
        push(self, *given)  # type: ignore[arg-type]  # passed on
        raise HubLostError(where="x", why="cut off")

    one.run("note", "From one", "--as", "gotcha")
    with monkeypatch.context() as patch:
        patch.setattr(Hub, "push", deaf)
        assert one.sync(status=7)["error"]["code"] == "hub-lost"
    assert one.sync()["pushed"] == []
    settle_all(one, two)
    assert two.read("patterns.md").count("- From one\n") == 1
    assert one.hub.ask("SELECT count(*) FROM memorybank.operations WHERE body LIKE '%From one%'") == [(1,)]
