"""Parse the summaries that test runners print at the end of a run."""
