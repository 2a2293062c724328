"""Memories: save, change, link, tag, archive, and edit them in an editor."""
