"""What goes wrong with a server: a typed error with a next step, no password in any of it, and no local write fails."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from memorybank.team.hub.address import Address
from tests.running import MODULE, environment
from tests.serve.mcp_client import request
from tests.team.cluster import scratch_cluster
from tests.team.hub.machines import Machine, settle_all

if TYPE_CHECKING:
    from pathlib import Path

    from tests.team.cluster import Cluster
    from tests.team.hub.conftest import MadeHub

Pair = tuple[Machine, Machine]
PASSWORD = "hunter2-of-carol"


def refused(machine: Machine, url: str, *words: str) -> dict[str, str]:
    """Sync with an address, and return the error; nobody may see its password."""
    machine.env["MEMORYBANK_POSTGRES_URL"] = url
    answers = [machine.run(*(words or ("sync",)), *more, status=None) for more in ((), ("--json",))]
    for each in answers:
        assert each.returncode != 0
        assert PASSWORD not in each.stdout + each.stderr
        assert "Traceback" not in each.stderr
    error: dict[str, str] = json.loads(answers[1].stdout)["error"]
    assert error["hint"]
    kept = [path for path in machine.project.rglob("*") if path.is_file() and PASSWORD.encode() in path.read_bytes()]
    assert kept == []
    return error


def test_a_wrong_password_an_unknown_role_and_database(made: MadeHub, tmp_path: Path) -> None:
    rules = made.cluster.data / "pg_hba.conf"
    rules.write_text(f"local {made.database} carol scram-sha-256\n{rules.read_text()}")
    made.cluster.make_role("carol", "PASSWORD 'another'")
    made.ask("SELECT pg_reload_conf()")
    machine = Machine(tmp_path / "one", made, "alice")
    folder, name = made.cluster.folder, made.database
    wrong = refused(machine, f"postgresql://carol:{PASSWORD}@/{name}?host={folder}")
    assert (wrong["code"], "password" in wrong["message"]) == ("hub-login", True)
    assert refused(machine, f"postgresql://carol@/{name}?host={folder}")["code"] == "hub-login"
    assert refused(machine, f"postgresql://nobody-at-all@/{name}?host={folder}")["code"] == "hub-login"
    assert refused(machine, f"postgresql://alice@/no-such-database?host={folder}")["code"] == "hub-database"
    words = f"host={folder} dbname={name} user=carol password='{PASSWORD}'"
    assert refused(machine, words)["code"] == "hub-login"


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("", "hub-address"),
        (f"postgresql://ann:{PASSWORD}@[::1/x", "hub-address"),
        (f"postgresql://ann:{PASSWORD}@db:port/x", "hub-unreachable"),
        (f"mysql://ann:{PASSWORD}@db/x", "hub-address"),
        (f"host=db pass={PASSWORD} nonsense", "hub-address"),
        (f"postgresql://ann:{PASSWORD}@127.0.0.1:1/x", "hub-unreachable"),
        (f"postgresql://ann:{PASSWORD}@/x?host=/no/such/folder", "hub-unreachable"),
        (f"postgresql://ann:{PASSWORD}@no-such-host.invalid/x", "hub-unreachable"),
        ("postgresql:///x?service=no-such-service", "hub-address"),
    ],
)
def test_an_address_that_leads_nowhere(made: MadeHub, tmp_path: Path, url: str, code: str) -> None:
    machine = Machine(tmp_path / "one", made, "alice")
    began = time.monotonic()
    assert refused(machine, url)["code"] == code
    assert time.monotonic() - began < 20


def limit_all_syncs(monkeypatch: pytest.MonkeyPatch, **limits: int) -> None:
    from memorybank.team.hub.postgres import Limits

    defaults = "memorybank.team.hub.sync.SyncOptions.__new__.__defaults__"
    monkeypatch.setattr(defaults, (Limits(**limits), 60.0, False))


def test_a_server_that_does_not_answer_is_given_up(
    made: MadeHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It takes the connection and says nothing."""
    limit_all_syncs(monkeypatch, connect=2)
    machine = Machine(tmp_path / "one", made, "alice")
    with socket.create_server(("127.0.0.1", 0)) as server:
        began = time.monotonic()
        error = refused(machine, f"postgresql://ann:{PASSWORD}@127.0.0.1:{server.getsockname()[1]}/x")
    assert error["code"] == "hub-unreachable"
    assert time.monotonic() - began < 20


def test_no_hub_an_older_and_a_newer_one(empty: MadeHub, made: MadeHub, tmp_path: Path) -> None:
    machine = Machine(tmp_path / "one", made, "alice")
    name = empty.cluster.make_database()
    assert refused(machine, empty.cluster.url(name, user="alice"))["code"] == "hub-schema"
    made.ask("UPDATE memorybank.hub SET version = version - 1")
    old = refused(machine, made.url("alice"))
    assert (old["code"], old["hint"]) == ("hub-schema", "bank sync init")
    made.ask("UPDATE memorybank.hub SET version = 99")
    assert refused(machine, made.url("alice"))["code"] == "newer-version"


