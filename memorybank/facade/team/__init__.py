"""Team work: merges, exchange with others, and keeping the memory in order."""
