"""Notes queued by agents until they are applied."""
