"""Import the auto memory of Claude Code: `MEMORY.md` and the files it points to."""
