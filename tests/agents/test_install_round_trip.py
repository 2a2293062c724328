"""What an install writes goes again, and no other byte of a user's files changes."""

from __future__ import annotations

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from memorybank.agents.install.clients import CLIENTS, pieces_of
from memorybank.agents.install.installed_record import record_path
from memorybank.agents.install.pieces import OwnFile
from memorybank.agents.install.rest import rest_of
from memorybank.agents.install.write_all import install, is_present, uninstall
from tests.agents.install_zoo import CASES, MARKDOWN, WAYS, put_users_files, setup
from tests.running import FULL

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from memorybank.agents.install.pieces import Piece


def cases_of(number: int) -> list[str]:
    """Give all cases in a full run, else one for each client, so that each is tried with some client."""
    return CASES if FULL else [CASES[number % len(CASES)]]


@pytest.mark.parametrize(("name", "scope"), WAYS)
def test_an_uninstall_restores_every_byte_and_a_second_install_changes_nothing(
    tmp_path: Path, name: str, scope: str
) -> None:
    client = CLIENTS[name]
    for case in cases_of(WAYS.index((name, scope))):
        made = setup(tmp_path / str(CASES.index(case)), scope)
        put_users_files(client, made.request, case)
        before = made.files()
        first = install(client, made.request, made.bank_home)
        assert first.changed
        assert is_present(client, made.request)
        after = made.files()
        assert [name for name, data in after.items() if name not in before and data and data[-1:] != b"\n"] == []
        again = install(client, made.request, made.bank_home)
        assert (again.changed, made.files()) == (False, after), case
        dry = uninstall(client, made.request, made.bank_home, dry_run=True)
        assert (dry.changed, made.files()) == (True, after), case
        uninstall(client, made.request, made.bank_home)
        assert made.files() == before, case
        assert not is_present(client, made.request)
        assert json.loads(record_path(made.bank_home).read_text())["files"] == {}


@pytest.mark.parametrize(("name", "scope"), WAYS)
def test_without_the_record_all_of_ours_goes_and_all_of_the_users_stays(tmp_path: Path, name: str, scope: str) -> None:
    client = CLIENTS[name]
    for case in cases_of(WAYS.index((name, scope)) + 3):
        made = setup(tmp_path / str(CASES.index(case)), scope)
        put_users_files(client, made.request, case)
        before = made.files()
        install(client, made.request, made.bank_home)
        # as in a checkout of somebody else's project, or on another machine
        shutil.rmtree(made.bank_home)
        assert uninstall(client, made.request, made.bank_home).changed
        assert not is_present(client, made.request)
        pieces = [each for each in pieces_of(client, made.request) if not isinstance(each, OwnFile)]
        for file, data in made.files().items():
            old = before.get(file)
            if data is None:
                continue
            if file.endswith((".json", ".jsonc")):
                mine = [each for each in pieces if (made.root / file) == each.file]
                assert rest_of(data.decode(), mine) == rest_of((old or b"").decode(), mine), (case, file)
                assert b"/opt/venv/bin/bank" not in data
            else:
                # whether the last line had an end is not known any more
                assert data.strip(b"\r\n") == (old or b"").strip(b"\r\n"), (case, file)
        assert {file for file, data in before.items() if _says_more(data or b"", file, pieces, made.root)} <= set(
            made.files()
        )


def _says_more(data: bytes, file: str, pieces: Sequence[Piece], root: Path) -> bool:
    """Tell if a file has more than what is ours: a rule that equals ours cannot be told from it."""
    if file.endswith((".json", ".jsonc")):
        return bool(rest_of(data.decode(), [each for each in pieces if root / file == each.file]))
    return bool(data.strip(b"\xef\xbb\xbf\r\n\t "))


@pytest.mark.parametrize("name", ["claude-code", "codex"])
def test_what_the_user_changed_since_stays_and_ours_goes(tmp_path: Path, name: str) -> None:
    client = CLIENTS[name]
    made = setup(tmp_path, "project")
    put_users_files(client, made.request, "servers")
    install(client, made.request, made.bank_home)
    pieces = pieces_of(client, made.request)
    rules = next(each.file for each in pieces if each.what == "rules")
    rules.write_bytes(b"A new first line.\n" + rules.read_bytes() + b"A new last line.\n")
    uninstall(client, made.request, made.bank_home)
    assert rules.read_bytes() == b"A new first line.\n" + MARKDOWN["servers"] + b"A new last line.\n"


