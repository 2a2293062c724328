"""The promotion ladder, and suggestions for it."""
