"""The logs of Claude Code."""
