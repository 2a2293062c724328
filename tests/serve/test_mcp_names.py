"""The tools that texts name are tools of the server: in the skills, the docs, the README and the instructions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from memorybank.serve.mcp.instructions import instructions
from memorybank.serve.mcp.tools.listed import every_tool, table
from tests.running import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# a name of a tool stands in marks of code, with its prefix in some clients; `bank_folder` and the like are fields
NAME = re.compile(r"(?:mcp__\w*?__|bank_bank__)?\b(bank_[a-z_]+)\b")
FIELDS = {"bank_folder"}


def texts() -> Iterator[Path]:
    yield from sorted((ROOT / "templates").rglob("*.md"))
    yield from sorted((ROOT / "docs").glob("*.md"))
    yield ROOT / "README.md"


def names_in(text: str) -> set[str]:
    """Return the names of tools in a text; `bank_` before `*` or `…` is none."""
    return {each.group(1) for each in NAME.finditer(text)} - FIELDS


def test_every_tool_that_a_text_names_exists() -> None:
    named = {str(path.relative_to(ROOT)): names_in(path.read_text(encoding="utf-8")) for path in texts()}
    unknown = {path: sorted(names - set(table())) for path, names in named.items()}
    assert not {path: names for path, names in unknown.items() if names}
    # the texts that teach the tools name them
    assert named["docs/mcp.md"] == set(table())
    assert "bank_prove" in named["templates/skills/session-memory/SKILL.md"]


def test_the_instructions_and_the_descriptions_name_only_tools_that_exist() -> None:
    for tools in ("core", "all"):
        assert names_in(instructions(tools)) <= set(table())
    for tool in every_tool():
        parameters = tool["inputSchema"]["properties"].values()
        said = " ".join([tool["description"], *(each.get("description", "") for each in parameters)])
        assert names_in(said) <= set(table()), tool["name"]
    # core's instructions name nothing that core does not offer
    core = {name for name, tool in table().items() if tool["call"]["core"]}
    assert names_in(instructions("core")) <= core
