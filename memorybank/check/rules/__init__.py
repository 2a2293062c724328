"""The rules of `bank check`, by what they look at."""
