"""What test runners print at the end of a run, read as counts."""
