"""A model's API on this machine that answers from a script, for clients that run without a network."""
