"""Single lines of the memory files: where to add them, and how to find, compare and archive them."""
