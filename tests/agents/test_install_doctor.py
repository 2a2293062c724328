"""`bank doctor` tells when what was installed for a client does not work any more, and how to repair it."""

from __future__ import annotations

import json
import os
import shlex
import sys
from pathlib import Path

import pytest

from memorybank.agents.install.clients import CLIENTS
from memorybank.agents.install.inspect_installed import inspect_installed
from memorybank.agents.install.installed_record import read_record
from memorybank.agents.install.write_all import install, uninstall
from tests.agents.install_zoo import WAYS, Setup, setup
from tests.running import bank, make_bank

pytestmark = pytest.mark.skipif(os.name == "nt", reason="programs of Unix")


def installed(tmp_path: Path, name: str, scope: str) -> tuple[Setup, Path]:
    """Install with a program that is there, and on the PATH."""
    program = tmp_path / "venv" / "bin" / "bank"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    made = setup(tmp_path, scope, environ={"PATH": str(program.parent)})
    machine = made.request.machine._replace(program=(str(program),))
    made = made._replace(request=made.request._replace(machine=machine))
    install(CLIENTS[name], made.request, made.bank_home)
    return made, program


def fault(made: Setup, name: str) -> tuple[str, str] | None:
    return inspect_installed(CLIENTS[name], made.request, read_record(made.bank_home).files)


@pytest.mark.parametrize(("name", "scope"), WAYS)
def test_each_client_is_in_order_until_its_program_goes(tmp_path: Path, name: str, scope: str) -> None:
    made, program = installed(tmp_path, name, scope)
    assert fault(made, name) == ("", "")
    program.unlink()
    found = fault(made, name)
    assert found is not None
    if scope == "user":
        assert f"runs {program}, which is not there any more" in found[0]
        assert found[1] == f"bank install {name} --scope user"
    elif name not in {"cline", "windsurf"}:  # they have no server in a project
        assert "runs bank, which is not found on the PATH" in found[0]
        assert found[1] == f'export PATH={shlex.quote(str(program.parent))}:"$PATH"'
    uninstall(CLIENTS[name], made.request, made.bank_home)
    assert fault(made, name) is None


def test_a_program_that_is_not_executable_is_told(tmp_path: Path) -> None:
    made, program = installed(tmp_path, "codex", "user")
    program.chmod(0o644)
    assert "which is not executable" in str(fault(made, "codex"))


@pytest.mark.parametrize(("name", "scope"), [("claude-code", "project"), ("codex", "user"), ("opencode", "user")])
def test_a_hook_whose_script_or_python_is_gone_is_told(tmp_path: Path, name: str, scope: str) -> None:
    made, _ = installed(tmp_path, name, scope)
    for old, new in ((sys.executable, "/gone/bin/python"), ("/memorybank/serve/", "/gone/memorybank/serve/")):
        changed = {file: data for file, data in made.files().items() if data and old.encode() in data}
        assert changed
        for file, data in changed.items():
            (made.root / file).write_bytes(data.replace(old.encode(), new.encode()))
        (made.bank_home / ".state" / "installed.json").unlink(missing_ok=True)
        found = fault(made, name)
        assert found is not None
        assert new in found[0]
        assert found[1] == f"bank install {name} --scope {scope}"
        for file, data in changed.items():
            (made.root / file).write_bytes(data)


def test_a_skill_that_was_changed_or_removed_is_told_and_the_command_repairs_it(tmp_path: Path) -> None:
    made, _ = installed(tmp_path, "codex", "project")
    skill = made.request.machine.project / ".agents" / "skills" / "session-memory" / "SKILL.md"
    text = skill.read_bytes()
    skill.unlink()
    again = "bank install codex --scope project"
    assert fault(made, "codex") == (f"{skill} was removed since it was installed", again)
    install(CLIENTS["codex"], made.request, made.bank_home)
    assert fault(made, "codex") == ("", "")
    skill.write_bytes(text + b"\nMine.\n")
    assert fault(made, "codex") == (f"{skill} was changed since it was installed", f"{again} --force")
    install(CLIENTS["codex"], made.request, made.bank_home, force=True)
    assert (fault(made, "codex"), skill.read_bytes()) == (("", ""), text)


def test_an_entry_that_is_gone_or_a_file_that_is_damaged_is_told(tmp_path: Path) -> None:
    made, _ = installed(tmp_path, "cursor", "project")
    file = made.request.machine.project / ".cursor" / "mcp.json"
    file.write_bytes(b'{"mcpServers": {}}')
    assert "has no entry mcpServers.bank" in str(fault(made, "cursor"))
    file.write_bytes(b"{")
    assert "cannot be read: line 1" in str(fault(made, "cursor"))
    file.unlink()
    assert "was removed since" in str(fault(made, "cursor"))


def test_a_permission_that_the_user_removed_is_no_fault(tmp_path: Path) -> None:
    made, _ = installed(tmp_path, "claude-code", "project")
    settings = made.request.machine.project / ".claude" / "settings.json"
    settings.write_bytes(b'{"permissions": {"allow": []}}')
    assert fault(made, "claude-code") == ("", "")
    settings.unlink()
    assert fault(made, "claude-code") == ("", "")


def test_bank_doctor_exits_with_1_and_names_the_command(tmp_path: Path) -> None:
    home = tmp_path / "home"
    project = tmp_path / "project"
    home.mkdir()
    project.mkdir()
    make_bank(project)
    env = {"HOME": str(home), "MEMORYBANK_HOME": str(tmp_path / "banks"), "XDG_CONFIG_HOME": str(home / ".config")}
    assert bank(project, "install", "gemini", "--scope", "user", env=env).returncode == 0
    file = home / ".gemini" / "settings.json"
    assert "gemini user: in order" in bank(project, "doctor", env=env).stdout
    settings = json.loads(file.read_text())
    settings["mcpServers"]["bank"].update(command="/gone/bin/bank", args=["mcp"])
    file.write_text(json.dumps(settings))
    done = bank(project, "doctor", "--json", env=env)
    probes = {each["name"]: each for each in json.loads(done.stdout)["probes"]}
    assert done.returncode == 1
    assert "/gone/bin/bank, which is not there any more" in probes["gemini user"]["fault"]
    assert probes["gemini user"]["hint"] == "bank install gemini --scope user"
    assert bank(project, "install", "gemini", "--scope", "user", env=env).returncode == 0
    assert "gemini user: in order" in bank(project, "doctor", env=env).stdout


@pytest.mark.parametrize("number", [1, 2])
def test_a_test_has_a_home_of_its_own_without_the_installs_of_another(tmp_path: Path, number: int) -> None:
    make_bank(tmp_path)
    home = Path.home()
    assert (home.is_relative_to(tmp_path.parent.parent), list(home.iterdir()), number) == (True, [], number)
    assert " user: " not in bank(tmp_path, "doctor").stdout
    assert bank(tmp_path, "install", "codex", "--scope", "user").returncode == 0
    assert (home / ".codex" / "config.toml").is_file()
    assert "codex user: in order" in bank(tmp_path, "doctor").stdout


def test_a_hook_of_the_users_own_is_none_of_ours(tmp_path: Path) -> None:
    made, _ = installed(tmp_path, "claude-code", "project")
    file = made.request.machine.project / ".claude" / "settings.local.json"
    settings = json.loads(file.read_text())
    own = {"type": "command", "command": "python", "args": ["/gone/hook.py"]}
    settings["hooks"]["SessionStart"].append({"hooks": [own]})
    file.write_text(json.dumps(settings))
    assert fault(made, "claude-code") == ("", "")
