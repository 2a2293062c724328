"""Keeping the memory of a team in order: what was confirmed, the first days of a new member, the report."""
