"""The promotion ladder, and what is ripe for it."""
