"""The commands for agents' programs."""
