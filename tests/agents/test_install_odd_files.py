"""Files that are read-only, links, huge, or saved by their client during an install."""

from __future__ import annotations

import json
import os
import sys
import time
from typing import TYPE_CHECKING

import pytest

from memorybank.agents.install.clients import CLIENTS
from memorybank.agents.install.installed_record import record_path
from memorybank.agents.install.write_all import install, uninstall
from memorybank.errors import BankError, StaleEditError
from memorybank.files.lock import before_locking
from tests.agents.install_zoo import WAYS, put_users_files, setup
from tests.faults.test_machine import obey_modes, under
from tests.running import FULL

if TYPE_CHECKING:
    from pathlib import Path

    from tests.agents.install_zoo import Setup

# bytes of a client's file that has grown
LARGE = 10_000_000 if FULL else 2_000_000
# seconds of CPU for each MB of it; reading it all in Python took ten times as long
SECONDS = 1.0


@pytest.mark.skipif(os.name != "posix" or (os.geteuid() == 0 and sys.platform != "linux"), reason="the superuser")
@pytest.mark.parametrize("what", ["settings.json", ""])
def test_a_read_only_file_or_folder_is_named_and_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    project = tmp_path / "project"
    settings = project / ".gemini" / "settings.json"
    settings.parent.mkdir(parents=True)
    settings.write_bytes(b'{"ui": {"theme": "x"}}\n')
    monkeypatch.setenv("HOME", str(tmp_path))
    place = settings.parent / what

    def refused(action: str) -> None:
        before = {each: each.read_bytes() for each in project.rglob("*") if each.is_file()}
        mode = place.stat().st_mode
        place.chmod(mode & 0o7555)
        done = under(obey_modes, project, action, "gemini")
        place.chmod(mode)
        assert (done.returncode, str(settings) in done.stderr) == (7, True), done.stderr
        assert {each: each.read_bytes() for each in project.rglob("*") if each.is_file()} == before

    refused("install")
    assert under(obey_modes, project, "install", "gemini").returncode == 0
    refused("uninstall")
    assert under(obey_modes, project, "uninstall", "gemini").returncode == 0
    assert [each for each in project.rglob("*") if each.is_file()] == [settings]
    assert settings.read_bytes() == b'{"ui": {"theme": "x"}}\n'


@pytest.mark.parametrize("data", [b'{"a": 1}\n', None])
@pytest.mark.parametrize("scope", ["project", "user"])
def test_a_link_stays_a_link_and_its_target_is_changed_and_restored(
    tmp_path: Path, scope: str, data: bytes | None
) -> None:
    """As managers of dotfiles have it; the target may not be there yet."""
    made = setup(tmp_path, scope)
    machine = made.request.machine
    link = machine.home / ".claude.json" if scope == "user" else machine.project / ".mcp.json"
    # in a project the target must be in it
    target = (tmp_path / "dotfiles" if scope == "user" else machine.project / "settings") / "servers.json"
    if data is not None:
        target.parent.mkdir()
        target.write_bytes(data)
    link.symlink_to(target)
    install(CLIENTS["claude-code"], made.request, made.bank_home)
    assert (link.is_symlink(), b'"bank"' in target.read_bytes()) == (True, True)
    uninstall(CLIENTS["claude-code"], made.request, made.bank_home)
    assert (link.is_symlink(), target.exists()) == (True, data is not None)
    assert data is None or target.read_bytes() == data
    assert target.parent.is_dir() == (data is not None)


@pytest.mark.parametrize("file", [".mcp.json", ".claude"])
def test_a_link_out_of_the_project_is_refused_in_the_words_of_an_install(tmp_path: Path, file: str) -> None:
    made = setup(tmp_path, "project")
    (tmp_path / "elsewhere").mkdir()
    (made.request.machine.project / file).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(BankError, match=f"it is a link out of the project, to {tmp_path}/elsewhere") as error:
        install(CLIENTS["claude-code"], made.request, made.bank_home)
    assert error.value.hint.startswith("ls -l ")
    assert list((tmp_path / "elsewhere").iterdir()) == []


@pytest.mark.parametrize(("name", "scope"), WAYS)
def test_an_uninstall_of_what_is_not_installed_changes_nothing(tmp_path: Path, name: str, scope: str) -> None:
    for case in ("empty", "no value", "comments"):
        made = setup(tmp_path / case, scope)
        put_users_files(CLIENTS[name], made.request, case)
        before = made.files()
        assert not uninstall(CLIENTS[name], made.request, made.bank_home).changed
        assert made.files() == before


def test_a_file_of_many_megabytes_is_read_at_once(tmp_path: Path) -> None:
    made = setup(tmp_path, "user")
    file = made.request.machine.home / ".claude.json"
    row = {"display": 'say "x"\n', "pasted": {}, "n": 1.5}
    projects = {f"/home/p{number}": {"history": [row] * 100} for number in range(LARGE // 9_000)}
    data = json.dumps({"projects": projects, "mcpServers": {"x": {"command": "y"}}}, indent=2).encode()
    file.write_bytes(data)
    began = time.process_time()
    install(CLIENTS["claude-code"], made.request, made.bank_home)
    assert time.process_time() - began < SECONDS * len(data) / 1e6
    assert json.loads(file.read_bytes())["mcpServers"].keys() == {"x", "bank"}
    uninstall(CLIENTS["claude-code"], made.request, made.bank_home)
    assert file.read_bytes() == data


class Client:
    """A client that saves its settings just before ours are written, `times` times."""

    def __init__(self, made: Setup, times: int) -> None:
        self.file = made.request.machine.home / ".claude.json"
        self.file.write_bytes(b'{"saved": 0}\n')
        self.saved, self.times = 0, times

    def __call__(self, path: str) -> None:
        if path.endswith("install.lock") and self.saved < self.times:
            self.saved += 1
            settings = {**json.loads(self.file.read_bytes()), "saved": self.saved}
            self.file.write_text(json.dumps(settings))


def test_what_a_client_saves_meanwhile_is_merged(tmp_path: Path) -> None:
    made = setup(tmp_path, "user")
    client = Client(made, 2)
    before_locking.append(client)
    try:
        install(CLIENTS["claude-code"], made.request, made.bank_home)
        settings = json.loads(client.file.read_bytes())
        assert (settings["saved"], "bank" in settings["mcpServers"]) == (2, True)
        client.times += 1
        uninstall(CLIENTS["claude-code"], made.request, made.bank_home)
    finally:
        before_locking.remove(client)
    assert json.loads(client.file.read_bytes()) == {"saved": 3}


def test_a_file_that_a_client_saves_all_the_time_is_left_and_the_command_named(tmp_path: Path) -> None:
    made = setup(tmp_path, "user")
    client = Client(made, 1000)
    before = {name for name in made.files() if not name.endswith(".claude.json")}
    before_locking.append(client)
    try:
        with pytest.raises(StaleEditError) as error:
            install(CLIENTS["claude-code"], made.request, made.bank_home)
    finally:
        before_locking.remove(client)
    assert error.value.hint == "bank install claude-code --scope user"
    assert json.loads(client.file.read_bytes()) == {"saved": client.saved}
    assert {name for name in made.files() if not name.endswith(".claude.json")} == before
    assert json.loads(record_path(made.bank_home).read_text())["files"] == {}
