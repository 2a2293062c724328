"""The shipped skills: every file of the templates is listed, and the project's own copy is the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from memorybank.agents.skill_files import command_files, skill_files, skill_names
from memorybank.errors import NoFileError

ROOT = Path(__file__).parents[2]


def tree(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_each_folder_of_the_templates_is_a_skill() -> None:
    assert sorted(skill_names()) == sorted(path.name for path in (ROOT / "templates" / "skills").iterdir())


@pytest.mark.parametrize("name", skill_names())
def test_all_files_of_a_skill_are_returned_the_skill_first(name: str) -> None:
    found = skill_files(name)
    assert found == tree(ROOT / "templates" / "skills" / name)
    assert next(iter(found)) == "SKILL.md"


def test_the_project_has_the_shipped_skill() -> None:
    assert tree(ROOT / ".claude" / "skills" / "session-memory") == skill_files("session-memory")


def test_all_slash_commands_are_returned() -> None:
    assert command_files() == tree(ROOT / "templates" / "commands")


def test_an_unknown_skill_is_an_error_with_the_names() -> None:
    with pytest.raises(NoFileError, match="session-memory"):
        skill_files("../contracts")
