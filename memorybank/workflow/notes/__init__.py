"""Notes that agents hand in, until they are applied."""
