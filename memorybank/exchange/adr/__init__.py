"""Import of architecture decision records."""
