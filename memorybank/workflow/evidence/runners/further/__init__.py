"""Runners that are known by the one line, or block, with which they end."""
