"""`bank corrections`: the group with all of its commands."""

from __future__ import annotations

from memorybank.cli.commands.corrections import deciding, listing
from memorybank.cli.commands.corrections.base import corrections_command

__all__ = ["corrections_command", "deciding", "listing"]
