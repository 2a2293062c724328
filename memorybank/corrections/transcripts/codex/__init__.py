"""The logs of Codex."""
