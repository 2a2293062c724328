"""A scratch Postgres server for tests: a folder of its own, a unix socket, no TCP port, ended with the tests.

`python -m tests.team.cluster` prints the folder of the programs that would be used, or says that there are none.
With MEMORYBANK_CI_POSTGRES=1, which `.ci/run` sets, a test that lacks a server fails instead of being skipped.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from functools import cache
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

HOW = "install PostgreSQL (Debian: apt-get install postgresql; macOS: brew install postgresql) and psycopg[binary]"
PLACES = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql*/bin",
    "/usr/local/opt/postgresql*/bin",
    "/Applications/Postgres.app/Contents/Versions/*/bin",
)
# as small as a test needs; what is not on the disk after a power cut does not matter, after a kill it is
SETTINGS = ("fsync=off", "full_page_writes=off", "listen_addresses=", "shared_buffers=32MB", "max_connections=60")
_DATABASES = count(1)


class Cluster:
    """One server: its programs, its data, and its process, a child of this one."""

    def __init__(self, programs: Path, folder: Path, user: str | None) -> None:
        self.programs = programs
        self.folder = folder
        self.data = folder / "data"
        # a server does not run as root
        self._user = user
        self._process: subprocess.Popen[bytes] | None = None

    def url(self, database: str = "postgres", *, user: str = "postgres") -> str:
        """Return the URL of a database, for one of the server's roles; none of them has a password."""
        return f"postgresql://{user}@/{database}?host={self.folder}"

    def initialise(self) -> None:
        """Make the files of a new server, and write its settings."""
        words = ("-D", str(self.data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        with self._start_program("initdb", *words) as process:
            assert process.wait() == 0, self.log()
        lines = [each.replace("=", " = '", 1) + "'" for each in SETTINGS]
        lines += [f"unix_socket_directories = '{self.folder}'", "log_min_messages = 'error'"]
        (self.data / "postgresql.auto.conf").write_text("\n".join([*lines, ""]), encoding="utf-8")

    def start(self) -> None:
        """Start the server, and wait until it answers."""
        # what a killed server had started may end a moment after it: till then its memory is in use
        for wait in (0.1, 0.5, 2.0, 5.0):
            self._process = self._start_program("postgres", "-D", str(self.data))
            while self.runs:
                if self._is_ready():
                    return
                time.sleep(0.01)
            time.sleep(wait)
        raise AssertionError(f"the server does not start: {self.log()}")

    def stop(self, how: int = signal.SIGINT) -> None:
        """Stop the server: SIGINT ends connections in order, SIGQUIT as in a crash, SIGKILL in one blow."""
        assert self._process is not None
        self._process.send_signal(how)
        self._process.wait(60)

    def kill(self) -> None:
        """Kill the server's main process; its children end by themselves."""
        self.stop(signal.SIGKILL)

    @property
    def runs(self) -> bool:
        """Whether the server runs."""
        return self._process is not None and self._process.poll() is None

    def _is_ready(self) -> bool:
        state = self.data / "postmaster.pid"
        if self._process is None or not state.exists():
            return False
        lines = state.read_text(encoding="utf-8").split("\n")
        return lines[0] == str(self._process.pid) and lines[7:8] == ["ready   "]

    def log(self) -> str:
        """Return the end of what the server and its programs wrote."""
        return (self.folder / "log").read_text(encoding="utf-8", errors="replace")[-4000:]

    def ask(self, statement: str, database: str = "postgres", *, user: str = "postgres") -> list[tuple[object, ...]]:
        """Run one statement in a connection of its own, and return its rows."""
        import psycopg

        with psycopg.connect(self.url(database, user=user), autocommit=True) as connection:
            done = connection.execute(statement.encode())
            return done.fetchall() if done.description else []

    def make_database(self, template: str = "template1") -> str:
        """Make a database like another one that nobody is connected to, and return its name; empty by default."""
        name = f"db{next(_DATABASES)}"
        self.ask(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def make_role(self, name: str, options: str = "") -> str:
        """Make a role that may log in, unless it is there, and return its name; options are those of CREATE ROLE."""
        if not self.ask(f"SELECT 1 FROM pg_roles WHERE rolname = '{name}'"):
            self.ask(f"CREATE ROLE {name} LOGIN {options}")
        return name

    def _start_program(self, program: str, *words: str) -> subprocess.Popen[bytes]:
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(
                (str(self.programs / program), *words),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                user=self._user,
                env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"},
                start_new_session=True,  # Ctrl-C ends the tests, and they end the server
            )


@contextlib.contextmanager
def scratch_cluster() -> Iterator[Cluster]:
    """Give a running server, and remove it at the end."""
    programs = need_programs()
    user = _plain_user()
    folder = Path(tempfile.mkdtemp(prefix="bank-pg-", dir=_open_folder()))
    if user:
        shutil.chown(folder, user)
    cluster = Cluster(programs, folder, user)
    try:
        cluster.initialise()
        cluster.start()
        yield cluster
    finally:
        if cluster.runs:
            cluster.stop(signal.SIGQUIT)
        shutil.rmtree(folder, ignore_errors=True)


def need_programs() -> Path:
    """Return the folder of the server's programs; without one, or without psycopg, skip the test with the reason."""
    programs = find_programs()
    if programs is None:
        lacking(f"there is no PostgreSQL server on this machine: {HOW}")
    if find_spec("psycopg") is None:
        lacking(f"psycopg is not installed: {HOW}")
    return programs


def lacking(why: str) -> NoReturn:
    """Skip the test; where a server must be there, that is a failure."""
    if os.environ.get("MEMORYBANK_CI_POSTGRES"):
        pytest.fail(f"{why} (MEMORYBANK_CI_POSTGRES is set: it may not be missing)", pytrace=False)
    pytest.skip(why)


@cache
def find_programs() -> Path | None:
    """Return the folder with initdb, pg_ctl and postgres: the newest of the system, else that of a package of PyPI."""
    if os.name == "nt":  # no unix sockets, no users to change to
        return None
    found = [Path(each).resolve().parent for each in (shutil.which("initdb"), shutil.which("pg_ctl")) if each]
    pg_config = shutil.which("pg_config")
    if pg_config:
        asked = subprocess.run((pg_config, "--bindir"), capture_output=True, text=True, check=False)
        found.append(Path(asked.stdout.strip()))
    for place in PLACES:
        found += sorted(Path("/").glob(place.lstrip("/")), key=_version_of, reverse=True)
    wheel = find_spec("pgserver")
    if wheel is not None and wheel.origin is not None:
        found.append(Path(wheel.origin).parent / "pginstall" / "bin")
    return next((each for each in found if _is_complete(each)), None)


def _version_of(folder: Path) -> list[int]:
    return [int(each) for each in re.findall(r"\d+", str(folder))]


def _is_complete(folder: Path) -> bool:
    """Whether a folder has what a server needs, and the user that will run it can."""
    if not all((folder / name).is_file() for name in ("initdb", "pg_ctl", "postgres")):
        return False
    return _plain_user() is None or _is_open(folder)


def _is_open(folder: Path) -> bool:
    """Whether everybody may enter a folder and those above it."""
    return all(stat.S_IMODE(each.stat().st_mode) & stat.S_IXOTH for each in (folder, *folder.parents))


def _open_folder() -> str:
    """Return a folder for scratch files that everybody may enter; the path of a socket may not be long."""
    folder = Path(tempfile.gettempdir())
    return str(folder) if _is_open(folder) and len(str(folder)) < 30 else "/tmp"


@cache
def _plain_user() -> str | None:
    """Return who runs a server when root asks for one; nobody else may run it as another."""
    import pwd

    if os.name == "nt" or os.geteuid() != 0:
        return None
    names = {each.pw_name for each in pwd.getpwall()}
    return next((name for name in ("postgres", "nobody", "daemon") if name in names), None)


if __name__ == "__main__":
    place = find_programs()
    print(place or "no PostgreSQL server was found")
    sys.exit(place is None)
