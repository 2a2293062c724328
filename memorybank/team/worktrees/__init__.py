"""Banks of other worktrees: those that were left behind, and their files brought over through the merge."""
