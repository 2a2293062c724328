"""A bank as a whole: create, migrate, list known banks; also its items and the text that a file lost."""
