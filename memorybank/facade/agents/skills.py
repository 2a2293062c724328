"""The shipped skills, for programs that install or serve them."""

from __future__ import annotations

from memorybank.agents.skill_files import command_files, skill_files, skill_names

__all__ = ["command_files", "skill_files", "skill_names"]
