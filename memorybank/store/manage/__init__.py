"""A whole bank: made, migrated, known to this machine; its items and what a file lost."""
