"""Corrections for a session: the best within a budget, those for a query, and how often the same was said."""
