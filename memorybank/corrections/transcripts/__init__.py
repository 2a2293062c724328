"""Session logs as events: one reader for each client."""
