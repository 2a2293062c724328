"""An install that would put a user's file at risk is refused, and then none of the files is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from memorybank.agents.install import write_all
from memorybank.agents.install.change import ClientFileError
from memorybank.agents.install.clients import CLIENTS
from memorybank.agents.install.write_all import install, uninstall
from memorybank.errors import BankError
from memorybank.files.write import publish
from tests.agents.install_zoo import Setup, setup

if TYPE_CHECKING:
    from pathlib import Path

FOREIGN = b'{"mcpServers": {"bank": {"command": "money", "args": ["mcp"]}}}\n'


def refused(made: Setup, name: str) -> BankError:
    """Install, and show that it was refused without writing a file."""
    before = made.files()
    with pytest.raises(BankError) as error:
        install(CLIENTS[name], made.request, made.bank_home)
    assert made.files() == before
    return error.value


@pytest.mark.parametrize(
    ("name", "file", "data"),
    [
        ("claude-code", ".mcp.json", b'{"mcpServers": {"x": }}'),
        ("claude-code", ".mcp.json", b'{"a": 1, "a": 2}'),
        ("claude-code", ".mcp.json", b'{"mcpServers": []}'),
        ("claude-code", ".mcp.json", b"[]"),
        ("claude-code", ".mcp.json", b'{"a": "\xff"}'),
        ("claude-code", ".mcp.json", b"[" * 100_000),
        ("claude-code", ".claude/settings.json", b'{"permissions": {"allow": "all"}}'),
        ("claude-code", ".claude/settings.json", b'{"permissions": 1} {"x": 1}'),
        ("claude-code", "CLAUDE.md", b"<!-- memorybank:begin -->\nno end\n"),
        ("claude-code", "CLAUDE.md", b"<!-- memorybank:end -->\n<!-- memorybank:begin -->\n"),
        ("codex", ".codex/config.toml", b"[mcp_servers\n"),
        ("codex", ".codex/config.toml", b"mcp_servers = {x = {command = 'y'}}\n"),
        ("codex", ".codex/config.toml", b"mcp_servers = 3\n"),
        ("codex", ".codex/hooks.json", b"/* no end"),
        ("opencode", "opencode.json", b'{"mcp": {"bank": {"type": "remote"}}}'),
    ],
)
def test_a_file_that_cannot_be_changed_safely(tmp_path: Path, name: str, file: str, data: bytes) -> None:
    made = setup(tmp_path, "project")
    path = made.request.machine.project / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    assert path.name in str(refused(made, name))


def test_an_invalid_file_is_named_with_what_to_add_by_hand(tmp_path: Path) -> None:
    made = setup(tmp_path, "project")
    (made.request.machine.project / ".mcp.json").write_bytes(b'{\n  "mcpServers": {,}\n}\n')
    said = str(refused(made, "claude-code"))
    assert "line 2, column 18" in said
    assert '"command": "bank"' in said


def test_another_server_of_our_name_is_left_and_replaced_only_by_force(tmp_path: Path) -> None:
    made = setup(tmp_path, "project")
    file = made.request.machine.project / ".mcp.json"
    file.write_bytes(FOREIGN)
    error = refused(made, "claude-code")
    assert isinstance(error, ClientFileError)
    assert '-{"mcpServers": {"bank": {"command": "money"' in str(error.details["diff"])
    assert b"money" in (file.read_bytes())
    uninstall(CLIENTS["claude-code"], made.request, made.bank_home)
    assert file.read_bytes() == FOREIGN
    install(CLIENTS["claude-code"], made.request, made.bank_home, force=True)
    assert b"money" not in file.read_bytes()
    uninstall(CLIENTS["claude-code"], made.request, made.bank_home)
    assert file.read_bytes() == FOREIGN


def test_a_skill_that_the_user_edited_is_left(tmp_path: Path) -> None:
    made = setup(tmp_path, "project")
    install(CLIENTS["codex"], made.request, made.bank_home)
    skill = made.request.machine.project / ".agents" / "skills" / "session-memory" / "SKILL.md"
    skill.write_bytes(skill.read_bytes() + b"\nMy own rule.\n")
    assert "-My own rule." in str(refused(made, "codex").details["diff"])
    left = uninstall(CLIENTS["codex"], made.request, made.bank_home)
    assert [each.path for each in left.files if each.outcome == "left"] == [skill]
    assert b"My own rule." in skill.read_bytes()
    uninstall(CLIENTS["codex"], made.request, made.bank_home, force=True)
    assert list(made.request.machine.project.rglob("*")) == []


def test_another_skill_of_our_name_is_left(tmp_path: Path) -> None:
    made = setup(tmp_path, "project")
    skill = made.request.machine.project / ".agents" / "skills" / "session-memory" / "SKILL.md"
    skill.parent.mkdir(parents=True)
    skill.write_bytes(b"---\nname: session-memory\ndescription: Another tool's.\n---\n")
    refused(made, "codex")


def test_a_link_that_leads_out_of_the_project_is_refused(tmp_path: Path) -> None:
    made = setup(tmp_path, "project")
    outside = tmp_path / "outside.json"
    outside.write_bytes(b"{}\n")
    (made.request.machine.project / ".mcp.json").symlink_to(outside)
    refused(made, "claude-code")
    assert outside.read_bytes() == b"{}\n"


def test_a_link_in_the_home_folder_is_followed_and_stays_a_link(tmp_path: Path) -> None:
    made = setup(tmp_path, "user")
    kept = tmp_path / "dotfiles" / "claude.json"
    kept.parent.mkdir()
    kept.write_bytes(b'{"theme": "dark"}\n')
    link = made.request.machine.home / ".claude.json"
    link.symlink_to(kept)
    install(CLIENTS["claude-code"], made.request, made.bank_home)
    assert b"mcpServers" in kept.read_bytes()
    uninstall(CLIENTS["claude-code"], made.request, made.bank_home)
    assert (link.is_symlink(), kept.read_bytes()) == (True, b'{"theme": "dark"}\n')


def test_a_link_that_leads_nowhere_or_to_itself_is_refused(tmp_path: Path) -> None:
    made = setup(tmp_path, "project")
    file = made.request.machine.project / ".mcp.json"
    file.symlink_to(file)
    refused(made, "claude-code")


def test_a_folder_in_the_place_of_a_file_is_refused(tmp_path: Path) -> None:
    made = setup(tmp_path, "project")
    (made.request.machine.project / "CLAUDE.md").mkdir()
    refused(made, "claude-code")


def test_a_write_that_fails_takes_back_those_before_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = setup(tmp_path, "project")
    (made.request.machine.project / "CLAUDE.md").write_bytes(b"# Mine\n")

    def full(path: Path, *, base: bytes | None, new: bytes) -> None:
        if path.name == "CLAUDE.md":
            raise OSError(28, "No space left on device")
        publish(path, base=base, new=new)

    monkeypatch.setattr(write_all, "publish", full)
    before = made.files()
    with pytest.raises(OSError, match="No space"):
        install(CLIENTS["claude-code"], made.request, made.bank_home)
    monkeypatch.undo()
    assert made.files() == before
    assert install(CLIENTS["claude-code"], made.request, made.bank_home).changed
    uninstall(CLIENTS["claude-code"], made.request, made.bank_home)
    assert made.files() == before