def test_who_is_no_member_is_told_whom_to_ask(made: MadeHub, tmp_path: Path) -> None:
    machine = Machine(tmp_path / "one", made, "alice")
    eve = refused(machine, made.url("eve"))
    assert (eve["code"], "bank sync init --grant team eve" in eve["hint"]) == ("hub-denied", True)
    assert refused(machine, made.url("mallory"))["code"] == "hub-denied"
    assert refused(machine, made.url("mallory"), "sync", "init")["code"] == "hub-denied"


def test_a_statement_that_takes_too_long_ends(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody holds the lock of the namespace: the push gives up, and the next one goes on."""
    one, two = pair
    limit_all_syncs(monkeypatch, lock=1)
    one.run("note", "From one", "--as", "gotcha")
    with one.hub.open("bob") as hub, hub.transaction():
        hub.rows("SELECT pg_advisory_xact_lock(hashtextextended('memorybank:team', 0))")
        error = one.sync(status=7)["error"]
        assert error["code"] == "hub-lost"
    settle_all(one, two)
    assert two.read("patterns.md").count("- From one\n") == 1


def test_to_another_machine_it_is_encrypted_or_refused(tmp_path: Path, made: MadeHub) -> None:
    address = own_address()
    with scratch_cluster() as cluster:
        port = listen(cluster, address)
        cluster.ask("CREATE DATABASE away")
        machine = Machine(tmp_path / "one", made, "alice")
        url = f"postgresql://postgres@{address}:{port}/away"
        assert refused(machine, url)["code"] == "hub-tls"
        machine.env["MEMORYBANK_POSTGRES_URL"] = f"{url}?sslmode=disable"
        machine.run("sync", "init")
        make_certificate(cluster)
        cluster.stop()
        cluster.start()
        machine.env["MEMORYBANK_POSTGRES_URL"] = url
        machine.run("sync")
        (row,) = cluster.ask("SELECT bool_or(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)", "away")
        assert row == (False,)  # this one; the machine's has ended
        assert refused(machine, f"{url}?sslmode=verify-full")["code"] == "hub-tls"


def own_address() -> str:
    """Return an address of this machine that is not the loopback's."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            pytest.skip("this machine has no network")
        found = str(probe.getsockname()[0])
    if found.startswith("127."):
        pytest.skip("this machine has no network")
    return found


def listen(cluster: Cluster, address: str) -> int:
    with socket.create_server((address, 0)) as probe:
        port = int(probe.getsockname()[1])
    with (cluster.data / "postgresql.auto.conf").open("a") as settings:
        settings.write(f"listen_addresses = '{address}'\nport = {port}\n")
    with (cluster.data / "pg_hba.conf").open("a") as rules:
        rules.write("host all all all trust\n")
    cluster.stop()
    # the socket has the port in its name
    (cluster.data / "postgresql.auto.conf").open("a").close()
    cluster.start()
    cluster.url = lambda database="postgres", *, user="postgres": (  # type: ignore[method-assign]  # with the port
        f"postgresql://{user}@/{database}?host={cluster.folder}&port={port}"
    )
    return port


def make_certificate(cluster: Cluster) -> None:
    words = ("openssl", "req", "-new", "-x509", "-days", "2", "-nodes", "-subj", "/CN=hub", "-out", "server.crt")
    done = subprocess.run((*words, "-keyout", "server.key"), cwd=cluster.data, capture_output=True, check=False)
    if done.returncode:
        pytest.skip("needs openssl")
    owner = cluster.data.stat()
    for name in ("server.crt", "server.key"):
        os.chown(cluster.data / name, owner.st_uid, owner.st_gid)
        (cluster.data / name).chmod(0o600)
    with (cluster.data / "postgresql.auto.conf").open("a") as settings:
        settings.write("ssl = on\n")


# --- the addresses of a file of settings


def test_a_file_of_settings_may_not_name_files_or_passwords(pair: Pair) -> None:
    one, _ = pair
    del one.env["MEMORYBANK_POSTGRES_URL"]
    settings = one.folder / "bank.toml"
    before = settings.read_text()
    for url in (
        f"postgresql://alice:{PASSWORD}@/x?host=/run",
        "postgresql://alice@/x?sslkeylogfile=/tmp/keys",
        "postgresql://alice@/x?passfile=pgpass",
        "postgresql://alice@/x?options=-csearch_path%3Dx",
    ):
        settings.write_text(f'{before}\n[sync]\npostgres_url = "{url}"\n')
        error = json.loads(one.run("sync", "--json", status=8).stdout)["error"]
        assert error["code"] == "hub-address"
        assert PASSWORD not in json.dumps(error)


def test_an_address_shows_no_password() -> None:
    address = Address(f"postgresql://ann:{PASSWORD}@db/x", "environment", "team", "demo")
    assert PASSWORD not in repr(address)
    assert PASSWORD not in f"{address}"


# --- by itself


def by_itself(machine: Machine, *, trusted: bool) -> str:
    """Let the settings of the bank name the hub; return its address."""
    url = machine.env.pop("MEMORYBANK_POSTGRES_URL")
    machine.run("config", "set", "sync.postgres_url", url)
    machine.run("config", "set", "sync.enabled", "true")
    if trusted:
        machine.run("sync")
    return url


def test_a_command_syncs_after_its_answer_when_the_interval_has_passed(pair: Pair) -> None:
    one, two = pair
    for machine in pair:
        by_itself(machine, trusted=True)
    two.run("note", "From two", "--as", "gotcha")
    shown = one.run("note", "From one", "--as", "standard")
    assert "synced: 1 pulled, 1 pushed" in shown.stderr
    assert "From two" in one.read("patterns.md")
    two.run("note", "Another one", "--as", "gotcha")
    two.sync()
    assert one.run("load").stderr == ""  # the interval has not passed
    one.env["MEMORYBANK_SYNC_INTERVAL"] = "1"
    time.sleep(1.1)
    assert "synced: 1 pulled" in one.run("load").stderr
    settle_all(one, two)


def test_a_call_of_an_agents_tool_syncs_and_does_not_wait(pair: Pair) -> None:
    one, two = pair
    one.env["MEMORYBANK_SYNC_INTERVAL"] = "60"
    two.run("note", "From two", "--as", "gotcha")
    two.sync()
    words = [*MODULE, "mcp"]
    pipe = subprocess.PIPE
    server = subprocess.Popen(words, cwd=one.project, env=environment(**one.env), stdin=pipe, stdout=pipe)
    about = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "codex", "version": "1"}}
    note = {"name": "bank_note", "arguments": {"text": "From an agent", "kind": "standard"}}
    out, _ = server.communicate(request(1, "initialize", **about) + request(2, "tools/call", **note), timeout=60)
    answer = json.loads(out.splitlines()[-1])["result"]
    assert not answer["isError"], answer
    limit = time.monotonic() + 60
    # the process outlives the server
    while "From two" not in one.read("patterns.md"):
        assert time.monotonic() < limit
        time.sleep(0.1)
    while not two.sync()["pulled"]:
        assert time.monotonic() < limit
    assert "From an agent" in two.read("patterns.md")
    settle_all(one, two)


