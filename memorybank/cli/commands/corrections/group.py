"""`bank corrections`: the group with all of its commands."""

from __future__ import annotations

from memorybank.cli.commands.corrections import accepting, deciding, labelling, listing, loading, mining, predicting
from memorybank.cli.commands.corrections.base import corrections_command

__all__ = ["accepting", "corrections_command", "deciding", "labelling", "listing", "loading", "mining", "predicting"]
