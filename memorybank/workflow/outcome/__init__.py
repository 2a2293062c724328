"""The outcome of a session or a group of sessions."""
