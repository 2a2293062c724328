"""The skills of a project: listed, installed, and installed ones that its dependencies speak for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from memorybank.workflow.skills import skill_id
from tests.running import bank, make_bank

if TYPE_CHECKING:
    from pathlib import Path


def install(root: Path, name: str, about: str = "Helps.", folder: str = ".claude/skills") -> None:
    (root / folder / name).mkdir(parents=True)
    (root / folder / name / "SKILL.md").write_text(f"---\nname: {name}\ndescription: >\n  {about}\n---\n# {name}\n")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    make_bank(tmp_path / "app")
    return tmp_path / "app"


def listed(project: Path) -> list[dict[str, object]]:
    done = bank(project, "skills", "--json", env={"HOME": str(project.parent / "me")})
    assert done.returncode == 0, done.stderr
    value = json.loads(done.stdout)
    assert value["count"] == len(value["skills"])
    return list(value["skills"])


def test_listed_ones_come_first_then_those_that_a_dependency_speaks_for(project: Path) -> None:
    install(project, "writing")
    install(project, "react-best-practices", "Hooks and\n  effects.", ".agents/skills")
    install(project.parent / "me", "postgres-schema")
    (project / "package.json").write_text('{"dependencies": {"react": "^19"}}')
    for words in (["cc10x:research"], ["postgres-schema <!-- database -->"]):
        assert bank(project, "note", *words, "--as", "skill").returncode == 0
    found = listed(project)
    assert [skill["name"] for skill in found] == [
        "cc10x:research",
        "postgres-schema",
        "react-best-practices",
        "writing",
    ]
    assert [skill["place"] for skill in found] == [
        "",
        "~/.claude/skills/postgres-schema",
        ".agents/skills/react-best-practices",
        ".claude/skills/writing",
    ]
    assert [skill["is_listed"] for skill in found] == [True, True, False, False]
    assert found[2]["signal"] == "react"
    assert found[2]["description"] == "Hooks and effects."
    assert found[2]["command"] == "bank note 'react-best-practices <!-- react -->' --as skill"
    text = bank(project, "skills", env={"HOME": str(project.parent / "me")}).stdout
    assert "listed, not found" in text.split("\n")[0]
    assert "the project uses react: bank note 'react-best-practices <!-- react -->' --as skill" in text


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("pyproject.toml", '[project]\nname = "a"\nversion = "1"\ndependencies = ["fastapi[all]>=0.1"]\n'),
        ("pyproject.toml", '[project.optional-dependencies]\nweb = ["fastapi"]\n'),
        ("pyproject.toml", '[tool.poetry.dependencies]\nfastapi = "*"\n'),
        ("requirements.txt", "# web\nfastapi==0.1  # why\n"),
        ("package.json", '{"devDependencies": {"@acme/fastapi": "1"}}'),
        ("Cargo.toml", '[dependencies]\nfastapi = "1"\n'),
        ("go.mod", "module a\n\nrequire (\n\tgithub.com/acme/fastapi v1.0.0\n)\n"),
    ],
)
def test_the_manifests_that_people_have_are_read(project: Path, file: str, text: str) -> None:
    install(project, "fastapi-routes")
    (project / file).write_text(text)
    assert "fastapi" in str(listed(project)[0]["signal"])


@pytest.mark.parametrize("text", ["{", '{"dependencies": "react"}', "[1]", '{"dependencies": {"react": 1'])
def test_a_manifest_that_cannot_be_read_speaks_for_nothing(project: Path, text: str) -> None:
    install(project, "react-x")
    (project / "package.json").write_text(text)
    assert [skill["signal"] for skill in listed(project)] == [""]


def test_a_skill_is_listed_once_whatever_its_remark(project: Path) -> None:
    for text in ("react-x", "react-x <!-- react -->", "`react-x`", "react-x - for the page"):
        assert bank(project, "note", text, "--as", "skill").returncode == 0
    assert bank(project, "note", "a:react-x", "--as", "skill").returncode == 0
    assert [skill["name"] for skill in listed(project)] == ["react-x", "a:react-x"]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("a:b-c <!-- d -->", "a:b-c"),
        ("`x`", "x"),
        ("(none)", ""),
        ("@acme/skill", "@acme/skill"),
        ("x.", "x"),
        ("x, y", "x"),
    ],
)
def test_the_id_is_taken_as_it_is(text: str, name: str) -> None:
    assert skill_id(text) == name