def test_an_older_form_is_replaced_where_it_is_and_the_user_gets_the_original_back(tmp_path: Path) -> None:
    client = CLIENTS["claude-code"]
    made = setup(tmp_path, "user")
    put_users_files(client, made.request, "comments")
    before = made.files()
    older = made.request._replace(machine=made.request.machine._replace(program=("/old/bin/bank",)))
    install(client, older, made.bank_home)
    assert install(client, made.request, made.bank_home).changed
    files = made.files()
    assert not any(b"/old/bin/bank" in (data or b"") for data in files.values())
    uninstall(client, made.request, made.bank_home)
    assert made.files() == before


def test_an_older_skill_is_upgraded_also_without_the_record(tmp_path: Path) -> None:
    client = CLIENTS["codex"]
    made = setup(tmp_path, "project")
    install(client, made.request, made.bank_home)
    skill = made.request.machine.project / ".agents" / "skills" / "session-memory" / "SKILL.md"
    wanted = skill.read_bytes()
    skill.write_bytes(wanted.replace(b"\n# Session memory", b"\n# Memory of sessions"))
    shutil.rmtree(made.bank_home)
    install(client, made.request, made.bank_home)
    assert skill.read_bytes() == wanted


def test_what_two_clients_share_stays_until_the_last_goes(tmp_path: Path) -> None:
    made = setup(tmp_path, "project")
    for name in ("codex", "opencode"):
        install(CLIENTS[name], made.request, made.bank_home)
    project = made.request.machine.project
    left = uninstall(CLIENTS["codex"], made.request, made.bank_home)
    assert {"used by opencode too"} == {each.why for each in left.files if each.outcome == "left"}
    assert (project / ".agents" / "skills" / "session-memory" / "SKILL.md").is_file()
    assert b"memorybank:begin" in (project / "AGENTS.md").read_bytes()
    uninstall(CLIENTS["opencode"], made.request, made.bank_home)
    assert list(project.rglob("*")) == []


def test_a_folder_that_was_made_for_the_first_goes_with_the_last_that_is_in_it(tmp_path: Path) -> None:
    made = setup(tmp_path, "user")
    names = ("claude-desktop", "vscode", "opencode", "devin")
    for action in (install, uninstall):
        for name in names:
            action(CLIENTS[name], made.request, made.bank_home)
    assert list(made.request.machine.home.rglob("*")) == []


def test_copilot_gets_the_server_in_the_file_that_hides_its_own(tmp_path: Path) -> None:
    """Copilot reads `.mcp.json` alone where it is, also if it came after `.github/mcp.json`."""
    made = setup(tmp_path, "project")
    project = made.request.machine.project
    (project / ".mcp.json").write_bytes(b'{"mcpServers": {"other": {"command": "true"}}}')
    before = made.files()
    install(CLIENTS["copilot"], made.request, made.bank_home)
    servers = json.loads((project / ".mcp.json").read_text())["mcpServers"]
    assert servers["bank"] == {"type": "stdio", "command": "bank", "args": ["mcp"]}
    install(CLIENTS["claude-code"], made.request, made.bank_home)
    uninstall(CLIENTS["claude-code"], made.request, made.bank_home)
    assert "bank" in json.loads((project / ".mcp.json").read_text())["mcpServers"]
    uninstall(CLIENTS["copilot"], made.request, made.bank_home)
    assert made.files() == before


def test_the_users_own_permission_of_the_same_words_stays(tmp_path: Path) -> None:
    made = setup(tmp_path, "project")
    settings = made.request.machine.project / ".claude" / "settings.json"
    settings.parent.mkdir()
    settings.write_text('{"permissions": {"allow": ["Bash(bank load:*)"]}}\n')
    install(CLIENTS["claude-code"], made.request, made.bank_home)
    # the file is changed by others, so that the bytes cannot simply be restored
    settings.write_text(settings.read_text().replace('{"permissions"', '{"model": "x", "permissions"'))
    uninstall(CLIENTS["claude-code"], made.request, made.bank_home)
    assert json.loads(settings.read_text()) == {"model": "x", "permissions": {"allow": ["Bash(bank load:*)"]}}


def test_installs_and_uninstalls_at_once_that_share_a_skill(tmp_path: Path) -> None:
    made = setup(tmp_path, "project")
    names = ["claude-code", "gemini", "cursor"]
    with ThreadPoolExecutor(3) as pool:
        for each in [pool.submit(install, CLIENTS[name], made.request, made.bank_home) for name in names]:
            each.result()
        # none of them leaves the skill to the other that shares it
        for each in [pool.submit(uninstall, CLIENTS[name], made.request, made.bank_home) for name in names]:
            each.result()
    assert list(made.request.machine.project.rglob("*")) == []
