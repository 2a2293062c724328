"""The tools: their table and the file made from it, and one call from its arguments to its answer."""