def test_the_environment_alone_is_enough(pair: Pair) -> None:
    one, two = pair
    one.env["MEMORYBANK_SYNC_INTERVAL"] = "60"
    one.run("note", "From one", "--as", "gotcha")
    two.sync()
    assert "From one" in two.read("patterns.md")


def test_an_address_that_came_with_the_repository_is_not_used_before_somebody_asked(pair: Pair) -> None:
    one, two = pair
    by_itself(one, trusted=False)
    shown = one.run("note", "From one", "--as", "gotcha")
    assert "bank sync uses it" in shown.stderr
    two.sync()
    assert "From one" not in two.read("patterns.md")
    one.run("sync")
    two.sync()
    assert "From one" in two.read("patterns.md")


def test_a_hub_that_is_down_fails_no_write_and_costs_one_line(pair: Pair) -> None:
    one, two = pair
    by_itself(one, trusted=True)
    (one.folder / ".state/sync/tried").unlink(missing_ok=True)
    one.hub.cluster.stop(signal.SIGQUIT)
    began = time.monotonic()
    shown = one.run("note", "Offline", "--as", "gotcha")
    assert time.monotonic() - began < 6
    assert shown.stderr.count("not synced: ") == 1
    assert "- Offline" in one.read("patterns.md")
    assert one.run("note", "Offline, too", "--as", "gotcha").stderr == ""
    status = json.loads(one.run("sync", "status", "--json").stdout)
    assert (status["to_push_count"], bool(status["problem"])) == (None, True)
    one.hub.cluster.start()
    settle_all(one, two)
    assert "- Offline\n" in two.read("patterns.md")


def test_two_syncs_of_a_bank_at_once_do_not_meet(pair: Pair) -> None:
    from memorybank.files.lock import lock

    one, _ = pair
    with lock(one.folder / ".state/sync/lock"):
        error = json.loads(one.run("sync", "--timeout", "0.2", "--json", status=6).stdout)["error"]
        one.env["MEMORYBANK_SYNC_INTERVAL"] = "1"
        (one.folder / ".state/sync/tried").unlink(missing_ok=True)
        assert one.run("note", "Meanwhile", "--as", "gotcha").stderr == ""
    assert error["code"] == "locked"


@pytest.mark.parametrize("words", [("hook", "SessionStart"), ("config", "list"), ("note", "x", "--dry-run")])
def test_what_must_not_wait_does_not_sync(pair: Pair, words: tuple[str, ...]) -> None:
    one, two = pair
    one.env["MEMORYBANK_SYNC_INTERVAL"] = "1"
    two.run("note", "From two", "--as", "gotcha")
    two.sync()
    one.run(*words)
    assert "From two" not in one.read("patterns.md")


def test_without_a_hub_nothing_of_it_is_loaded(pair: Pair) -> None:
    one, _ = pair
    env = {key: value for key, value in one.env.items() if key != "MEMORYBANK_POSTGRES_URL"}
    script = (
        "import sys; from memorybank.cli.main import run; run(['note', 'A line']);"
        "sys.exit(any(each.startswith(('psycopg', 'memorybank.team')) for each in sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=one.project, env=environment(**env), capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
