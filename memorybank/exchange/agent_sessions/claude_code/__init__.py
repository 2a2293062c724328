"""The session logs of Claude Code: who speaks in a line, and their import as sessions."""
