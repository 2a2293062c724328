"""Commands of team work."""
