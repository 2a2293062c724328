"""Commands of work in progress."""
