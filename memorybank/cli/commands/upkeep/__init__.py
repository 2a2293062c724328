"""Commands of set-up and upkeep."""
