"""The shipped skills, by the Agent Skills rules, and slash commands: files that teach an agent how to use a bank."""

from __future__ import annotations

from memorybank.contracts.load import template_bytes
from memorybank.errors import NoFileError

# written out, because the files of a package in a zip cannot be listed; the skill itself comes first
_FILES = {
    "session-memory": (
        "SKILL.md",
        "references/checkpoints.md",
        "references/safe-edits.md",
        "references/sub-agents.md",
        "references/what-goes-where.md",
        "references/when-to-read.md",
    ),
    "session-memory-reader": ("SKILL.md",),
}
_COMMANDS = ("bank.md", "bank/load.md", "bank/note.md", "bank/decide.md", "bank/wrap-up.md")


def skill_names() -> tuple[str, ...]:
    """Return the names of the shipped skills; a name is also that of the skill's folder."""
    return tuple(_FILES)


def skill_files(name: str) -> dict[str, bytes]:
    """Return the files of a skill, by their paths in its folder; `SKILL.md` comes first.

    Raises:
        NoFileError: no shipped skill has that name.
    """
    if name not in _FILES:
        raise NoFileError(path=name, near=skill_names(), hint="bank skills")
    return {path: template_bytes(f"skills/{name}/{path}") for path in _FILES[name]}


def command_files() -> dict[str, bytes]:
    """Return the slash commands: `bank.md` is `/bank`, and `bank/note.md` is `/bank:note`."""
    return {path: template_bytes(f"commands/{path}") for path in _COMMANDS}
