"""Read and write text files: read whole, written whole or not at all, one writer at a time."""
