"""Commands of sessions and groups."""
