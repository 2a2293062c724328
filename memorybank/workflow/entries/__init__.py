"""Decisions, learnings and bugs: a record each, with its line in the contract."""
