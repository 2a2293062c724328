"""`bank install` and `bank uninstall` as a user runs them, and what an install allows an agent."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from memorybank import Bank
from memorybank.agents.install.texts import COMMANDS, READING, TOOLS, claude_permissions
from memorybank.agents.skill_files import command_files, skill_files, skill_names
from memorybank.cli import main
from tests.running import bank, make_bank

# they run other programs, or let others run: docs/work.md
ASKED = {"prove", "verify", "trust", "corrections"}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    made = tmp_path / "project"
    made.mkdir()
    make_bank(made)
    return made


def files(folder: Path) -> list[str]:
    return sorted(each.relative_to(folder).as_posix() for each in folder.rglob("*") if ".memorybank" not in each.parts)


def ran(folder: Path, *words: str) -> str:
    done = bank(folder, *words, env={"MEMORYBANK_HOME": str(Path.home().parent / "banks")})
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_dry_run_shows_the_diff_and_writes_nothing(project: Path) -> None:
    said = ran(project, "install", "claude-code", "--dry-run")
    assert '+      "command": "bank",' in said
    assert '+      "Bash(bank note:*)",' in said
    assert (files(project), list((project.parent / "banks").glob("*"))) == ([], [])


def test_a_project_gets_what_a_team_can_share(project: Path) -> None:
    below = project / "src"
    below.mkdir()
    ran(below, "install", "claude-code")
    assert json.loads((project / ".mcp.json").read_text()) == {
        "mcpServers": {"bank": {"type": "stdio", "command": "bank", "args": ["mcp"]}}
    }
    shared = [each for each in files(project) if (project / each).is_file() and "settings.local" not in each]
    for each in shared:
        assert str(Path(main.__file__).parents[2]) not in (project / each).read_text(), each
    assert "nothing to change" in ran(project, "install", "claude-code")
    assert "installed: project" in ran(project, "install", "--list")
    ran(project, "uninstall", "claude-code")
    assert files(project) == ["src"]


def test_a_user_gets_the_program_by_its_absolute_path(project: Path) -> None:
    ran(project, "install", "codex", "--scope", "user")
    home = project.parent / "home"
    line = next(each for each in (home / ".codex/config.toml").read_text().split("\n") if each.startswith("command"))
    program = Path(json.loads(line.removeprefix("command = ")))
    assert (program.is_absolute(), program.is_file()) == (True, True)
    assert files(project) == []
    ran(project, "uninstall", "codex", "--scope", "user")
    assert files(home) == []


def test_an_answer_in_json_names_each_file_with_its_diff(project: Path) -> None:
    answer = json.loads(ran(project, "install", "cursor", "--json"))
    assert {each["outcome"] for each in answer["files"]} == {"created"}
    server = next(each for each in answer["files"] if each["parts"] == ["server"])
    assert (Path(server["path"]), '+    "bank": {' in server["diff"]) == (project / ".cursor" / "mcp.json", True)
    assert server["diff"].split("\n")[1] == f"+++ b{server['path']}"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("copilot",), ["trusted_folders of ~/.copilot/config.json"]),
        (("gemini",), ["only in a folder that you trust"]),
        (("codex",), ["only in a folder that you trust", "type /hooks there"]),
        (("codex", "--scope", "user"), ["type /hooks there"]),
        (("codex", "--scope", "user", "--no-hooks"), []),
    ],
)
def test_what_a_client_asks_its_user_first_is_said(project: Path, words: tuple[str, ...], told: list[str]) -> None:
    done = bank(project, "install", *words, "--dry-run", env={"MEMORYBANK_HOME": str(project.parent / "banks")})
    notes = [each for each in done.stderr.splitlines() if each.startswith("note: ")]
    assert [text in note for text, note in zip(told, notes, strict=True)] == [True] * len(told)


def test_a_project_without_a_bank_is_told_how_to_make_one(project: Path) -> None:
    words, note = ("install", "gemini", "--dry-run"), "this project has no bank yet: bank init makes one"
    other = project.parent / "other"
    other.mkdir()
    assert note in bank(other, *words).stderr
    assert note not in bank(other, *words, "--scope", "user").stderr
    assert note not in bank(project, *words).stderr


def test_what_an_agent_may_do_is_shown_line_by_line_and_said(project: Path) -> None:
    settings = project / ".claude" / "settings.json"
    settings.parent.mkdir()
    settings.write_text('{\n  "permissions": {\n    "allow": ["Bash(npm test:*)"]\n  }\n}\n')
    done = bank(project, "install", "claude-code", env={"MEMORYBANK_HOME": str(project.parent / "banks")})
    added = [each for each in done.stdout.split("\n") if each.startswith('+      "Bash(bank ')]
    assert len(added) == len(COMMANDS) + len(READING)
    assert "without a question, but not prove, verify, trust and what accepts corrections" in done.stderr
    assert "settings.local.json has paths of this machine" in done.stderr
    # also where nobody knows what the install changed
    (project.parent / "banks" / ".state" / "installed.json").unlink()
    ran(project, "uninstall", "claude-code")
    assert settings.read_text() == '{\n  "permissions": {\n    "allow": ["Bash(npm test:*)"]\n  }\n}\n'


def test_the_rules_of_a_user_do_not_call_each_project_one_with_a_bank(project: Path) -> None:
    ran(project, "install", "codex", "--scope", "user")
    ran(project, "install", "codex")
    texts = [(folder / "AGENTS.md").read_text() for folder in (Path.home() / ".codex", project)]
    assert ["This project keeps" in each for each in texts] == [False, True]
    assert ["In a project that\nhas one" in each for each in texts] == [True, False]


def test_it_works_without_a_bank(tmp_path: Path, project: Path) -> None:
    folder = tmp_path / "plain"
    folder.mkdir()
    ran(folder, "install", "gemini")
    assert (folder / ".gemini" / "settings.json").is_file()
    ran(folder, "uninstall", "gemini")
    assert (files(folder), project.is_dir()) == ([], True)


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("install", "claude"), 5, "no client is called 'claude': claude-code, claude-desktop"),
        (("install", "claude-desktop"), 5, "bank install claude-desktop --scope user"),
        (("uninstall", "nobody"), 5, "bank install --list"),
        (("install", "codex", "--list"), 2, "--list takes no client"),
    ],
)
def test_what_cannot_be_done_is_refused_with_the_next_command(
    project: Path, words: tuple[str, ...], status: int, said: str
) -> None:
    done = bank(project, *words, env={"MEMORYBANK_HOME": str(project.parent / "banks")})
    assert (done.returncode, said in done.stderr) == (status, True), done.stderr
    assert files(project) == []


def test_python_has_the_same(project: Path) -> None:
    clients = Bank.open(project).clients
    result = clients.install("opencode", hooks=False)
    assert {each.outcome for each in result.files} == {"created"}
    assert [each.client for each in clients.list() if each.installed] == ["opencode"]
    clients.uninstall("opencode")
    assert files(project) == []


def test_the_commands_that_the_skills_teach_run_without_a_question() -> None:
    taught = [data for name in skill_names() for data in skill_files(name).values()]
    text = b"\n".join([*taught, *command_files().values()]).decode()
    named = {each for each in re.findall(r"\bbank ([a-z][a-z-]*)", text) if each in main.COMMANDS}
    assert {"note", "edit", "decide", "prove", "wrap-up"} <= named
    assert named - set(COMMANDS) <= ASKED
    assert not ASKED & set(COMMANDS)
    assert set(COMMANDS) <= set(main.COMMANDS)
    assert {f"Bash(bank {each}:*)" for each in named - ASKED} <= set(claude_permissions())
    assert {f"Bash(bank corrections {each}:*)" for each in ("load", "propose")} <= set(claude_permissions())
    # only the user decides what is kept of what the user said
    deciding = ("", " accept", " drop", " tier", " pin")
    assert not {f"Bash(bank corrections{each}:*)" for each in deciding} & set(claude_permissions())


def test_the_tools_that_are_there_by_default_run_without_a_question() -> None:
    table = json.loads((Path(main.__file__).parents[1] / "serve" / "mcp" / "tools" / "tools.json").read_text())
    core = [each["name"] for each in table if each["call"]["core"]]
    assert set(TOOLS) == set(core) - {"bank_prove"}
