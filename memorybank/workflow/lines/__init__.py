"""Single lines of the memory files: where they go, how they are found, compared and archived."""
