"""One bank on disk: its files, settings, journal, and `commit`, the only function that writes to it."""
