"""One bank on disk: its files, settings, journal and the one door for writes."""
