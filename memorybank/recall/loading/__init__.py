"""What a stage of the work loads within a budget, and the account of it."""
