"""Decisions, learnings and bugs: one record each, with its line in the contract."""
