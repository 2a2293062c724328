"""Edits of what has been opened: one section, or a whole file."""
