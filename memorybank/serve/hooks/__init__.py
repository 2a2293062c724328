"""Hooks: what a client is answered at its events."""
