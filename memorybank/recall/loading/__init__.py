"""Load the memory for a stage of work within a budget, and report what was chosen."""
